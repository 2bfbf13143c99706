"""The open chats of the page, one of which is shown."""

from collections.abc import Callable, Container, Sequence
from typing import Any

import msgspec
from js import window

from ...core.events import Event
from ...core.messages import Message, Part
from ...history.records import ChatRecord
from ...history.tree import Tree
from ..storage.chat_store import ChatStore
from ..web.dom import announce, listen
from ..web.ids import new_id, now_ms
from ..web.tasks import beside
from . import words
from .answer_runs import AnswerRuns
from .chat_files import files_of, looked_up_in
from .chat_view import ChatView
from .live_answer import LiveAnswer
from .notices import Notice
from .open_chat import OpenChat
from .run_settings import RunSettingsOf
from .tool_approvals import ToolApprovals
from .turns import question_parts


class Conversation:
    """Holds the open chats; `view` shows one of them. `run_settings` says how a chat asks now;
    `changed(chat)` is called when the record of a chat has changed or its answer begins or ends,
    `on_forget(id)` when one is deleted.
    """

    def __init__(
        self,
        store: ChatStore,
        runs: AnswerRuns,
        view: ChatView,
        run_settings: RunSettingsOf,
        approvals: ToolApprovals,
        changed: Callable[[ChatRecord], None],
        on_forget: Callable[[str], None],
    ) -> None:
        self.runs = runs
        self.run_settings = run_settings
        self.view = view
        self._store = store
        self._approvals = approvals
        self._changed = changed
        self._on_forget = on_forget
        self._open: dict[str, OpenChat] = {}
        self._held: set[str] = set()  # the chats whose answer waits for the person
        # Who hears when an answer has ended, and when one begins to wait for the person.
        self.on_done: list[Callable[[OpenChat, LiveAnswer, Notice | None], None]] = []
        self.on_held: Callable[[OpenChat], None] = lambda chat: None
        listen(window, "beforeunload", self._on_leaving)

    @property
    def shown(self) -> OpenChat:
        """The chat that is shown."""
        return self.view.shown

    def is_waiting(self, chat_id: str) -> bool:
        """Tell whether an answer of this chat waits for the person to allow a tool."""
        return chat_id in self._open and self._open[chat_id].is_held

    def is_running(self, chat_id: str) -> bool:
        """Tell whether an answer of this chat is on its way."""
        return chat_id in self._open and self._open[chat_id].is_running

    def show(self, tree: Tree) -> None:
        """Show this chat. The one shown before goes on by itself."""
        before = self.view.leave()
        known = self._open.get(tree.chat.id)
        if before is not None and not before.is_running and not before.waiting.questions:
            self._open.pop(before.chat.id, None)
        chat = known or OpenChat(tree, self._store, self.runs, self)
        self._open[tree.chat.id] = chat
        if known is None and tree.chat.head:
            beside(chat.take_up())
        self.view.show(chat)

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
        beside(self._store.save_chat(record))
        beside(self._store.save_messages(tree.records()))
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
        self.view.follower.to_end()

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

    def _on_leaving(self, event: Any) -> None:
        """Have the browser ask first where waiting questions would be gone with the page."""
        keeps = self._store.keeps
        if any(chat.waiting.questions and not keeps(chat.chat.id) for chat in self._open.values()):
            event.preventDefault()

    # What the open chats tell

    def on_tree(self, chat: OpenChat) -> None:
        if chat is self.view.shown:
            self.view.show_tree()

    def on_begin(self, chat: OpenChat, live: LiveAnswer) -> None:
        if chat is self.view.shown:
            self.view.begin(live)
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
        if chat is self.view.shown:
            self.view.take(live, batch, is_text=is_text)

    def _note_waiting(self, chat: OpenChat) -> None:
        """Note that an answer may have begun to wait for the person, or has ceased to."""
        id = chat.chat.id
        if chat.is_held == (id in self._held):
            return
        (self._held.add if chat.is_held else self._held.discard)(id)
        if chat.is_held:
            self.on_held(chat)
        self._changed(chat.chat)
        if chat is self.view.shown:
            self.view.show_progress()

    def on_end(self, chat: OpenChat, live: LiveAnswer, notice: Notice | None) -> None:
        self._held.discard(chat.chat.id)
        self._approvals.follow(chat)
        if chat is self.view.shown:
            self.view.finish(live, notice)
        if self._open.get(chat.chat.id) is chat:  # else it was deleted meanwhile
            self._changed(chat.chat)
            for hear in self.on_done:
                hear(chat, live, notice)
