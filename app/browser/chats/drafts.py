"""Drafts: the text of the message box and the files beside it belong to their chat, and are there
again after a reload.
"""

from collections.abc import Callable

import js
from js import clearTimeout, document, setTimeout, window
from pyodide.ffi import create_proxy

from ...history.records import ChatRecord
from ..conversation.composer import attachments
from ..storage.chat_store import ChatStore
from ..web import web_storage
from ..web.dom import find, listen
from ..web.ids import new_id
from ..web.tasks import Once, beside
from ..web.web_storage import TAB

# After the last key, before it is kept, in milliseconds.
_DELAY_MS = 400

# A chat without a question is not in the list, so its draft lies elsewhere. One tab, one draft: its
# text, and the name under which its files are kept.
_NEW = "tokenfall.draft"
_NEW_FILES = "tokenfall.draft.files"
# A page that is left may end before the database has written: the chat's id and the text lie here.
_LEFT = "tokenfall.draft.left"


class Drafts:
    """Keeps the draft of the chat that is shown."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store
        self._chat: ChatRecord | None = None
        self._text = ""  # as this tab last put or kept it; another one may have kept another
        self._is_new = False
        self._timer: int | None = None
        self._on_timer = create_proxy(lambda: self._keep())
        self._left = ""

    def start(self, shown: Callable[[], ChatRecord]) -> None:
        """Listen to the box; called once. Its text from before Python was up stays."""
        self._chat, self._is_new = shown(), True
        self._left = web_storage.get(TAB, _LEFT) or ""
        web_storage.remove(TAB, _LEFT)
        box = find("message")
        if not box.value:
            self._put(_text_of_new())
        listen(box, "input", lambda _: self._wait())
        sent = Once(self._keep)  # when all have heard of it, and the box is empty
        listen(find("composer"), "submit", lambda _: sent())
        listen(window, "pagehide", lambda _: self._leave_page())
        listen(document, "visibilitychange", lambda _: self._keep())

    def leave(self) -> None:
        """Keep the draft, before another chat is shown."""
        self._keep()

    def enter(self, chat: ChatRecord, *, is_new: bool = False) -> None:
        """Put the draft of this chat into the box. `is_new`: it is not in the list yet."""
        self._chat, self._is_new = chat, is_new
        self._text = "" if is_new else chat.draft
        id, _, left = self._left.partition("\n")
        text = left if id == chat.id else chat.draft
        self._left = ""
        self._put(_text_of_new() if is_new else text)
        attachments.switch(_name_of_new() if is_new else chat.id)

    def moved(self, chat: ChatRecord) -> None:
        """Take in that the shown chat is in the list from now on: the new one, or a fork."""
        if self._chat is not None and self._chat.id != chat.id:
            self._keep()
            self.enter(chat)
        elif self._is_new:
            self._is_new = False
            _keep_new("")
            attachments.move(chat.id)
        self._chat = chat

    def _wait(self) -> None:
        if self._timer is not None:
            clearTimeout(self._timer)
        self._timer = setTimeout(self._on_timer, _DELAY_MS)

    def _keep(self) -> None:
        if self._timer is not None:
            clearTimeout(self._timer)
            self._timer = None
        chat = self._chat
        if chat is None:
            return
        text = str(find("message").value)
        if self._is_new:
            _keep_new(text)
        elif text != self._text:
            self._text = chat.draft = text
            beside(self._store.change_chats([chat.id], draft=text))

    def _leave_page(self) -> None:
        self._keep()
        chat = self._chat
        if chat is None or self._is_new or self._store.is_temporary(chat.id):
            return
        web_storage.put(TAB, _LEFT, f"{chat.id}\n{find('message').value}")

    def _put(self, text: str) -> None:
        box = find("message")
        if box.value != text:
            box.value = text
            # So that the box grows, and Send is offered.
            box.dispatchEvent(js.Event.new("input"))


def _name_of_new() -> str:
    """The name under which the files of this tab's new chat are kept."""
    if not (name := web_storage.get(TAB, _NEW_FILES)):
        name = new_id()
        web_storage.put(TAB, _NEW_FILES, name)
    return name


def _text_of_new() -> str:
    return web_storage.get(TAB, _NEW) or ""


def _keep_new(text: str) -> None:
    if text:
        web_storage.put(TAB, _NEW, text)
    else:
        web_storage.remove(TAB, _NEW)
