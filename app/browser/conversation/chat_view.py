"""The chat that is shown: its transcript, and all that is seen beside it while answers grow."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from js import document, performance, window

from ...core.events import Event
from ...history.records import ChatRecord
from ..markdown.painter import Painter
from ..web import page_title
from ..web.dom import announce, listen
from ..web.tasks import Once, beside
from . import times, words
from .answer import context_meter
from .answer.answer import Answer
from .answer.compare import Compare
from .answer.reading_aloud import Reading
from .chat_files import documents_of
from .composer import attachments, message_box, queued_questions
from .document_links import DocumentLinks
from .drawing_marks import DrawingMarks
from .live_answer import LiveAnswer
from .notices import Notice
from .open_chat import OpenChat
from .places import Place, Places
from .run_settings import RunSettingsOf
from .scroll import Follower
from .transcript import Transcript
from .turns import Turn, turn_of, turns
from .wire.recordings import Recorded, Recordings, title_id
from .wire.wire_view import Wire

# How often the numbers of an answer on its way are written anew.
_TICK_S = 0.5


class ChatView:
    """Shows one chat at a time. `recordings` has what went over the wire; `on_show(chat)` is called
    when another chat is going to be shown.
    """

    def __init__(
        self,
        run_settings: RunSettingsOf,
        recordings: Recordings,
        marks: DrawingMarks,
        on_show: Callable[[ChatRecord], None],
    ) -> None:
        self.follower = Follower()
        self.show_context = Once(self._show_context)
        self._painter = Painter(self.follower.settle, self.follower.keep_up)
        self._run_settings = run_settings
        self._recordings = recordings
        self._on_show = on_show
        self._shown: OpenChat | None = None
        self.transcript = Transcript(self._painter, self._live_of, marks, self.follower)
        self._ticking: asyncio.Task[None] | None = None
        self._wire = Wire(self._latest_recorded)
        self._compare = Compare(self._painter, lambda: self.shown.stop())
        self.reading = Reading()
        self._places = Places()
        DocumentLinks(lambda: documents_of(one.message for one in self.shown.tree.path()))
        listen(window, "pagehide", lambda _: self.keep_place())
        listen(document, "visibilitychange", self._on_visibility)
        beside(self._follow_days())

    @property
    def shown(self) -> OpenChat:
        """The chat that is shown."""
        assert self._shown is not None, "a chat is shown from the start"
        return self._shown

    def leave(self) -> OpenChat | None:
        """Show nothing of the chat that was shown; return it."""
        self.keep_place()
        self._painter.forget_all()
        self.reading.clear()
        return self._shown

    def show(self, chat: OpenChat) -> None:
        """Show this chat, where the reader was in it."""
        self._shown = chat
        place = self._places.of(chat.chat.id)
        self.transcript.clear("" if place is None else place.turn_id)
        self.show_anew()
        self.show_tree()
        self._wire.follow()
        self.follower.take_room()
        if chat.chat.head:
            self.follower.to_end()
        else:
            self.follower.to_start()
        if place is not None:
            beside(self._go_to(place))
        self.show_progress()
        self._start_ticking()

    def show_anew(self) -> None:
        """Show the chat's settings anew, changed by another tab or by a decision."""
        self._on_show(self.shown.chat)

    def show_tree(self) -> None:
        """Show the path, and the questions that wait."""
        self._show_turns(turns(self.shown.tree))

    def begin(self, live: LiveAnswer) -> None:
        """Show an answer of this chat that begins."""
        if self.transcript.live_view(live) is None:  # it was there, and goes on
            shown = turns(self.shown.tree)
            turn = turn_of(shown, live.id)
            if turn is not None and (entry := self.transcript.entry(turn.id)) is not None:
                entry.is_stale = True
                self._show_turns(shown)
        self.follower.make_room()
        self.follower.to_end()
        announce(words.GENERATING)
        self._wire.follow()
        self.show_progress()
        self._start_ticking()

    def take(self, live: LiveAnswer, batch: list[Event], *, is_text: bool) -> None:
        """Show the next events of an answer."""
        if self._compare.is_open:
            self._compare.take(live, batch)
        view = self.transcript.live_view(live)
        if view is None:
            return
        if is_text:  # the painter has the follower keep up
            view.take(batch)
        else:
            self.follower.settle()
            view.take(batch)
            self.follower.keep_up()
        if self.reading.is_on:
            self.reading.take(live, batch)

    def finish(self, live: LiveAnswer, notice: Notice | None) -> None:
        """Show the end of an answer."""
        self._compare.finish(live, notice)
        self.reading.finish(live)
        view = self.transcript.live_view(live)
        shown = turns(self.shown.tree)
        turn = turn_of(shown, live.id)
        if view is not None and turn is not None:
            self.follower.settle()
            self.transcript.finish(view, turn, notice)
        self._show_turns(shown)
        self._wire.refresh()
        count = len(live.message.text.split())
        if notice is None:
            announce(words.answer_complete(count))
        else:
            # An error is an alert of its own, where it is seen.
            is_alert = notice.is_error and view is not None
            announce("" if is_alert else notice.sentence)
        self.show_progress()
        if notice is not None and notice.wait_s > 0 and view is not None:
            beside(self._count_down(view, notice.wait_s))

    def show_progress(self) -> None:
        """Say in the title what goes on in this chat."""
        state = "ready" if document.hidden else ""
        if self._shown is not None and self._shown.is_running:
            state = "waiting" if self._shown.is_held else "writing"
        page_title.show_progress(state)

    def show_wire(self, turn: Turn) -> None:
        """Show the exchanges of this answer."""
        self._wire.open(self._recorded(turn))

    def compare(self, turn: Turn) -> None:
        """Have the question of this answer answered in both modes, side by side."""
        self._compare.open(self.shown.compare(turn.id))
        self.shown.select(turn.last.id)  # what was shown stays; the two come beside it

    def keep_place(self) -> None:
        """Remember where the reader is in the chat that is shown."""
        if self._shown is None:
            return
        place, top = None, self.follower.upper_edge()
        entry = None if self.follower.following else self.transcript.entry_at(top)
        if entry is not None:
            box = entry.view.article.getBoundingClientRect()
            place = Place(entry.turn.id, (top - box.top) / box.height)
        self._places.keep(self._shown.chat.id, place)

    async def _go_to(self, place: Place) -> None:
        """Go to where the reader was, unless they have gone elsewhere meanwhile."""
        chat = self._shown
        entry = await self.transcript.drawn(place.turn_id)
        if entry is None or self._shown is not chat or not self.follower.following:
            return
        entry.lay_out()

        def move() -> None:
            box = entry.view.article.getBoundingClientRect()
            self.follower.move_by(box.top + place.share * box.height - self.follower.upper_edge())

        await self.follower.leave_for(move)

    def _show_turns(self, shown: Sequence[Turn]) -> None:
        chat = self.shown
        self.transcript.show(shown)
        waiting = chat.waiting
        queued_questions.show_waiting(waiting.questions, is_paused=waiting.is_paused)
        message_box.show_running(chat.is_running or chat.is_elsewhere)
        page_title.show(chat.chat.title)
        self.show_context()
        self.follower.keep_up()

    def _show_context(self) -> None:
        """Show how full this chat makes its model's context window, with the text being written."""
        run_settings = self._run_settings(self.shown.chat)
        growing = {
            live.records[-1].id: live
            for live in self.shown.answers.values()
            if live.records[-1].message.status is None
        }
        path = self.shown.tree.path()
        # Of what grows only the count is read: its text is not put together for this.
        written = sum(growing[one.id].characters_of_call for one in path if one.id in growing)
        messages = [record.message for record in path if record.id not in growing]
        context_meter.show_context(messages, written, run_settings.window)
        attachments.fit(run_settings.window, sees_images=run_settings.sees_images)

    def _recorded(self, turn: Turn) -> list[Recorded]:
        ids = [record.id for record in turn.records]
        return self._recordings.of([*ids, title_id(turn.id)])

    def _latest_recorded(self) -> list[Recorded]:
        found = [turn for turn in turns(self.shown.tree) if not turn.is_question]
        return self._recorded(found[-1]) if found else []

    def _live_of(self, turn: Turn) -> LiveAnswer | None:
        """The answer on its way that is a part of this turn."""
        ids = {record.id for record in turn.records}
        return next((one for one in self.shown.answers.values() if one.id in ids), None)

    def _start_ticking(self) -> None:
        if self._ticking is None and self.shown.is_running:
            self._ticking = asyncio.ensure_future(self._tick())

    async def _tick(self) -> None:
        """Keep the times and numbers of the shown answers true, as long as any runs."""
        while self.shown.is_running:
            await asyncio.sleep(_TICK_S)
            now = asyncio.get_running_loop().time()
            for live in list(self.shown.answers.values()):
                if (view := self.transcript.live_view(live)) is not None:
                    view.tick(now)
            if self.shown.is_running:
                self._show_context()
            self.transcript.on_change()
            self._compare.tick(now)
            self._wire.refresh()
        self._ticking = None

    async def _count_down(self, view: Answer, wait_s: float) -> None:
        until_ms = performance.now() + wait_s * 1000
        until = times.until(wait_s, datetime.now())
        while view.article.isConnected:
            left_s = (until_ms - performance.now()) / 1000
            view.count_down(max(left_s, 0), until)
            if left_s <= 0:
                last = self.transcript.entries[-1]
                if last.view is view and view.is_sent_then and not self.transcript.edited():
                    self.shown.regenerate(last.turn.id)
                return
            await asyncio.sleep(min(1.0, left_s))

    async def _follow_days(self) -> None:
        """Keep the times of messages right on each new day."""
        while True:
            await asyncio.sleep(times.to_midnight_s(datetime.now()))
            self.transcript.refresh_times()

    def _on_visibility(self, _event: Any) -> None:
        """Take the call out of the title where the person looks at the page again, and renew the
        times: it may be another day.
        """
        if not document.hidden:
            self.transcript.refresh_times()
            self.show_progress()
