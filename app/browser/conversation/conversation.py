"""The open chats of the page, and the one that is shown: presses become actions.

Long, because it is where what an open chat tells meets all that shows it.
"""

import asyncio
from collections.abc import Callable, Container, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from js import document, performance, window

from ...core.events import Event
from ...core.messages import Message, Part
from ...core.wire.transport import Transport
from ...history.records import ChatRecord, MessageRecord
from ...history.stored import Logged
from ...history.tree import Tree
from ..markdown.painter import Painter
from ..web import page_title
from ..web.dom import announce, listen
from ..web.ids import new_id, now_ms
from ..web.once import Once
from ..web.tasks import beside
from . import times, words
from .answer import context_meter
from .answer.answer import Answer
from .answer.compare import Compare
from .answer.reading_aloud import Reading
from .chat_files import documents_of, files_of, looked_up_in
from .composer import attachments, message_box, queued_questions
from .composer.text_files import attached, written
from .document_links import DocumentLinks
from .drawing_marks import DrawingMarks
from .live_answer import AnswerRun, LiveAnswer
from .notices import Notice
from .open_chat import Keeper, OpenChat
from .places import Place, Places
from .run_settings import RunSettings, ServerQuestion
from .scroll import Follower
from .tool_approvals import ToolApprovals
from .transcript import Transcript
from .turns import Turn, question_parts, turn_of, turns
from .wire.recordings import Recorded, Recordings, title_id
from .wire.wire_view import Wire

# How often the numbers of an answer on its way are written anew.
_TICK_S = 0.5


class Conversation:
    """Holds the open chats. `run_settings` says how a chat asks now; `changed(chat)` is called when
    the record of a chat has changed or its answer begins or ends, `on_show(chat)` when another chat
    is going to be shown, `on_forget(id)` when one is deleted.
    """

    def __init__(
        self,
        keeper: Keeper,
        to_server: Transport,
        run_settings: Callable[[ChatRecord, str, bool | None], RunSettings],
        approvals: ToolApprovals,
        marks: DrawingMarks,
        changed: Callable[[ChatRecord], None],
        on_show: Callable[[ChatRecord], None],
        on_forget: Callable[[str], None],
    ) -> None:
        self.follower = Follower()
        self.show_context = Once(self._show_context)
        self._painter = Painter(self.follower.settle, self.follower.keep_up)
        self._keeper = keeper
        self._to_server = to_server
        self._run_settings = run_settings
        self._approvals = approvals
        self._changed = changed
        self._on_show = on_show
        self._on_forget = on_forget
        self._open: dict[str, OpenChat] = {}
        self._shown: OpenChat | None = None
        self._held: set[str] = set()  # the chats whose answer waits for the person
        self.transcript = Transcript(self._painter, self._live_of, marks, self.follower)
        self._ticking: asyncio.Task[None] | None = None
        self._recordings = Recordings()
        self._wire = Wire(self._latest_recorded)
        self._compare = Compare(self._painter, self.stop)
        self.reading = Reading()
        # Who hears when an answer has ended, and when one begins to wait for the person.
        self.on_done: list[Callable[[OpenChat, LiveAnswer, Notice | None], None]] = []
        self.on_held: Callable[[OpenChat], None] = lambda chat: None
        self._places = Places()
        DocumentLinks(lambda: documents_of(self._asked(self.shown.chat.id)))
        listen(window, "pagehide", lambda _: self.keep_place())
        listen(window, "beforeunload", self._on_leaving)
        listen(document, "visibilitychange", self._on_visibility)
        beside(self._follow_days())

    async def _follow_days(self) -> None:
        """Keep the times of messages right on each new day."""
        while True:
            await asyncio.sleep(times.to_midnight_s(datetime.now()))
            self.transcript.refresh_times()

    @property
    def shown(self) -> OpenChat:
        """The chat that is shown."""
        assert self._shown is not None, "a chat is shown from the start"
        return self._shown

    def is_waiting(self, chat_id: str) -> bool:
        """Tell whether an answer of this chat waits for the person to allow a tool."""
        return chat_id in self._open and self._open[chat_id].is_held

    def is_running(self, chat_id: str) -> bool:
        """Tell whether an answer of this chat is on its way."""
        return chat_id in self._open and self._open[chat_id].is_running

    def _on_leaving(self, event: Any) -> None:
        """Have the browser ask first where waiting questions would be gone with the page."""
        keeps = self._keeper.keeps
        if any(chat.waiting and not keeps(chat.chat.id) for chat in self._open.values()):
            event.preventDefault()

    def show(self, tree: Tree) -> None:
        """Show this chat. The one shown before goes on by itself."""
        before = self._shown
        self.keep_place()
        place = self._places.of(tree.chat.id)
        self._painter.forget_all()
        self.transcript.clear("" if place is None else place.turn_id)
        self.reading.clear()
        known = self._open.get(tree.chat.id)
        if before is not None and not before.is_running and not before.waiting:
            self._open.pop(before.chat.id, None)
        self._shown = self._open[tree.chat.id] = known or OpenChat(tree, self._keeper, self)
        if known is None and tree.chat.head:
            beside(self._shown.take_up())
        self._on_show(self._shown.chat)
        self.on_tree(self._shown)
        self._wire.follow()
        page_title.show(tree.chat.title)
        self.follower.take_room()
        if tree.chat.head:
            self.follower.to_end()
        else:
            self.follower.to_start()
        if place is not None:
            beside(self._go_to(place))
        page_title.show_progress(self._state())

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

    def show_wire(self, turn: Turn) -> None:
        """Show the exchanges of this answer."""
        self._wire.open(self._recorded(turn))

    def compare(self, turn: Turn) -> None:
        """Have the question of this answer answered in both modes, side by side."""
        self._compare.open(self.shown.compare(turn.id))
        self.shown.select(turn.last.id)  # what was shown stays; the two come beside it

    def fork(self, chat: OpenChat, upto_id: str) -> None:
        """Begin a new chat with all up to a message, and show it."""
        begun_ms = now_ms()
        record = msgspec.structs.replace(
            chat.chat,
            id=new_id(),
            created_ms=begun_ms,
            updated_ms=begun_ms,
            title=words.fork_of(chat.chat.title),
            pinned=False,
            draft="",
        )
        record.settings = msgspec.structs.replace(chat.chat.settings)
        tree = chat.tree.copy(upto_id, record, new_id)
        beside(self._keeper.save_chat(record))
        beside(self._keeper.save_messages(tree.records()))
        self.show(tree)
        self._changed(record)
        announce(words.FORKED)

    async def reload(self, chat_id: str) -> Tree | None:
        """Take in a chat as another tab has kept it, where it is open; return its tree then.

        Raises:
            StorageError: It could not be read.
        """
        known = self._open.get(chat_id)
        if known is None:
            return None
        await known.reload()
        return known.tree

    async def take_in(self, chat_id: str) -> None:
        """Take in what the page's server brought for a chat, where it is open, and follow it.

        Raises:
            StorageError: It could not be read.
        """
        if (known := self._open.get(chat_id)) is not None:
            await known.reload()
            await known.take_up_answers()

    def take_out(self, chat_id: str, message_id: str) -> bool:
        """Take a message out of a chat, as another browser did; tell whether it is open."""
        known = self._open.get(chat_id)
        if known is not None and message_id in known.tree:
            known.take_out(message_id)
        return known is not None

    def show_anew(self) -> None:
        """Show the chat's settings anew, changed by another tab or by a decision."""
        self._on_show(self.shown.chat)

    def follow(self, chat_id: str) -> None:
        """Go on with the waiting questions of this chat: no other tab writes in it any more."""
        if (known := self._open.get(chat_id)) is not None and not known.is_running:
            known.follow()
            beside(known.take_up_answers())

    def files_of(self, chat_id: str, besides: Container[str] = ()) -> dict[str, bytes]:
        """Give the files attached in an open chat, by name, without those of these names."""
        return files_of(self._asked(chat_id), besides)

    def looked_up_in(self, chat_id: str) -> dict[str, str]:
        """Give the texts of an open chat's documents that its model may look things up in."""
        return looked_up_in(self._asked(chat_id))

    def _asked(self, chat_id: str) -> list[Message]:
        """The messages of the path that is shown of an open chat."""
        known = self._open.get(chat_id)
        return [record.message for record in (known.tree.path() if known else [])]

    def forget(self, chat_id: str) -> None:
        """Let go of a deleted chat, and end its answers."""
        if (known := self._open.pop(chat_id, None)) is not None:
            self._held.discard(chat_id)  # or its last words would tell of it once more
            known.close()
            self._approvals.forget(chat_id)
        self._on_forget(chat_id)

    def send(self, text: str, files: Sequence[Part] = ()) -> None:
        """Ask in the chat that is shown; while an answer runs, the question waits for it."""
        self.shown.send(question_parts(text, files))
        self.follower.to_end()

    def wait(self, text: str, files: Sequence[Part] = ()) -> None:
        """Let a question wait in the chat that is shown, until `resume` or the next answer's end:
        another tab writes an answer in it.
        """
        self.shown.wait(question_parts(text, files))

    def stop(self) -> None:
        """End the shown answer; the text that has arrived stays."""
        self.shown.stop()
        self.shown.stop_elsewhere()

    def stop_in(self, chat_id: str) -> None:
        """The same for the answers of a chat that this tab writes, as another tab wants it."""
        if (known := self._open.get(chat_id)) is not None:
            known.stop()

    def _on_visibility(self, _event: Any) -> None:
        """Take the call out of the title where the person looks at the page again, and renew the
        times: it may be another day.
        """
        if not document.hidden:
            self.transcript.refresh_times()
            page_title.show_progress(self._state())

    def press_waiting(self, action: str, id: str) -> None:
        """Run the action of a waiting question's button."""
        match action:
            case "resume":
                self.shown.resume()
                message_box.focus()
            case "drop":
                self.shown.drop_waiting(id)
                message_box.focus()
            case "take-back":
                parts = self.shown.drop_waiting(id)
                message_box.put(written(parts))
                attachments.put(attached(parts))

    # What the open chats tell

    def run_settings(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None
    ) -> RunSettings:
        return self._run_settings(chat, model, streaming)

    def carrier(self, answer_id: str, run_settings: RunSettings) -> Transport:
        """Give the transport for an answer's requests, which records them for the wire view."""
        option = run_settings.model_option
        return self._recordings.begin(
            answer_id, option.transport, option.provider.decoder, is_relayed=option.is_relayed
        )

    def begin_on_server(
        self, record: MessageRecord, chat: ChatRecord, question: ServerQuestion
    ) -> AnswerRun:
        run: AnswerRun = self._server_runs.begin(record, chat, question, self._carrier(record.id))
        return run

    def follow_on_server(self, kept: Logged, run_settings: RunSettings) -> AnswerRun:
        carrier = self._carrier(kept.record.id)
        run: AnswerRun = self._server_runs.follow(kept, run_settings, carrier)
        return run

    def cancel_on_server(self, run: str) -> None:
        self._server_runs.cancel(run)

    async def delete_run_on_server(self, run: str, message_id: str) -> bool:
        return bool(await self.run_server.delete_run(run, message_id))

    @property
    def run_server(self) -> Any:
        """The page's server, as far as it keeps runs: a `RunServer`."""
        return self._server_runs.server

    async def delete_on_server(self, chat_id: str) -> bool:
        """Delete all that the page's server has of a chat; tell whether nothing of it is there."""
        return bool(await self._server_runs.delete_chat(chat_id))

    @cached_property
    def _server_runs(self) -> Any:
        from .server_runs import ServerRuns  # not at the start of the page

        return ServerRuns(self._to_server)

    def _carrier(self, answer_id: str) -> Transport:
        """Carry the requests of an answer of the page's server, recorded for the wire view."""
        from ...protocols import decoder, tokenfall  # not at the start of the page

        return self._recordings.begin(
            answer_id, self._to_server, lambda: decoder(tokenfall.NAME), is_relayed=False
        )

    def on_tree(self, chat: OpenChat) -> None:
        if chat is self._shown:
            self._show_turns(chat, turns(chat.tree))

    def _show_turns(self, chat: OpenChat, shown: Sequence[Turn]) -> None:
        self.transcript.show(shown)
        queued_questions.show_waiting(chat.waiting, is_paused=chat.is_paused)
        message_box.show_running(chat.is_running or chat.is_elsewhere)
        page_title.show(chat.chat.title)
        self.show_context()
        self.follower.keep_up()

    def on_begin(self, chat: OpenChat, live: LiveAnswer) -> None:
        if chat is self._shown:
            if self.transcript.live_view(live) is None:  # it was there, and goes on
                shown = turns(chat.tree)
                turn = turn_of(shown, live.id)
                if turn is not None and (entry := self.transcript.entry(turn.id)) is not None:
                    entry.is_stale = True
                    self._show_turns(chat, shown)
            self.follower.make_room()
            self.follower.to_end()
            announce(words.GENERATING)
            self._wire.follow()
            page_title.show_progress("writing")
        if self._ticking is None:
            self._ticking = asyncio.ensure_future(self._tick())
        self._changed(chat.chat)
        if live.approvals:  # an answer that is taken up may wait already
            self._approvals.follow(chat)
            self._note_waiting(chat)

    def on_batch(
        self, chat: OpenChat, live: LiveAnswer, batch: list[Event], *, is_text: bool
    ) -> None:
        if not is_text:
            self._approvals.follow(chat)
            self._note_waiting(chat)
        if chat is not self._shown:
            return
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

    def _note_waiting(self, chat: OpenChat) -> None:
        """Note that an answer may have begun to wait for the person, or has ceased to."""
        id = chat.chat.id
        if chat.is_held == (id in self._held):
            return
        (self._held.add if chat.is_held else self._held.discard)(id)
        if chat.is_held:
            self.on_held(chat)
        self._changed(chat.chat)
        if chat is self._shown:
            page_title.show_progress(self._state())

    def on_end(self, chat: OpenChat, live: LiveAnswer, notice: Notice | None) -> None:
        self._held.discard(chat.chat.id)
        self._approvals.follow(chat)
        if chat is self._shown:
            self._show_end(chat, live, notice)
        if self._open.get(chat.chat.id) is chat:  # else it was deleted meanwhile
            self._changed(chat.chat)
            for hear in self.on_done:
                hear(chat, live, notice)

    def _show_end(self, chat: OpenChat, live: LiveAnswer, notice: Notice | None) -> None:
        self._compare.finish(live, notice)
        self.reading.finish(live)
        view = self.transcript.live_view(live)
        shown = turns(chat.tree)
        turn = turn_of(shown, live.id)
        if view is not None and turn is not None:
            self.follower.settle()
            self.transcript.finish(view, turn, notice)
        self._show_turns(chat, shown)
        self._wire.refresh()
        count = len(live.message.text.split())
        if notice is None:
            announce(words.answer_complete(count))
        else:
            # An error is an alert of its own, where it is seen.
            is_alert = notice.is_error and view is not None
            announce("" if is_alert else notice.sentence)
        page_title.show_progress(self._state())
        if notice is not None and notice.wait_s > 0 and view is not None:
            beside(self._count_down(view, notice.wait_s))

    def _state(self) -> str:
        if self._shown is not None and self._shown.is_running:
            return "waiting" if self._shown.is_held else "writing"
        return "ready" if document.hidden else ""

    def _show_context(self) -> None:
        """Show how full this chat makes its model's context window, with the text being written."""
        run_settings = self._run_settings(self.shown.chat, "", None)
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

    async def _tick(self) -> None:
        """Keep the times and numbers of the shown answers true, as long as any runs."""
        while any(chat.is_running for chat in self._open.values()):
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
                return
            await asyncio.sleep(min(1.0, left_s))
