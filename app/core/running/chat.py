"""A conversation: the object people use.

    chat = Chat(provider, "gpt-6-luna", instructions="Be brief.")
    async for event in chat.stream("Hi"): …
    message = await chat.ask("And now?", print, streaming=False)

Streaming and sync differ in one argument: the same run, the same events, the same message.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal
from uuid import uuid4

import msgspec

from ..errors import UsageError
from ..events import OUTPUT, Done, Event, ToolRunStart
from ..messages import Message, Part, Text, ToolCall, ToolResult, user
from ..options import Options
from ..tools.function_tool import Tool
from ..tools.toolbox import Toolbox
from ..wire import transport as transports
from ..wire.transport import Transport
from .buffering import StreamConfig
from .retries import Retries
from .run import Run
from .step import Deadlines, Endpoint
from .steps import Route

# The fate of a question that is asked while an answer is on its way.
WhenBusy = Literal["refuse", "queue", "drop", "interrupt"]


class Chat:
    """A conversation with one provider's model.

    `tools` are plain functions or what `tool` made of them. `fallbacks` are further providers with
    their models, asked in turn where one fails before its first output. `max_steps` bounds how
    often an answer may ask for tools. With `stream_config` answers are read ahead of their reader,
    without it at the reader's own pace. `messages` is what was said before: the conversation goes
    on from there. All else that is given may be changed between two questions.
    """

    def __init__(
        self,
        provider: Endpoint,
        model: str,
        *,
        tools: Sequence[Tool | Callable[..., Any]] | Toolbox = (),
        instructions: str = "",
        options: Options | None = None,
        transport: Transport | None = None,
        deadlines: Deadlines | None = None,
        retries: Retries | None = None,
        fallbacks: Sequence[tuple[Endpoint, str]] = (),
        max_steps: int = 10,
        stream_config: StreamConfig | None = None,
        messages: Sequence[Message] = (),
    ) -> None:
        self.provider = provider
        self.model = model
        self.instructions = instructions
        self.options = options or Options()
        self.transport = transport
        self.deadlines = deadlines or Deadlines()
        self.retries = retries or Retries()
        self.toolbox = tools if isinstance(tools, Toolbox) else Toolbox(tools)
        self.fallbacks = list(fallbacks)
        self.max_steps = max_steps
        self.stream_config = stream_config
        self._cache_key = uuid4().hex
        self._turns: list[Message | Run] = list(messages)
        self._callbacks: dict[str, list[Callable[..., Any]]] = {}

    @property
    def messages(self) -> list[Message]:
        """The conversation so far. An answer is in it from its first moment, as far as it came."""
        return _messages_of(self._turns)

    def stream(
        self,
        question: str | Sequence[Part],
        *,
        streaming: bool = True,
        when_busy: WhenBusy = "refuse",
    ) -> Run:
        """Ask; return the answer on its way. It starts when it is first read.

        A question is a text, or parts where it has images or files.

        While another answer is on its way, the question is refused, waits for its turn ("queue"),
        is not asked at all ("drop": the run that comes back is `aborted` and in no conversation),
        or ends that answer and all that wait for it ("interrupt"). Each question in a queue waits
        for those before it; a queued one that is cancelled before its turn is never asked.

        Raises:
            UsageError: An answer is still on its way, or nothing carries the request.
        """
        running = self._running()
        turns = [*self._turns, user(question)]
        if running and when_busy == "refuse":
            raise UsageError(
                "an answer is still on its way: read it to its end, cancel it, "
                'or say when_busy="queue", "drop" or "interrupt"'
            )
        if running and when_busy == "drop":
            dropped = self._run(turns, streaming, None)
            dropped.cancel("dropped")
            return dropped
        if when_busy == "interrupt":
            for run in running:
                run.cancel("interrupted")
        return self._start(turns, streaming, running[-1] if running else None)

    def retry(self, *, streaming: bool = True) -> Run:
        """Ask the last question again; the new answer replaces the last one.

        Raises:
            UsageError: Nothing was asked yet, an answer is still on its way, or nothing carries the
                request.
        """
        if self._running():
            raise UsageError("an answer is still on its way: read it to its end, or cancel it")
        turns = list(self._turns)
        while turns and (isinstance(turns[-1], Run) or turns[-1].role != "user"):
            turns.pop()
        if not turns:
            raise UsageError("there is no question to ask again")
        return self._start(turns, streaming, None)

    def go_on(self, *, streaming: bool = True) -> Run:
        """Have the conversation answered as it stands: it ends with a question, with the results of
        tools, or with an answer that its provider paused in.

        Raises:
            UsageError: It ends otherwise, an answer is still on its way, or nothing carries the
                request.
        """
        last = self._turns[-1] if self._turns else None
        if isinstance(last, Run) or last is None:
            raise UsageError("there is nothing to answer: ask something")
        if last.role not in ("user", "tool") and not last.is_paused:
            raise UsageError("there is nothing to answer: ask something")
        return self._start(list(self._turns), streaming, None)

    async def ask(
        self,
        question: str | Sequence[Part],
        on_event: Callable[[Event], Any] | None = None,
        *,
        streaming: bool = True,
        raises: bool = False,
        stream: bool | None = None,
    ) -> Message:
        """Ask, call `on_event` with each event, and return the whole answer. Raises as `stream`.

        A failure is not raised: it is in the message's `status` and `error`, beside what arrived.
        With `raises` it is, as `AnswerError`, whose `answer` is the message. `stream` is an older
        name of `streaming`.
        """
        run = self.stream(question, streaming=streaming if stream is None else stream)
        async for batch in run.batches():
            if on_event is not None:
                for event in batch:
                    on_event(event)
        return run.message.raise_for_error() if raises else run.message

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
        """Call back with each answer that failed or broke off; `failure` says how."""
        return self._on("error", callback)

    def on_tool_call(self, callback: Callable[[ToolCall], Any]) -> "Chat":
        """Call back with each call whose tool begins to run."""
        return self._on("tool_call", callback)

    def on_tool_result(self, callback: Callable[[ToolResult], Any]) -> "Chat":
        """Call back with each result, also where the tool failed."""
        return self._on("tool_result", callback)

    def _on(self, name: str, callback: Callable[..., Any]) -> "Chat":
        self._callbacks.setdefault(name, []).append(callback)
        return self

    def _call(self, name: str, *arguments: object) -> None:
        for callback in self._callbacks.get(name, ()):
            callback(*arguments)

    def _running(self) -> list[Run]:
        """The answers that have begun and not ended, or wait for one that has not."""
        return [turn for turn in self._turns if isinstance(turn, Run) and turn.is_running]

    def _start(self, turns: list[Message | Run], streaming: bool, previous: Run | None) -> Run:
        run = self._run(turns, streaming, previous)
        self._turns = [*turns, run]
        return run

    def _run(self, turns: list[Message | Run], streaming: bool, previous: Run | None) -> Run:
        carrier = self.transport or transports.default()
        asked = [(self.provider, self.model), *self.fallbacks]
        instructions = [Message("system", [Text(self.instructions)])] if self.instructions else []
        # Tools that are only defined are left to whoever asked.
        tools = [*self.options.tools, *self.toolbox.definitions]
        cache_key = self.options.cache_key or self._cache_key
        options = msgspec.structs.replace(self.options, tools=tools, cache_key=cache_key)
        return Run(
            [Route(endpoint, model, carrier) for endpoint, model in asked],
            # When it starts, not now: an answer before it may still be on its way.
            lambda: instructions + _messages_of(_asked(turns)),
            options=options,
            mode="streaming" if streaming else "sync",
            deadlines=self.deadlines,
            retries=self.retries,
            toolbox=self.toolbox,
            max_steps=self.max_steps,
            stream_config=self.stream_config,
            previous=previous,
            notify=self._notifier() if self._callbacks else None,
        )

    def _notifier(self) -> Callable[[Run, Event], None]:
        has_output = False

        def notify(run: Run, event: Event) -> None:
            nonlocal has_output
            if not has_output and isinstance(event, OUTPUT):
                has_output = True
                self._call("new_message")
            self._call("chunk", event)
            if isinstance(event, ToolRunStart):
                self._call("tool_call", _call_in(run.messages, event.call_id))
            elif isinstance(event, ToolResult):
                self._call("tool_result", event)
            if isinstance(event, Done):
                message = run.message
                self._call("end_message", message)
                if event.status == "complete":
                    self._call("finish", message)
                elif event.status in ("error", "incomplete"):
                    self._call("error", message)

        return notify


def _messages_of(turns: Sequence[Message | Run]) -> list[Message]:
    messages: list[Message] = []
    for turn in turns:
        if isinstance(turn, Run):
            messages += turn.messages or [turn.message]
        else:
            messages.append(turn)
    return messages


def _asked(turns: Sequence[Message | Run]) -> list[Message | Run]:
    """The turns without questions that were cancelled before their turn came."""
    unasked = {
        place
        for place, turn in enumerate(turns)
        if isinstance(turn, Run) and turn.status is not None and not turn.was_asked
    }
    return [
        turn
        for place, turn in enumerate(turns)
        # A run stands behind its question; that of a retry too.
        if place not in unasked and place + 1 not in unasked
    ]


def _call_in(messages: Sequence[Message], call_id: str) -> ToolCall:
    calls = (call for message in reversed(messages) for call in message.tool_calls)
    return next(call for call in calls if call.id == call_id)
