"""One answer: its text, beneath that its sources, the notice at its end, and its numbers.

It is drawn from messages at any time, and then takes events batch by batch.

Long, because an answer on its way and one that is over are the same view.
"""

from collections.abc import Sequence

from js import document

from ....core.events import (
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
from ....core.messages import File, ProviderTool, Source, ToolResult
from ....history.records import MessageRecord
from ...markdown.painter import Painter
from ...web import words as web_words
from ...web.dom import Node, clone, part, show
from ...web.plain_text import short, short_name
from ...web.tasks import beside
from .. import notices
from ..drawing_marks import DrawingMarks
from ..edit_box import EditBox
from ..live_answer import LiveAnswer
from ..turns import Turn
from ..written_at import show_when
from . import answer_facts, words
from .answer_body import AnswerBody, joined
from .citations import SourceList
from .tool_card import ToolCard

# Of notes about an answer so many are listed, and of each so much.
_MOST_WARNINGS = 100
# What is shown of a provider's words on a failure, in characters.
_NOTICE_CHARACTERS = 2000
_DETAILS_CHARACTERS = 20_000
_WARNING_CHARACTERS = 1000
_DELTAS = (ContentDelta, ReasoningDelta, RefusalDelta)


class Answer:
    """An <article>; `live` is the answer on its way that it shows, None where it has ended.

    `marks` remember that it is being drawn. One that ended a tab before is drawn as plain text.
    """

    def __init__(
        self,
        painter: Painter,
        turn: Turn,
        live: LiveAnswer | None,
        marks: DrawingMarks | None = None,
    ) -> None:
        self.article: Node = clone("template-answer")
        self.live = live
        self._painter = painter
        self._is_timed = live is not None and live.run.mode == "streaming"
        self._id = turn.id
        self._marks = marks
        # One that has no end yet is written by another tab, which lives.
        has_end = live is not None or turn.last.message.status is not None
        is_plain = has_end and marks is not None and marks.has_failed(turn.id)
        self._body = AnswerBody(
            painter,
            part(self.article, "body"),
            chat_id=turn.records[0].chat_id,
            is_timed=self._is_timed,
            is_plain=is_plain,
        )
        show(part(self.article, "plain"), is_plain)
        if is_plain:
            beside(self._draw_if_harmless())
        elif marks is not None:
            marks.begin(turn.id)
        self._sources = SourceList(part(self.article, "sources"))
        self._warnings = 0
        # Whether the question is to be sent again where the wait for its provider ends.
        self.is_sent_then = False
        self._is_waiting = False
        self._has_trouble = False
        model = turn.records[0].source or turn.last.message.model
        part(self.article, "model").textContent = short_name(model)
        self._box = EditBox(self.article, "template-edit-answer", ("body", "actions"))
        self._created_ms = turn.records[0].created_ms
        self.say_when()
        if live is not None:
            live.catch_up()
        for record in turn.records:
            message = record.message
            self._body.draw(message, record.thought_s, record.took_s)
            for warning in message.warnings:
                self._warn(warning)
        self._body.settle_calls(live)
        if live is None:
            self._body.end_open()
            self.article.setAttribute("data-state", turn.last.message.status or "incomplete")
            self._show_rest(turn.records)
            self._end_mark()
        else:
            self._begin_live(live)

    @property
    def cards(self) -> dict[str, ToolCard]:
        """The cards of its tool calls, by the id of the call."""
        return self._body.cards

    def say_when(self) -> None:
        """Say when it was written, as it is right today."""
        show_when(self.article, self._created_ms)

    @property
    def is_edited(self) -> bool:
        """Tell whether the box is there instead of the text."""
        return self._box.is_open

    def edit(self, text: str) -> None:
        """Put this part of its text into a box, in place, and go there."""
        self._box.open(text)

    def edited(self) -> str:
        """Give the text in the box."""
        return self._box.text.strip("\n")

    def close(self) -> None:
        """Show its text again, with the focus where it came from."""
        self._box.close("menu")

    def draw_after_all(self) -> None:
        """Draw the Markdown, though that may end the tab once more."""
        show(part(self.article, "plain"), False)
        self.expect_layout()
        self._body.format()

    def expect_layout(self) -> None:
        """Mark it as being drawn until it is laid out."""
        if self._marks is not None:
            self._marks.begin(self._id)
            self._end_mark()

    def leave(self) -> None:
        """Let go of the parts that only a shown answer needs."""
        if self._marks is not None:
            self._marks.end(self._id)

    def _end_mark(self) -> None:
        if self._marks is not None and self.live is None:
            self._marks.end_after(self._id, lambda: self._body.is_drawn)

    async def _draw_if_harmless(self) -> None:
        """Draw it where the tab that draws it too lives on."""
        if self._marks is not None and await self._marks.is_drawn_elsewhere(self._id):
            self.draw_after_all()

    def show_more_sources(self) -> None:
        """List more of its sources."""
        self._sources.show_more()

    @property
    def is_drawn(self) -> bool:
        """Tell whether all its text so far is drawn; a long one takes a while."""
        return self._body.is_drawn

    def take(self, batch: Sequence[Event]) -> None:
        """Show the next events, one write for all text that belongs together."""
        for event, text in joined(batch, _DELTAS):
            if isinstance(event, type):
                self._stop_waiting()
                self._body.write(event, text)
            else:
                self._take_other(event)

    def tick(self, now: float) -> None:
        """Show the time it takes; `now` on the loop's clock. At most twice a second."""
        live = self.live
        if live is None:
            return
        waited_s = live.lasted_s(now)
        line = part(self.article, "waiting-text")
        if trouble := live.run.trouble:
            if not self._is_waiting:
                self._wait()
            self._has_trouble = True
            line.textContent = trouble
        elif self._has_trouble:
            self._has_trouble = False
            if live.characters:
                self._stop_waiting()
        elif live.retry is not None:
            retry = live.retry
            left_s = live.retry_at - now
            line.textContent = words.retrying(retry.reason, left_s, retry.attempt, retry.model)
        elif self._is_waiting and live.beat is not None:
            line.textContent = words.alive(live.speaker, live.beat.progress, int(waited_s))
        elif self._is_waiting:
            line.textContent = words.waiting_for(not self._is_timed, int(waited_s))
        if live.approvals:
            self._show_facts([web_words.WAITS_FOR_YOU])
            return
        wrote_s = live.wrote_s(now) if self._is_timed else None
        self._show_facts(answer_facts.facts_so_far(live.characters, waited_s, wrote_s))

    def finish(self, turn: Turn, notice: notices.Notice | None) -> None:
        """Show its numbers at its end, and a notice where it is not whole."""
        self._painter.flush()
        self.live = None
        self._stop_waiting()
        self._body.end_open()
        self._body.settle_calls(None)
        self.article.setAttribute("data-state", turn.last.message.status or "error")
        self._show_rest(turn.records)
        self._end_mark()
        if notice is not None:
            self.show_notice(notice, can_go_on=bool(turn.text), is_news=True)

    def show_notice(
        self, notice: notices.Notice, *, can_go_on: bool, is_news: bool = False
    ) -> None:
        """Show the notice, with its remedies; an error that `is_news` at once, also to a screen
        reader.
        """
        box = part(self.article, "notice")
        if is_news and notice.is_error:
            part(box, "notice-said").setAttribute("role", "alert")
        part(box, "notice-raw").textContent = short(notice.details, _DETAILS_CHARACTERS)
        show(part(box, "notice-details"), bool(notice.details))
        box.classList.toggle("error", notice.is_error)
        sentence, advice = (
            short(text, _NOTICE_CHARACTERS) for text in (notice.sentence, notice.advice)
        )
        part(self.article, "notice-text").textContent = sentence
        part(self.article, "notice-advice").textContent = advice
        show(box.querySelector('[data-action="retry"]'), notice.retry)
        show(box.querySelector('[data-action="continue"]'), can_go_on and notice.may_go_on)
        show(box.querySelector('[data-action="settings"]'), notice.settings)
        without = box.querySelector('[data-action="without"]')
        without.textContent = words.send_without(notice.without)
        without.setAttribute("data-option", notice.without)
        show(without, bool(notice.without))
        show(box, True)

    def count_down(self, left_s: float, until: str = "") -> None:
        """Say when Retry will be of use; at 0 it is offered, before it where that is only `until` a
        time of day: a person who has paid meanwhile, or knows better, need not wait for hours.
        """
        line = part(self.article, "countdown")
        show(line, left_s > 0)
        left = web_words.seconds(left_s) if left_s >= 60 else f"{left_s:.0f} s"
        said = words.asks_to_wait(left, until)
        line.textContent = words.sent_then(until) if self.is_sent_then else said
        retry = self.article.querySelector('[data-action="retry"]')
        retry.disabled = left_s > 0 and not until
        then = self.article.querySelector('[data-action="then"]')
        show(then, left_s > 0 and until != "" and not retry.hidden)

    def send_then(self) -> None:
        """Have the question sent again where the wait ends, or no more."""
        self.is_sent_then = not self.is_sent_then
        button = self.article.querySelector('[data-action="then"]')
        button.textContent = words.DO_NOT_SEND_THEN if self.is_sent_then else words.SEND_THEN

    @property
    def is_raw(self) -> bool:
        """Tell whether the Markdown is shown as it was written."""
        return bool(self.article.hasAttribute("data-raw"))

    def show_raw(self, on: bool) -> None:
        """Show the Markdown as it was written, or draw it."""
        self.article.toggleAttribute("data-raw", on)
        self._body.show_raw(on)

    def _take_other(self, event: Event) -> None:
        body = self._body
        match event:
            case StepStart(_, goes_on):
                if not goes_on:  # else it is the same sentence
                    body.begin_step()
                self._wait()
            case ToolCallStart():
                self._stop_waiting()
                body.begin_call(event)
            case ToolCallDelta():
                body.grow_call(event.index, event.arguments)
            case ToolCallEnd():
                body.end_call(event.index)
            case ApprovalRequest():
                body.set_state(event.call_id, "waiting")
            case ToolRunStart():
                body.set_state(event.call_id, "running")
            case ToolResult():
                took_s = None if self.live is None else self.live.tools_took_s.get(event.call_id)
                body.finish_call(event, took_s)
            case ProviderTool() | File():
                self._stop_waiting()
                body.draw_part(event)
            case Source():
                body.draw_part(event)
                self._sources.add([event])
            case Warning():
                self._warn(event.message)
            case StepReset():
                body.withdraw()
                self._sources.replace(body.sources)
                self._warn(words.BEGAN_ANEW)
                self._wait()
            case Retry():
                self._wait()
            case Done():
                body.settle_calls(self.live)

    def _begin_live(self, live: LiveAnswer) -> None:
        self.article.setAttribute("data-state", "writing")
        self._body.go_on()
        if live.characters == 0 and not live.approvals:
            self._wait()
        self.tick(live.began_at)

    def _wait(self) -> None:
        self._is_waiting = True
        part(self.article, "waiting-text").textContent = words.waiting_for(not self._is_timed, 0)
        show(part(self.article, "waiting"), True)
        self.article.setAttribute("data-state", "waiting")

    def _stop_waiting(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            show(part(self.article, "waiting"), False)
            part(self.article, "waiting-text").textContent = ""
            self.article.setAttribute("data-state", "writing")

    def _warn(self, warning: str) -> None:
        self._warnings += 1
        box = part(self.article, "warnings")
        if self._warnings <= _MOST_WARNINGS:
            item = document.createElement("li")
            item.textContent = short(warning, _WARNING_CHARACTERS)
            part(box, "warnings-list").append(item)
        part(box, "warnings-title").textContent = words.warnings(self._warnings)
        show(box, True)

    def _show_rest(self, records: Sequence[MessageRecord]) -> None:
        messages = [record.message for record in records]
        self._sources.add(self._body.sources)
        self._show_facts(answer_facts.facts(records))
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
