"""The events of a whole run -> its messages: an answer a step, and between them results of tools.

`Fold` makes one message of them; this makes what a conversation holds.
"""

from collections.abc import Iterable

from .events import (
    ApprovalRequest,
    Done,
    Event,
    Heartbeat,
    Retry,
    StepEnd,
    StepReset,
    StepStart,
    ToolRunStart,
    Warning,
)
from .fold import Fold
from .messages import Message, ToolResult
from .unanswered import unanswered

# Events that change nothing in a message.
_BESIDE = (Heartbeat, ApprovalRequest, Retry)
# Tools that run within a model call are the answering side's own, and of that call's answer.
_STRUCTURE = (StepStart, StepEnd, Done)
_AROUND_STEPS = (*_STRUCTURE, ToolRunStart, ToolResult)


class RunFold:
    """Folds a run's events. `begun` says who is asked: what a provider signed means nothing to
    another.
    """

    def __init__(self, begun: Message) -> None:
        self.has_ended = False
        self._begun = begun
        self._messages: list[Message] = []
        self._folds: list[Fold] = []
        self._fold: Fold | None = None  # of the step that is being taken
        self._is_in_step = False  # a model call is on its way
        self._running: list[str] = []  # ids of calls whose tool began

    def add(self, events: Iterable[Event]) -> None:
        """Take the next events, in order."""
        for event in events:
            if isinstance(event, _BESIDE):
                continue
            if self._fold is not None and not isinstance(
                event, _STRUCTURE if self._is_in_step else _AROUND_STEPS
            ):
                self._fold.add([event])
            else:
                self._add_structure(event)

    @property
    def messages(self) -> list[Message]:
        """The messages so far: objects that go on growing, not copies."""
        for fold in self._folds:
            _ = fold.message  # reading joins what came, in the object that is in the list
        return list(self._messages)

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's."""
        if self._fold is not None:
            return self._fold.message
        _ = self.messages
        return self._latest() or self._begun

    @property
    def begun_calls(self) -> set[str]:
        """The calls of this step whose tool began and has no result yet."""
        last = self._messages[-1] if self._messages else None
        told = last.parts if last is not None and last.role == "tool" else []
        return set(self._running) - {one.call_id for one in told if isinstance(one, ToolResult)}

    def settle(self) -> None:
        """End the fold: calls that were being answered get a result, as far as is known."""
        asked = self._latest()
        if self._running and asked is not None:
            if self._messages[-1] is asked:
                self._messages.append(Message("tool", status="complete"))
            results = self._messages[-1]
            told = [part for part in results.parts if isinstance(part, ToolResult)]
            results.parts += unanswered(asked.tool_calls, told, self._running)

    def _add_structure(self, event: Event) -> None:
        match event:
            case StepStart(_, goes_on):
                self._running = []
                self._begin(goes_on=goes_on)
                self._is_in_step = True
            case StepEnd():
                self._is_in_step = False
                # With `Done`'s fields; where nothing came before it, it ends an empty answer.
                ended = Done(*(getattr(event, name) for name in Done.__struct_fields__))
                self._step().add([ended])
            case ToolRunStart():
                self._running.append(event.call_id)
            case ToolResult():
                if not self._messages or self._messages[-1].role != "tool":
                    self._messages.append(Message("tool", status="complete"))
                self._messages[-1].parts.append(event)
                self._fold = None
            case Done() if asked := self._latest():
                asked.status = event.status
                self.has_ended = True
            case Warning() if asked := self._latest():
                asked.warnings.append(event.message)
            case StepReset():
                pass  # nothing was said yet
            case _:
                self._step().add([event])

    def _step(self) -> Fold:
        if self._fold is None:
            self._begin()
        assert self._fold is not None
        return self._fold

    def _begin(self, *, goes_on: bool = False) -> None:
        begun = self._begun
        fold = Fold(begun.protocol, begun.provider)
        if goes_on and self._folds and self._messages[-1] is self._folds[-1].message:
            fold.go_on_from(self._messages.pop())
            self._folds.pop()
        message = fold.message
        message.model = message.model or begun.model
        message.mode = message.mode or begun.mode
        self._folds.append(fold)
        self._messages.append(message)
        self._fold = fold

    def _latest(self) -> Message | None:
        return next((one for one in reversed(self._messages) if one.role == "assistant"), None)
