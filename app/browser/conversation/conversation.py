"""The open chats of the page, and the one that is shown: what people press becomes what happens."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from js import document, performance

from ...core.events import Event
from ...core.messages import Part
from ...core.wire.transport import Transport
from ...history.records import ChatRecord
from ...history.tree import Tree
from ..markdown.painter import Painter
from ..web import page_title
from ..web.dom import announce
from ..web.ids import new_id, now_ms
from ..web.tasks import beside
from . import times, words
from .answer import context_meter
from .answer.answer import Answer
from .answer.compare import Compare
from .answer.reading_aloud import Reading
from .composer import attachments, message_box, queued_questions
from .composer.text_files import attached, written
from .drawing_marks import DrawingMarks
from .live_answer import LiveAnswer
from .notices import Notice
from .open_chat import Keeper, OpenChat
from .run_settings import RunSettings
from .scroll import Follower
from .tool_approvals import ToolApprovals
from .transcript import Transcript
from .turns import Turn, question_parts, turn_of, turns
from .wire.recordings import Recorded, Recordings
from .wire.wire_view import Wire

# How often the numbers of an answer on its way are written anew.
_TICK_S = 0.5


class Conversation:
    """Holds the open chats. `asking` says how a chat asks now; `changed(chat)` is called when the
    record of a chat has changed or its answer begins or ends, `on_show(chat)` when another chat
    is going to be shown.
    """

    def __init__(
        self,
        keeper: Keeper,
        asking: Callable[[ChatRecord, str, bool | None], RunSettings],
        approvals: ToolApprovals,
        marks: DrawingMarks,
        changed: Callable[[ChatRecord], None],
        on_show: Callable[[ChatRecord], None],
    ) -> None:
        self.follower = Follower()
        self._painter = Painter(self.follower.settle, self.follower.keep_up)
        self._keeper = keeper
        self._asking = asking
        self._approvals = approvals
        self._changed = changed
        self._on_show = on_show
        self._open: dict[str, OpenChat] = {}
        self._shown: OpenChat | None = None
        self._held: set[str] = set()  # the chats whose answer waits for the person
        self.transcript = Transcript(self._painter, self._live_of, marks)
        self._ticking: asyncio.Task[None] | None = None
        self._recordings = Recordings()
        self._wire = Wire(self._latest_recorded)
        self._compare = Compare(self._painter, self.stop)
        self.reading = Reading()

    @property
    def shown(self) -> OpenChat:
        """The chat that is shown."""
        assert self._shown is not None, "a chat is shown from the start"
        return self._shown

    def is_waiting(self, chat_id: str) -> bool:
        """Whether an answer of this chat waits for the person to allow a tool."""
        return chat_id in self._open and self._open[chat_id].is_held

    def is_running(self, chat_id: str) -> bool:
        """Whether an answer of this chat is on its way."""
        return chat_id in self._open and self._open[chat_id].is_running

    @property
    def has_waiting(self) -> bool:
        """Whether a question waits that would be gone with the page."""
        keeps = self._keeper.keeps
        return any(chat.waiting and not keeps(chat.chat.id) for chat in self._open.values())

    def show(self, tree: Tree) -> None:
        """Show this chat. The one that was shown goes on by itself."""
        before = self._shown
        self._painter.forget_all()
        self.transcript.clear()
        self.reading.clear()
        known = self._open.get(tree.chat.id)
        self._shown = known or OpenChat(tree, self._keeper, self)
        self._open[tree.chat.id] = self._shown
        if known is None and tree.chat.head:
            beside(self._shown.take_up())
        self._on_show(self._shown.chat)
        if before is not None and not before.is_running and not before.waiting:
            self._open.pop(before.chat.id, None)
            self._open[tree.chat.id] = self._shown
        self.on_tree(self._shown)
        self._wire.follow()
        page_title.show(tree.chat.title)
        self.follower.take_room()
        if tree.chat.head:
            self.follower.to_end()
        else:
            self.follower.to_start()
        page_title.show_progress(self._state())

    def show_wire(self, turn: Turn) -> None:
        """Show what went over the wire for this answer."""
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
        """Take in what another tab has kept of a chat, where it is open; return its tree then.

        Raises:
            StorageError: It could not be read.
        """
        known = self._open.get(chat_id)
        if known is None:
            return None
        await known.reload()
        return known.tree

    def show_anew(self) -> None:
        """What the shown chat is asked with has changed, by another tab or by a decision."""
        self._on_show(self.shown.chat)

    def follow(self, chat_id: str) -> None:
        """Go on with what waits in this chat: no other tab writes in it any more."""
        if (known := self._open.get(chat_id)) is not None and not known.is_running:
            known.follow()

    def forget(self, chat_id: str) -> None:
        """A chat was deleted: end its answers."""
        if (known := self._open.pop(chat_id, None)) is not None:
            self._held.discard(chat_id)  # or its last words would tell of it once more
            known.close()
            self._approvals.forget(chat_id)

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
        """End the answer that is shown; what has arrived stays."""
        self.shown.stop()

    def seen(self) -> None:
        """The person looks at the page again: the title need not call them any more."""
        page_title.show_progress(self._state())

    def press_waiting(self, action: str, id: str) -> None:
        """Do what a button of a waiting question says."""
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

    def asking(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None
    ) -> RunSettings:
        return self._asking(chat, model, streaming)

    def carrier(self, answer_id: str, asking: RunSettings) -> Transport:
        """What carries the requests of an answer, and records them for the wire view."""
        source = asking.source
        return self._recordings.begin(
            answer_id, source.transport, source.provider.decoder, is_relayed=source.is_relayed
        )

    def on_tree(self, chat: OpenChat) -> None:
        if chat is self._shown:
            self.transcript.show(turns(chat.tree))
            queued_questions.show_waiting(chat.waiting, is_paused=chat.is_paused)
            message_box.show_running(chat.is_running)
            page_title.show(chat.chat.title)
            self.show_context()
            self.follower.keep_up()

    def on_begin(self, chat: OpenChat, answering: LiveAnswer) -> None:
        if chat is self._shown:
            self.follower.make_room()
            self.follower.to_end()
            announce(words.GENERATING)
            self._wire.follow()
            page_title.show_progress("writing")
        if self._ticking is None:
            self._ticking = asyncio.ensure_future(self._tick())
        self._changed(chat.chat)

    def on_batch(self, chat: OpenChat, answering: LiveAnswer, batch: list[Event]) -> None:
        self._approvals.follow(chat)
        self._note_waiting(chat)
        if chat is not self._shown:
            return
        self._compare.take(answering, batch)
        view = self.transcript.live_view(answering)
        if view is None:
            return
        self.follower.settle()
        view.take(batch)
        self.follower.keep_up()
        self.reading.take(answering, batch)

    def _note_waiting(self, chat: OpenChat) -> None:
        """An answer may have begun to wait for the person, or does not any more."""
        id = chat.chat.id
        if chat.is_held == (id in self._held):
            return
        (self._held.add if chat.is_held else self._held.discard)(id)
        self._changed(chat.chat)
        if chat is self._shown:
            page_title.show_progress(self._state())

    def on_end(self, chat: OpenChat, answering: LiveAnswer, notice: Notice | None) -> None:
        self._held.discard(chat.chat.id)
        self._approvals.follow(chat)
        if chat is self._shown:
            self._show_end(chat, answering, notice)
        if self._open.get(chat.chat.id) is chat:  # else it was deleted meanwhile
            self._changed(chat.chat)

    def _show_end(self, chat: OpenChat, answering: LiveAnswer, notice: Notice | None) -> None:
        self._compare.finish(answering, notice)
        self.reading.finish(answering)
        view = self.transcript.live_view(answering)
        turn = turn_of(chat.tree, answering.id)
        if view is not None and turn is not None:
            self.follower.settle()
            self.transcript.finish(view, turn, notice)
        self.on_tree(chat)
        self._wire.refresh()
        count = len(answering.message.text.split())
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

    def show_context(self) -> None:
        """Show how much of what its model can read this chat fills, with what is being written."""
        asking = self._asking(self.shown.chat, "", None)
        growing = {
            answering.records[-1].id: answering
            for answering in self.shown.answers.values()
            if answering.records[-1].message.status is None
        }
        path = self.shown.tree.path()
        # Of what grows only the count is read: its text is not put together for this.
        written = sum(growing[one.id].characters_of_call for one in path if one.id in growing)
        messages = [record.message for record in path if record.id not in growing]
        context_meter.show_context(messages, written, asking.window)

    def _recorded(self, turn: Turn) -> list[Recorded]:
        return self._recordings.of(record.id for record in turn.records)

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
            for answering in list(self.shown.answers.values()):
                if (view := self.transcript.live_view(answering)) is not None:
                    view.tick(now)
            if self.shown.is_running:
                self.show_context()
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
