"""One answer: reasoning, text, tool calls, images in the order in which they came; beneath them
what it cites, what is wrong with it, and how it came.

It is drawn from messages at any time, and then takes events batch by batch. Text goes to the
painter, which writes it with the next frame. Only `StepReset` takes back what was shown.
"""

from collections.abc import Sequence
from typing import Any

from js import document

from ...core.events import (
    ApprovalRequest,
    ContentDelta,
    Done,
    Event,
    ReasoningDelta,
    RefusalDelta,
    Retry,
    StepReset,
    StepStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolRunStart,
    Warning,
)
from ...core.messages import (
    File,
    Message,
    ProviderTool,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from ...core.messages import Reasoning as ReasoningPart
from .. import texts
from ..answering import Answering
from ..dom import Node, clone, part, show
from ..markdown import Body
from ..painter import Growing, Painter
from ..turns import Turn
from . import files, numbers, sources, words
from .reasoning import Reasoning
from .tool_card import ToolCard, card_list

_DELTAS = (ContentDelta, ReasoningDelta, RefusalDelta)


class Answer:
    """An <article>; `live` is the answer on its way that it shows, None where it has ended."""

    def __init__(self, painter: Painter, turn: Turn, live: Answering | None) -> None:
        self.article: Node = clone("template-answer")
        self.live = live
        self.cards: dict[str, ToolCard] = {}
        self._painter = painter
        self._body: Node = part(self.article, "body")
        self._texts: list[Body | Growing] = []
        self._open: Body | Growing | Reasoning | None = None
        self._open_kind: type[object] | None = None
        self._by_index: dict[int, ToolCard] = {}
        self._section_start = 0  # how many blocks stood before this model call
        self._sources: list[Source] = []
        self._warnings: list[str] = []
        self._files = 0
        self._is_waiting = False
        self._is_whole = False  # whether what is drawn now can grow no more
        self._is_timed = live is not None and live.run.mode == "streaming"
        part(self.article, "model").textContent = turn.records[0].source or turn.last.message.model
        for message in turn.messages:
            self._draw_message(message)
        self._settle_cards()
        if live is None:
            self._end_open()
            self.article.setAttribute("data-state", turn.last.message.status or "incomplete")
            self._show_rest(turn.messages)
        else:
            self._begin_live()

    def take(self, batch: Sequence[Event]) -> None:
        """Show what arrived, one write for all text that belongs together."""
        fragments: list[str] = []
        kind: type[Event] | None = None
        for event in batch:
            if isinstance(event, _DELTAS):
                if type(event) is not kind:
                    self._write(kind, fragments)
                    kind = type(event)
                fragments.append(event.text)
                continue
            self._write(kind, fragments)
            kind = None
            self._take_other(event)
        self._write(kind, fragments)

    def tick(self, now: float) -> None:
        """Say how long it takes; `now` on the loop's clock. At most twice a second."""
        live = self.live
        if live is None:
            return
        waited_s = now - live.began_at
        line = part(self.article, "waiting-text")
        if live.retry is not None:
            retry = live.retry
            left_s = live.retry_at - now
            line.textContent = texts.retrying(retry.reason, left_s, retry.attempt, retry.model)
        elif self._is_waiting:
            line.textContent = texts.waiting_for(not self._is_timed, int(waited_s))
        first_at = live.first_output_at
        wrote_s = None if first_at is None or not self._is_timed else now - first_at
        self._show_facts(numbers.live(live.characters, waited_s, wrote_s))

    def finish(self, turn: Turn, notice: words.Notice | None) -> None:
        """Show how it went, and what is wrong with it, if anything."""
        self._painter.flush()
        self.live = None
        self._stop_waiting()
        self._end_open()
        self._settle_cards()
        self.article.setAttribute("data-state", turn.last.message.status or "error")
        self._show_rest(turn.messages)
        if notice is not None:
            self.show_notice(notice, can_go_on=bool(turn.text))

    def show_notice(self, notice: words.Notice, *, can_go_on: bool) -> None:
        """Say what is wrong with it, with what can be done."""
        box = part(self.article, "notice")
        box.classList.toggle("error", notice.is_error)
        part(self.article, "notice-text").textContent = notice.sentence
        part(self.article, "notice-advice").textContent = notice.advice
        show(box.querySelector('[data-action="retry"]'), notice.retry)
        show(box.querySelector('[data-action="continue"]'), can_go_on and notice.may_go_on)
        show(box.querySelector('[data-action="settings"]'), notice.settings)
        show(box, True)

    def count_down(self, left_s: float) -> None:
        """Say when Retry will be of use; at 0 it is offered."""
        line = part(self.article, "countdown")
        show(line, left_s > 0)
        left = words.seconds(left_s) if left_s >= 60 else f"{left_s:.0f} s"
        line.textContent = texts.asks_to_wait(left)
        self.article.querySelector('[data-action="retry"]').disabled = left_s > 0

    @property
    def is_raw(self) -> bool:
        """Whether the Markdown is shown as it was written."""
        return bool(self.article.hasAttribute("data-raw"))

    def show_raw(self, on: bool) -> None:
        """Show the Markdown as it was written, or what it means."""
        self.article.toggleAttribute("data-raw", on)
        for text in self._texts:
            text.raw(on)

    # What comes

    def _take_other(self, event: Event) -> None:
        match event:
            case StepStart():
                self._end_open()
                self._by_index = {}
                self._section_start = self._body.childElementCount
                self._wait()
            case ToolCallStart():
                self._add_card(ToolCard(self._painter, event.name, event.id))
            case ToolCallDelta():
                self._by_index[event.index].append(event.arguments)
            case ToolCallEnd():
                self._by_index[event.index].end_arguments()
            case ApprovalRequest():
                self._set_state(event.call_id, "waiting")
            case ToolRunStart():
                self._set_state(event.call_id, "running")
            case ToolResult():
                self._finish_call(event)
            case ProviderTool() | File():
                self._stop_waiting()
                self._draw_part(event)
            case Source():
                self._sources.append(event)
                sources.show_in(part(self.article, "sources"), self._sources)
            case Warning():
                self._warn(event.message)
            case StepReset():
                self._withdraw()
            case Retry():
                self._wait()
            case Done():
                self._settle_cards()

    def _write(self, kind: type[Event] | None, fragments: list[str]) -> None:
        text = "".join(fragments)
        fragments.clear()
        if kind is None or not text:
            return
        self._stop_waiting()
        if kind is ReasoningDelta:
            self._painter_target(Reasoning).append(text)
        else:
            target = self._painter_target(Body if kind is ContentDelta else Refusal)
            self._painter.write(target, text)

    def _painter_target(self, kind: type[object]) -> Any:
        """The block that grows, made where another kind grew before."""
        if self._open is None or self._open_kind is not kind:
            self._end_open()
            if kind is Reasoning:
                reasoning = Reasoning(self._painter)
                self._body.append(reasoning.element)
                if self.live is not None:
                    reasoning.begin(is_timed=self._is_timed)
                self._open = reasoning
            else:
                self._open = self._add_text(kind is Refusal)
            self._open_kind = kind
        return self._open

    def _add_text(self, is_refusal: bool) -> Body | Growing:
        element = document.createElement("div")
        element.className = "refusal prose" if is_refusal else "markdown"
        element.dir = "auto"
        element.setAttribute("data-part", "refusal" if is_refusal else "text")
        self._body.append(element)
        text = Growing(element) if is_refusal else Body(element)
        self._texts.append(text)
        return text

    def _end_open(self) -> None:
        """What grew is whole now."""
        match self._open:
            case Reasoning() as reasoning:
                reasoning.end()
            case Body() | Growing() as text:
                self._painter.flush()
                text.finish()
        self._open = self._open_kind = None

    def _add_card(self, card: ToolCard) -> None:
        self._stop_waiting()
        self._end_open()
        last = self._body.lastElementChild
        if not last or last.className != "tools":
            last = card_list()
            self._body.append(last)
        last.append(card.element)
        self._by_index[len(self._by_index)] = card
        self.cards[card.call_id] = card

    def _set_state(self, call_id: str, state: str) -> None:
        if (card := self.cards.get(call_id)) is not None:
            card.set_state(state)

    def _finish_call(self, result: ToolResult) -> None:
        if (card := self.cards.get(result.call_id)) is not None:
            took_s = None if self.live is None else self.live.tools_took_s.get(result.call_id)
            card.finish(result, took_s)

    def _settle_cards(self) -> None:
        """Give the calls without a result the state that they are in."""
        for call_id, card in self.cards.items():
            live = self.live
            if card.state in ("done", "error", "denied", "provider"):
                continue
            if live is None:
                card.end_arguments()
                card.set_state("not-run")
            elif call_id in live.approvals:
                card.set_state("waiting")
            elif call_id in live.tools_began_at:
                card.set_state("running")

    def _withdraw(self) -> None:
        """Take back what this model call has shown: it begins anew."""
        self._painter.flush()
        self._open = self._open_kind = None
        while self._body.childElementCount > self._section_start:
            self._body.lastElementChild.remove()
        self._texts = [text for text in self._texts if text.element.isConnected]
        gone = set(self._by_index.values())
        self.cards = {id: card for id, card in self.cards.items() if card not in gone}
        self._by_index = {}
        self._sources = []
        sources.show_in(part(self.article, "sources"), [])
        self._warn(texts.BEGAN_ANEW)
        self._wait()

    # What is there

    def _draw_message(self, message: Message) -> None:
        if message.role == "user":
            self._body.append(clone("template-went-on"))
            return
        if message.role == "tool":
            for one in message.parts:
                if isinstance(one, ToolResult):
                    self._finish_call(one)
            return
        self._end_open()
        self._by_index = {}
        self._section_start = self._body.childElementCount
        self._is_whole = message.status is not None
        for one in message.parts:
            self._draw_part(one)
        self._is_whole = False
        for warning in message.warnings:
            self._warn(warning)
        if message.status is not None:
            self._end_open()
            for card in self._by_index.values():
                if card.state == "writing":
                    card.end_arguments()
                    card.set_state("queued")

    def _draw_part(self, one: object) -> None:
        match one:
            case Text() if self._is_whole:
                self._painter_target(Body).replace(one.text)
            case Text():
                self._painter_target(Body).append(one.text)
            case Refusal():
                self._painter_target(Refusal).append(one.text)
            case ReasoningPart():
                self._end_open()
                reasoning = Reasoning(self._painter)
                reasoning.draw(one.text)
                self._body.append(reasoning.element)
                self._open, self._open_kind = reasoning, Reasoning
            case ToolCall():
                card = ToolCard.of(self._painter, one)
                self._add_card(card)
            case ProviderTool():
                self._add_card(ToolCard.of_provider(self._painter, one))
            case File():
                self._files += 1
                self._body.append(files.element(one, self._files))
            case Source():
                self._sources.append(one)

    def _begin_live(self) -> None:
        assert self.live is not None
        self.article.setAttribute("data-state", "writing")
        if isinstance(self._open, Reasoning):
            self._open.begin(is_timed=False)
        if self.live.characters == 0 and not self.live.approvals:
            self._wait()
        self.tick(self.live.began_at)

    def _wait(self) -> None:
        self._is_waiting = True
        part(self.article, "waiting-text").textContent = texts.waiting_for(not self._is_timed, 0)
        show(part(self.article, "waiting"), True)
        self.article.setAttribute("data-state", "waiting")

    def _stop_waiting(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            show(part(self.article, "waiting"), False)
            part(self.article, "waiting-text").textContent = ""
            self.article.setAttribute("data-state", "writing")

    def _warn(self, warning: str) -> None:
        self._warnings.append(warning)
        box = part(self.article, "warnings")
        item = document.createElement("li")
        item.textContent = warning
        part(box, "warnings-list").append(item)
        part(box, "warnings-title").textContent = texts.warnings(len(self._warnings))
        show(box, True)

    def _show_rest(self, messages: Sequence[Message]) -> None:
        sources.show_in(part(self.article, "sources"), self._sources)
        self._show_facts(numbers.facts(messages))
        show(part(self.article, "actions"), True)
        has_text = any(message.text or message.refusal for message in messages)
        show(self.article.querySelector('[data-action="copy"]'), has_text)

    def _show_facts(self, known: Sequence[str]) -> None:
        listed = part(self.article, "facts")
        if listed.childElementCount == len(known):
            for item, fact in zip(listed.children, known, strict=True):
                item.textContent = fact
            return
        made = [document.createElement("li") for _ in known]
        for item, fact in zip(made, known, strict=True):
            item.textContent = fact
        listed.replaceChildren(*made)
