"""A conversation as a user interface holds it: its messages, and the answer on its way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from ..core.errors import ErrorInfo, UsageError
from ..core.events import Event
from ..core.messages import Message, Part
from ..core.running.chat import Chat, WhenBusy
from ..core.running.run import Run
from .remote import Connection


class Session:
    """A chat over a connection.

    `on_chunk` is called with every event, `on_finish` with each answer that came to its proper end,
    `on_error` with each that failed or broke off. Further settings are those of `Chat`. Leave it
    with `dispose`, or use it as an async context.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        model: str = "",
        on_chunk: Callable[[Event], Any] | None = None,
        on_finish: Callable[[Message], Any] | None = None,
        on_error: Callable[[ErrorInfo], Any] | None = None,
        **settings: Any,
    ) -> None:
        self._connection = connection
        self._model = model
        self._settings = {"transport": connection.transport} | settings
        self._on_chunk = on_chunk
        self._on_finish = on_finish
        self._on_error = on_error
        self._is_disposed = False
        self._runs: list[Run] = []
        self._data: dict[str, Any] = {}  # of the last question
        self._chat = self._new(settings.get("messages", ()))

    @property
    def messages(self) -> list[Message]:
        """The messages so far; an answer is among them from its first moment."""
        return self._chat.messages

    @property
    def is_loading(self) -> bool:
        """Tell whether an answer is on its way, or a question waits."""
        return any(run.status is None for run in self._runs)

    @property
    def error(self) -> ErrorInfo | None:
        """The error of the last answer; None where it has none."""
        messages = self.messages
        return messages[-1].failure if messages else None

    async def send_message(
        self,
        content: str | Sequence[Part],
        data: dict[str, Any] | None = None,
        *,
        when_busy: WhenBusy = "queue",
    ) -> Message:
        """Ask, and return the whole answer. `data` goes to the other end with this question.

        Raises:
            UsageError: The session is disposed, or as `Chat.stream`.
        """
        self._check()
        with self._told(data or {}):
            run = self._chat.stream(content, when_busy=when_busy)
        if run.was_asked:
            self._data = data or {}
        return await self._read(run)

    async def reload(self) -> Message:
        """Ask the last question again, with its data; an answer on its way is ended first."""
        self._check()
        self.stop()
        for run in self._runs:
            await run.ended()
        with self._told(self._data):
            run = self._chat.retry()
        return await self._read(run)

    def stop(self) -> None:
        """End the answer that is on its way, and the questions behind it. Text that came stays."""
        for run in self._runs:
            run.cancel("stopped")

    def clear(self) -> None:
        """Begin anew. An answer on its way is ended."""
        self.stop()
        self._chat = self._new(())

    def dispose(self) -> None:
        """End everything; the session can only be read from then on."""
        self.stop()
        self._is_disposed = True

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.dispose()

    @contextmanager
    def _told(self, data: dict[str, Any]) -> Iterator[None]:
        """Send questions asked inside of this with `data`."""
        before = self._chat.options
        self._chat.options = replace(before, extra=before.extra | data)
        try:
            yield
        finally:
            self._chat.options = before

    async def _read(self, run: Run) -> Message:
        self._runs = [*(one for one in self._runs if one.status is None), run]
        async with run:
            return await run.result()

    def _new(self, messages: Sequence[Message]) -> Chat:
        settings = self._settings | {"messages": messages}
        chat = Chat(self._connection.endpoint, self._model, **settings)
        if self._on_chunk is not None:
            chat.on_chunk(self._on_chunk)
        if self._on_finish is not None:
            chat.on_finish(self._on_finish)
        if self._on_error is not None:
            chat.on_error(self._failed)
        return chat

    def _failed(self, message: Message) -> None:
        if self._on_error is not None and message.failure is not None:
            self._on_error(message.failure)

    def _check(self) -> None:
        if self._is_disposed:
            raise UsageError("this session was disposed; make a new one")
