"""A conversation: the object people use.

    chat = Chat(provider, "gpt-5-mini", instructions="Be brief.")
    async for event in chat.stream("Hi"): …
    message = await chat.ask("And now?", print, stream=False)

Streaming and sync differ in one argument: the same run, the same events, the same message.
"""

from collections.abc import Callable
from typing import Any

from . import transport as transports
from .errors import UsageError
from .events import OUTPUT, Done, Event
from .messages import Message, Text, user
from .options import Options
from .run import Deadlines, Endpoint, Run
from .transport import Transport


class Chat:
    """A conversation with one provider's model.

    `provider`, `model`, `instructions` and `options` may be changed between two questions.
    """

    def __init__(
        self,
        provider: Endpoint,
        model: str,
        *,
        instructions: str = "",
        options: Options | None = None,
        transport: Transport | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.provider = provider
        self.model = model
        self.instructions = instructions
        self.options = options or Options()
        self.transport = transport
        self.deadlines = deadlines or Deadlines()
        self._turns: list[Message | Run] = []
        self._callbacks: dict[str, list[Callable[..., Any]]] = {}

    @property
    def messages(self) -> list[Message]:
        """The conversation so far. An answer is in it from its first moment, as far as it came."""
        return [turn.message if isinstance(turn, Run) else turn for turn in self._turns]

    def stream(self, text: str, *, streaming: bool = True) -> Run:
        """Ask; return the answer on its way. It starts when it is first read.

        Raises:
            UsageError: An answer is still on its way, or nothing carries the request.
        """
        self._require_idle()
        return self._start([*self._turns, user(text)], streaming)

    def retry(self, *, streaming: bool = True) -> Run:
        """Ask the last question again; the new answer replaces the last one. Raises as `stream`.

        Raises:
            UsageError: Nothing was asked yet.
        """
        self._require_idle()
        turns = list(self._turns)
        while turns and (isinstance(turns[-1], Run) or turns[-1].role != "user"):
            turns.pop()
        if not turns:
            raise UsageError("there is no question to ask again")
        return self._start(turns, streaming)

    async def ask(
        self, text: str, on_event: Callable[[Event], Any] | None = None, *, stream: bool = True
    ) -> Message:
        """Ask, call `on_event` with each event, and return the whole answer. Raises as `stream`.

        A failure is not raised: it is in the message's `status` and `error`, beside what arrived.
        """
        run = self.stream(text, streaming=stream)
        async for batch in run.batches():
            if on_event is not None:
                for event in batch:
                    on_event(event)
        return run.message

    def on_chunk(self, callback: Callable[[Event], Any]) -> "Chat":
        """Call back with every event."""
        return self._on("chunk", callback)

    def on_new_message(self, callback: Callable[[], Any]) -> "Chat":
        """Call back at the first output of an answer."""
        return self._on("new_message", callback)

    def on_end_message(self, callback: Callable[[Message], Any]) -> "Chat":
        """Call back with each answer at its end, however it ended."""
        return self._on("end_message", callback)

    def on_finish(self, callback: Callable[[Message], Any]) -> "Chat":
        """Call back with each answer that came to its proper end."""
        return self._on("finish", callback)

    def on_error(self, callback: Callable[[Message], Any]) -> "Chat":
        """Call back with each answer that failed; `error` says how."""
        return self._on("error", callback)

    def _on(self, name: str, callback: Callable[..., Any]) -> "Chat":
        self._callbacks.setdefault(name, []).append(callback)
        return self

    def _call(self, name: str, *arguments: object) -> None:
        for callback in self._callbacks.get(name, ()):
            callback(*arguments)

    def _require_idle(self) -> None:
        last = self._turns[-1] if self._turns else None
        if isinstance(last, Run) and last.is_running:
            raise UsageError("an answer is still on its way: read it to its end, or cancel it")

    def _start(self, turns: list[Message | Run], streaming: bool) -> Run:
        history = [turn.message if isinstance(turn, Run) else turn for turn in turns]
        if self.instructions:
            history.insert(0, Message("system", [Text(self.instructions)]))
        run = Run(
            self.provider,
            self.transport or transports.default(),
            history,
            model=self.model,
            options=self.options,
            mode="streaming" if streaming else "sync",
            deadlines=self.deadlines,
            notify=self._notifier() if self._callbacks else None,
        )
        self._turns = [*turns, run]
        return run

    def _notifier(self) -> Callable[[Event], None]:
        has_output = False

        def notify(event: Event) -> None:
            nonlocal has_output
            if not has_output and isinstance(event, OUTPUT):
                has_output = True
                self._call("new_message")
            self._call("chunk", event)
            if isinstance(event, Done):
                message = self.messages[-1]
                self._call("end_message", message)
                if event.status == "complete":
                    self._call("finish", message)
                elif event.status == "error":
                    self._call("error", message)

        return notify
