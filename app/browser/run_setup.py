"""Run settings of a chat: its model, mode, tools and options, over the defaults."""

from typing import Any

from msgspec import structs

from ..core.running.step import Deadlines
from ..history.records import ChatRecord
from .chats.chat_list import ChatList
from .conversation.chat_view import ChatView
from .conversation.composer import message_box
from .conversation.run_settings import RunSettings
from .models.model_choice import ModelChoice
from .models.model_options import ModelOption
from .models.page_server import may_be_on_server
from .models.sent_options import SentOptions
from .settings.answer_options import merged
from .settings.local_settings import LocalSettings
from .tools.permissions import ToolPermissions
from .tools.tool_choice import ToolChoice


class RunSetup:
    """Gives each chat its run settings, and changes those of the shown one."""

    def __init__(
        self,
        settings: LocalSettings,
        view: ChatView,
        chats: ChatList,
        choice: ModelChoice,
        sent: SentOptions,
        tools: ToolChoice,
        permissions: ToolPermissions,
    ) -> None:
        self._settings = settings
        self._view = view
        self._chats = chats
        self._choice = choice
        self._sent = sent
        self._tools = tools
        self._permissions = permissions

    def of(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None, /
    ) -> RunSettings:
        """Give this chat's run settings; where they are given, with this model and in this mode."""
        settings = self._settings.values
        option = self._choice.option_of(model or chat.settings.model)
        on_server = (
            may_be_on_server(option)
            and not self._chats.store.is_temporary(chat.id)
            and _first(chat.settings.on_server, option.on_server)
        )
        deadlines = Deadlines()
        if settings.stall_s is not None:
            deadlines = Deadlines(idle_s=settings.stall_s)
        if option.decide is not None:  # a person whom it asks may think
            deadlines = structs.replace(deadlines, alive_s=None)
        return RunSettings(
            option,
            structs.replace(
                self._sent.told(option, merged(chat.settings, settings)),
                provider_tools=self._tools.provider_tools_of(chat, option),
            ),
            instructions=_first(chat.settings.instructions, settings.instructions) or "",
            streaming=_first(streaming, chat.settings.streaming, settings.streaming),
            tools=self._tools.tools_of(chat, option),
            allowed=self._permissions.allowed_in(chat.id),
            deadlines=deadlines,
            window=_first(
                chat.settings.window, option.facts.window, settings.window, _known_window(option)
            ),
            on_server=on_server,
        )

    def change(self, **settings: Any) -> None:
        """Change settings of the chat that is shown."""
        self._chats.change_settings(self._view.shown.chat, **settings)
        self._view.show_context()

    def send_images(self) -> None:
        """Send images to the model of the chat that is shown, though it is known to see none."""
        option = self._choice.option_of(self._view.shown.chat.settings.model)
        self._sent.send(option.id, "images", True)
        self._view.show_context()

    def settle(self) -> None:
        """Fix the model, mode and tools of a chat in which something is asked, whatever new ones
        begin with.
        """
        chat = self._view.shown.chat
        model, streaming = chat.settings.model, chat.settings.streaming
        if not model and self._choice.is_settled:
            model = self._choice.option.id
        if streaming is None:
            streaming = message_box.is_streaming()
        self.change(model=model, streaming=streaming, tools=self._tools.settled(chat))

    def show_mode(self, chat: ChatRecord) -> None:
        """Set the switch to the mode of this chat."""
        message_box.show_mode(_first(chat.settings.streaming, self._settings.values.streaming))

    def keep_mode(self, streaming: bool) -> None:
        """Ask in this mode from now on, in the chat that is shown and in new ones."""
        self._settings.update(streaming=streaming)
        self.change(streaming=streaming)

    def switch_mode(self, streaming: bool) -> None:
        """Keep the mode as `keep_mode` does, and show it on the switch."""
        message_box.show_mode(streaming)
        self.keep_mode(streaming)

    def keep_early_mode(self, streaming: bool) -> None:
        """Take in the switch's state from before Python was up, when chats showed their own
        mode.
        """
        if streaming != self._settings.values.streaming:
            self.switch_mode(streaming)


def _known_window(option: ModelOption) -> int | None:
    """Give the window by the table, of a service: a server of one's own has what it was started
    with.
    """
    known = option.provider.takes(option.model).context
    return known if option.provider.base_url.startswith("https:") else None


def _first(*values: Any) -> Any:
    """The first that is not None, which stands for the default."""
    for value in values:
        if value is not None:
            return value
    return None
