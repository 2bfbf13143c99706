"""The line below the message box: the one thing worth knowing now."""

from collections.abc import Callable

from js import navigator, window

from . import words
from .conversation.composer import message_box
from .conversation.conversation import Conversation
from .models.model_choice import ADD, Hint, ModelChoice
from .settings.local_settings import LocalSettings
from .tools.own import words as own_words
from .web.dom import is_touch, listen


class Hints:
    """Says it, and offers a remedy: `choose(id)` takes up an offered model."""

    def __init__(
        self,
        settings: LocalSettings,
        conversation: Conversation,
        choice: ModelChoice,
        choose: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._conversation = conversation
        self._choice = choice
        self._choose = choose
        self._sandbox_state = "off"

    def start(self) -> None:
        """Begin to say it."""
        for kind in ("online", "offline"):
            listen(window, kind, lambda _: self.show())
        self.show()

    def show_sandbox(self, state: str) -> None:
        """Take in the state of the Python of a person's own tools."""
        self._sandbox_state = state
        self.show()

    def show(self) -> None:
        """Say the one thing that holds now."""
        is_running = self._conversation.shown.is_running
        hint = self._hint(is_running)
        if hint.sentence:
            message_box.hint(hint.sentence, progress=hint.progress)
        elif is_touch():
            message_box.hint("")
        else:
            by_control = self._settings.values.sends_by_control
            enter = words.SEND_BY_CONTROL if by_control else words.SEND_BY_ENTER
            message_box.hint(words.ESC_STOPS if is_running else enter)
        label = words.ADD_A_PROVIDER if hint.offers == ADD else words.USE_IT
        message_box.offer(label if hint.offers else "", lambda: self._choose(hint.offers))

    def _hint(self, is_running: bool) -> Hint:
        if self._sandbox_state == "starting":
            return Hint(own_words.STARTING_TOOLS)
        if is_running:
            return Hint()
        if not navigator.onLine:
            return Hint(words.OFFLINE)
        hint = self._choice.hint()
        is_bare = not (window.isSecureContext or hint.sentence or self._conversation.shown.tree)
        return Hint(words.PLAIN_HTTP) if is_bare else hint
