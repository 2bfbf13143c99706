"""The body of an answer, in the order in which it came: reasoning, text, tool calls, images.

It is drawn from messages at any time, and takes events in the same order. Text goes to the painter,
which writes it with the next frame. Only `withdraw` takes back what was shown.

Long, because each kind of event is drawn here, in the one order in which it came.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from js import document

from ....core.events import ContentDelta, Event, ReasoningDelta, ToolCallStart
from ....core.messages import (
    File,
    Message,
    ProviderTool,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from ....core.messages import Reasoning as ReasoningPart
from ....python.messages import RUN_PYTHON
from ...markdown.markdown import Body
from ...markdown.painter import Growing, Painter
from ...web.dom import Node, clone
from ..live_answer import LiveAnswer
from ..turns import gathered
from . import answer_files, words
from .python_card import PythonCard
from .reasoning import Reasoning
from .tool_card import ToolCard, card_list

# So many tool calls and files are shown of an answer, and so often its kinds of text take turns:
# thousands of each hold the page up for seconds. All are kept.
_MOST_SHOWN = 200

_SETTLED = frozenset({"done", "error", "denied", "stopped", "not-run", "provider"})


class AnswerBody:
    """Fills `node` for an answer in this chat. `is_timed` says that what comes does so at the pace
    of the model, `is_plain` that Markdown is shown as its source until `format`.

    `cards` are the tool calls by their id, `sources` what the answer cites so far.
    """

    def __init__(
        self,
        painter: Painter,
        node: Node,
        *,
        chat_id: str,
        is_timed: bool,
        is_plain: bool = False,
    ) -> None:
        self.cards: dict[str, ToolCard] = {}
        self.sources: list[Source] = []
        self._painter = painter
        self._chat_id = chat_id
        self._node = node
        self._is_timed = is_timed
        self._is_plain = is_plain
        self._texts: list[Body | Growing] = []
        self._open: Body | Growing | Reasoning | None = None
        self._open_kind: type[object] | None = None
        self._by_index: dict[int, ToolCard] = {}
        self._files = 0
        self._left_out = 0
        self._note: Node = None  # which says so
        # How often another kind of text began, and once that is too often the last of each kind,
        # which then grows on.
        self._turns = 0
        self._last: dict[type[object], Body | Growing | Reasoning] = {}
        # What stood there before this model call: blocks, and sources.
        self._blocks_before = 0
        self._sources_before = 0

    # What comes

    def begin_step(self) -> None:
        """Begin another model call."""
        self.end_open()
        self._by_index = {}
        self._blocks_before = self._node.childElementCount
        self._sources_before = len(self.sources)

    def write(self, kind: type[Event], text: str) -> None:
        """Show the next text; `kind` is the delta that it came in."""
        if kind is ReasoningDelta:
            self._target(Reasoning).append(text)
        else:
            self._painter.write(self._target(Body if kind is ContentDelta else Refusal), text)

    def begin_call(self, event: ToolCallStart) -> None:
        """Show that the model asks for a tool."""
        self._begin_card(lambda: self._card(ToolCall(event.id, event.name)))

    def grow_call(self, index: int, arguments: str) -> None:
        """Show the next fragment of a call's arguments."""
        if (card := self._by_index.get(index)) is not None:
            card.append(arguments)

    def end_call(self, index: int) -> None:
        """Show that a call is whole."""
        if (card := self._by_index.get(index)) is not None:
            card.end_arguments()

    def set_state(self, call_id: str, state: str) -> None:
        """Say how far a call is: a key of `words.TOOL_STATES`."""
        if (card := self.cards.get(call_id)) is not None:
            card.set_state(state)

    def finish_call(self, result: ToolResult, took_s: float | None = None) -> None:
        """Show the result of a call."""
        if (card := self.cards.get(result.call_id)) is not None:
            card.finish(result, took_s)

    def settle_calls(self, live: LiveAnswer | None) -> None:
        """Give the calls without a result the state that they are in; `live` where it goes on."""
        for call_id, card in self.cards.items():
            if card.state in _SETTLED:
                continue
            if live is None:
                card.end_arguments()
                card.set_state("not-run")
            elif call_id in live.approvals:
                card.set_state("waiting")
            elif call_id in live.tools_began_at:
                card.set_state("running")

    def withdraw(self) -> None:
        """Take back what this model call has shown: it begins anew."""
        self._painter.flush()
        self._open = self._open_kind = None
        self._last.clear()
        while self._node.childElementCount > self._blocks_before:
            self._node.lastElementChild.remove()
        self._texts = [text for text in self._texts if text.element.isConnected]
        gone = set(self._by_index.values())
        self.cards = {id: card for id, card in self.cards.items() if card not in gone}
        self._by_index = {}
        del self.sources[self._sources_before :]

    def end_open(self) -> None:
        """Finish the open texts: they are whole now."""
        for text in self._last.values() or [self._open]:
            match text:
                case Reasoning():
                    text.end()
                case Body() | Growing():
                    self._painter.flush()
                    text.finish()
        self._open = self._open_kind = None
        self._last.clear()

    def show_raw(self, on: bool) -> None:
        """Show the Markdown as it was written, or draw it."""
        for text in self._texts:
            text.raw(on)

    def format(self) -> None:
        """Draw the Markdown, where it was to be plain."""
        self._is_plain = False
        for text in self._texts:
            if isinstance(text, Body):
                text.format()

    # What is there

    @property
    def is_drawn(self) -> bool:
        """Tell whether all texts are drawn as far as they came; a long one takes a while."""
        return all(text.is_drawn for text in self._texts if isinstance(text, Body))

    def draw(
        self,
        message: Message,
        thought_s: Sequence[float] = (),
        took_s: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Show a message, as far as it came; one that still grows goes on by its next events.

        `thought_s` are the durations of its reasoning, `took_s` those of its tools by their call.
        """
        if message.role == "user":
            self._node.append(clone("template-went-on"))
            return
        if message.role == "tool":
            for one in message.parts:
                if isinstance(one, ToolResult):
                    self.finish_call(one, took_s.get(one.call_id))
            return
        self.begin_step()
        is_whole = message.status is not None
        durations_s = iter(thought_s)
        for one in gathered(message.parts, _MOST_SHOWN) if is_whole else message.parts:
            before = self._open
            self.draw_part(one, is_whole=is_whole)
            if isinstance(self._open, Reasoning) and self._open is not before:
                self._open.took_s = next(durations_s, None)
        if is_whole:
            self.end_open()
            for card in self._by_index.values():
                if card.state == "writing":
                    card.end_arguments()
                    card.set_state("queued")

    def draw_part(self, one: object, *, is_whole: bool = True) -> None:
        """Show a part of a message; text that is not whole may be followed by more."""
        match one:
            case Text():
                before = self._open
                body = self._target(Body)
                # Where the provider paused in a sentence, its two halves are one text.
                (body.replace if is_whole and body is not before else body.append)(one.text)
            case Refusal():
                self._target(Refusal).append(one.text)
            case ReasoningPart() if isinstance(self._open, Reasoning):
                self._open.draw(f"\n\n{one.text}")
            case ReasoningPart() if one.text:  # else it is hidden, and kept for the provider
                self.end_open()
                self._open, self._open_kind = self._add_reasoning(), Reasoning
                self._open.draw(one.text)
            case ToolCall():
                self._begin_card(lambda: self._card(one))
            case ProviderTool():
                self._begin_card(lambda: ToolCard.of_provider(self._painter, one))
            case File():
                self._files += 1
                if self._files <= _MOST_SHOWN:
                    self.end_open()  # what is said next stands below it
                    self._node.append(answer_files.element(one, self._files))
                else:
                    self._leave_out()
            case Source():
                self.sources.append(one)

    def go_on(self) -> None:
        """Let the message that was drawn last grow from now on."""
        if isinstance(self._open, Reasoning):
            self._open.begin(is_timed=False)

    def _target(self, kind: type[object]) -> Any:
        """The block that grows, made where another kind grew before."""
        if self._open is None or self._open_kind is not kind:
            self._turns += 1
            if self._turns > _MOST_SHOWN and self._open is not None:
                assert self._open_kind is not None
                self._last[self._open_kind] = self._open
                if kind in self._last:
                    self._open, self._open_kind = self._last[kind], kind
                    return self._open
            else:
                self.end_open()
            if kind is Reasoning:
                reasoning = self._add_reasoning()
                reasoning.begin(is_timed=self._is_timed)
                self._open = reasoning
            else:
                self._open = self._add_text(kind is Refusal)
            self._open_kind = kind
        return self._open

    def _add_reasoning(self) -> Reasoning:
        reasoning = Reasoning(self._painter, is_plain=self._is_plain)
        self._node.append(reasoning.element)
        self._texts.append(reasoning.text)
        return reasoning

    def _add_text(self, is_refusal: bool) -> Body | Growing:
        element = document.createElement("div")
        element.className = "refusal prose" if is_refusal else "markdown"
        element.dir = "auto"
        element.setAttribute("data-part", "refusal" if is_refusal else "text")
        self._node.append(element)
        text = (
            Growing(element)
            if is_refusal
            else Body(element, self._painter, is_plain=self._is_plain)
        )
        self._texts.append(text)
        return text

    def _leave_out(self) -> None:
        """Say that more came than is shown."""
        self._left_out += 1
        if self._left_out == 1:
            self._note = document.createElement("p")
            self._note.className = "note"
        if not self._note.isConnected:
            self._node.append(self._note)
        self._note.textContent = words.left_out(self._left_out)

    def _card(self, call: ToolCall) -> ToolCard:
        if call.name == RUN_PYTHON:
            return PythonCard.of_chat(self._painter, call, self._chat_id)
        return ToolCard.of(self._painter, call)

    def _begin_card(self, make: Callable[[], ToolCard]) -> None:
        """Add a card, or say that there are more."""
        if len(self.cards) < _MOST_SHOWN:
            self._add_card(make())
        else:
            self._leave_out()

    def _add_card(self, card: ToolCard) -> None:
        self.end_open()
        last = self._node.lastElementChild
        if not last or last.className != "tools":
            last = card_list()
            self._node.append(last)
        last.append(card.element)
        if card.state == "writing":
            self._by_index[len(self._by_index)] = card
        self.cards[card.call_id] = card


def joined(batch: Sequence[Event], deltas: tuple[type[Any], ...]) -> list[tuple[Any, str]]:
    """The events of a batch with the texts of like deltas that follow each other joined: pairs of a
    delta's type and its text, or of another event and "".
    """
    found: list[tuple[Any, str]] = []
    fragments: list[str] = []
    kind: type[Event] | None = None
    for event in batch:
        if isinstance(event, deltas):
            if type(event) is not kind and kind is not None:
                found.append((kind, "".join(fragments)))
                fragments.clear()
            kind = type(event)
            fragments.append(event.text)
            continue
        if kind is not None:
            found.append((kind, "".join(fragments)))
            fragments.clear()
            kind = None
        found.append((event, ""))
    if kind is not None:
        found.append((kind, "".join(fragments)))
    return found
