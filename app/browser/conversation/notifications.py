"""Telling a person who is elsewhere that an answer is done, or waits for their yes: through the
system, where they want that. They are asked once, when they come back to an answer that was done
meanwhile. The answer's beginning is told only where they chose so.
"""

from collections.abc import Callable
from typing import Any

from js import document, navigator, window
from pyodide.ffi import JsException, create_proxy

from ...history.records import ChatRecord
from ..markdown.spoken_text import Sentences
from ..settings.local_settings import LocalSettings
from ..web import toast
from ..web.dom import js_object, listen
from ..web.notification import is_offered
from ..web.plain_text import short, short_name
from ..web.tasks import beside
from . import words
from .answer import words as answer_words
from .conversation import Conversation
from .live_answer import LiveAnswer
from .notices import Notice
from .open_chat import OpenChat

_CHARACTERS = 200
# Of an answer so much is looked at, for the beginning of it.
_LOOKED_AT = 2000


class Notifications:
    """One for the page. `is_kept(id)` says whether a chat is there to be opened, `open_chat(id)`
    opens it.
    """

    def __init__(
        self,
        settings: LocalSettings,
        conversation: Conversation,
        is_kept: Callable[[str], bool],
        open_chat: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._conversation = conversation
        self._is_kept = is_kept
        self._open_chat = open_chat
        self._has_missed = False
        self._shown: dict[str, Any] = {}
        self._on_press = create_proxy(self._pressed)
        settings.subscribe(self._on_settings)
        conversation.on_done.append(self._done)
        conversation.on_held = self._held
        listen(document, "visibilitychange", lambda _: self._come_back())
        if hasattr(navigator, "serviceWorker"):
            listen(navigator.serviceWorker, "message", self._on_message)

    def _on_settings(self, changed: frozenset[str]) -> None:
        """Have the browser ask, where it has not yet; only after a press, and so not for what
        another tab has changed.
        """
        is_wanted = "notifies" in changed and self._settings.values.notifies
        if is_wanted and is_offered() and _is_pressed():
            beside(self._ask_browser())

    async def _ask_browser(self) -> None:
        if str(window.Notification.permission) == "granted":
            return
        if str(await window.Notification.requestPermission()) != "granted":
            self._settings.update(notifies=False)
            toast.show(words.NOTIFICATIONS_FORBIDDEN)

    def _done(self, chat: OpenChat, answer: LiveAnswer, notice: Notice | None) -> None:
        goes_on = chat.is_running or (chat.waiting.questions and not chat.waiting.is_paused)
        if answer.run.status != "aborted" and not goes_on:
            is_whole = notice is None or not notice.is_error
            self._tell(
                chat.chat,
                words.ANSWER_READY if is_whole else words.ANSWER_FAILED,
                _beginning(answer.message.text) if is_whole else "",
            )

    def _held(self, chat: OpenChat) -> None:
        self._tell(chat.chat, words.ANSWER_WAITS, "")

    def _tell(self, chat: ChatRecord, what: str, said: str) -> None:
        values = self._settings.values
        if not document.hidden or not is_offered():
            return
        if not values.notifies:
            self._has_missed = True
        elif window.Notification.permission == "granted":
            lines = [short_name(chat.title)] if self._is_kept(chat.id) else []
            if values.notifies_with_text and said:
                lines.append(said)
            beside(self._show(chat.id, what, "\n".join(lines)))

    async def _show(self, chat_id: str, title: str, body: str) -> None:
        """Show it, in place of an earlier one about this chat."""
        options = js_object(body=body, tag=f"tokenfall-{chat_id}", data=chat_id)
        try:
            shown = window.Notification.new(title, options)
        except JsException:
            # Phones: there the service worker shows it, and hears of the press.
            if (worker := await navigator.serviceWorker.getRegistration()) is not None:
                await worker.showNotification(title, options)
            return
        shown.onclick = self._on_press
        self._shown[chat_id] = shown

    def _pressed(self, event: Any) -> None:
        window.focus()
        self._go_to(str(event.target.data))

    def _on_message(self, event: Any) -> None:
        if chat_id := getattr(event.data, "chat", ""):
            self._go_to(str(chat_id))

    def _go_to(self, chat_id: str) -> None:
        if (shown := self._shown.pop(chat_id, None)) is not None:
            shown.close()
        if self._is_kept(chat_id):
            self._open_chat(chat_id)

    def _come_back(self) -> None:
        """Close notifications of the shown chat; offer a person who missed something to be
        notified, once.
        """
        if document.hidden:
            return
        if (shown := self._shown.pop(self._conversation.shown.chat.id, None)) is not None:
            shown.close()
        values = self._settings.values
        if self._has_missed and is_offered() and not (values.notifies or values.notify_asked):
            self._settings.update(notify_asked=True)
            toast.show(words.NOTIFY_QUESTION, words.NOTIFY_ME, self._begin)

    def _begin(self) -> None:
        self._settings.update(notifies=True)


def _is_pressed() -> bool:
    """Tell whether the person has just pressed something here; older browsers don't say."""
    activation = getattr(navigator, "userActivation", None)
    return activation is None or bool(activation.isActive)


def _beginning(text: str) -> str:
    """Give the beginning of an answer, as it would be read out."""
    sentences = Sentences(answer_words.CODE_FOLLOWS)
    heard = [*sentences.feed(text[:_LOOKED_AT]), *sentences.close()]
    return short(" ".join(heard), _CHARACTERS)
