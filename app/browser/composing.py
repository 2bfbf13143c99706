"""The message box at work: sends, stops, and brings questions back."""

from ..core.text.text_files import attached, written
from . import words
from .chats.chats import Chats
from .conversation.composer import attachments, message_box, queued_questions
from .conversation.composer.file_reading import ReadDocument
from .conversation.message_actions import MessageActions
from .conversation.prompt_history import PromptHistory
from .conversation.turns import question_texts
from .run_setup import RunSetup
from .settings.local_settings import LocalSettings
from .web import toast


class Composing:
    """Connects the box with the chat that is shown."""

    def __init__(
        self,
        settings: LocalSettings,
        chats: Chats,
        setup: RunSetup,
        actions: MessageActions,
        read_document: ReadDocument,
    ) -> None:
        self._settings = settings
        self._chats = chats
        self._setup = setup
        self._actions = actions
        self._read_document = read_document
        conversation = chats.conversation
        self._prompt_history = PromptHistory(lambda: question_texts(conversation.shown.tree))

    def start(self) -> None:
        """Listen to the box; called once."""
        conversation = self._chats.conversation
        attachments.start(
            self._settings.values.paste_limit, self._read_document, self._setup.send_images
        )
        message_box.start()
        message_box.on_send(self._send)
        message_box.on_stop(conversation.stop)
        message_box.on_mode(self._setup.keep_mode)
        message_box.on_arrow(self._on_arrow)
        queued_questions.on_press(self._press_waiting)

    def send_early(self, text: str) -> None:
        """Send the message that was sent before Python was up."""
        self._setup.settle()
        self._chats.conversation.send(text)

    def _send(self, text: str) -> bool:
        if attachments.is_reading():
            toast.show(words.STILL_READING)
            return False
        if not text and attachments.is_empty():
            return False
        self._setup.settle()
        self._chats.send(text, attachments.take())
        return True

    def _press_waiting(self, action: str, id: str) -> None:
        """Run the action of a waiting question's button."""
        chat = self._chats.conversation.shown
        match action:
            case "resume":
                chat.resume()
                message_box.focus()
            case "drop":
                chat.drop_waiting(id)
                message_box.focus()
            case "take-back":
                parts = chat.drop_waiting(id)
                message_box.put(written(parts))
                attachments.put(attached(parts))

    def _on_arrow(self, by: int) -> bool:
        """Handle Up and Down as the person chose."""
        if self._settings.values.up_recalls:
            return self._prompt_history.step(by)
        return by < 0 and not message_box.written() and self._actions.edit_last()
