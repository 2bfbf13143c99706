"""The choice of tools that a chat offers, and which of them may run unasked: the menu "Tools"."""

from collections.abc import Callable, Sequence
from functools import partial

from pyodide.ffi import create_proxy

from ...core.options import ProviderToolName
from ...core.tools.function_tool import Tool
from ...documents import FILE_TOOLS
from ...history.records import ChatRecord
from ..models.model_options import AGENT, DEMO, ModelOption
from ..models.sent_options import SentOptions
from ..settings.local_settings import LocalSettings
from ..web import menu, shortcuts, toast
from ..web import words as web_words
from ..web.dom import find, listen
from ..web.menu import Item
from . import provider_tools, words
from .offered_tools import Tools
from .permissions import ToolPermissions


class ToolChoice:
    """Shows the menu, and keeps the choice: per chat, and as the default of the next one.

    `chat()` gives the record of the chat that is shown, `option()` the model that answers in it;
    `change(**settings)` changes settings of that chat.
    """

    def __init__(
        self,
        settings: LocalSettings,
        tools: Tools,
        permissions: ToolPermissions,
        sent: SentOptions,
        *,
        chat: Callable[[], ChatRecord],
        option: Callable[[], ModelOption],
        change: Callable[..., None],
    ) -> None:
        self._settings = settings
        self._tools = tools
        self._permissions = permissions
        self._sent = sent
        self._chat = chat
        self._option = option
        self._change = change
        self._button = find("tools")
        listen(self._button, "click", lambda _: menu.open(self._button, self._items()))
        # On the way down: what the press sends is asked with the tool already.
        give = create_proxy(lambda _: self.give(web_words.EXAMPLE_TOOL))
        find("example-tool").addEventListener("click", give, True)

    def tools_of(self, chat: ChatRecord, option: ModelOption) -> list[Tool]:
        """List the tools that this chat offers to this model: the chosen ones, and those over its
        documents where it has some.
        """
        names = self._names(chat, option)
        of_files = self._tools.of_files(chat.id)
        if not (names or of_files) or self._why_none(option):
            return []
        return [*self._tools.chosen(names, chat.id), *of_files]

    def offers(self, name: str) -> bool:
        """Tell whether the chat that is shown offers this tool to the model that answers now."""
        option = self._option()
        return name in self._names(self._chat(), option) and not self._why_none(option)

    def provider_tools_of(self, chat: ChatRecord, option: ModelOption) -> list[ProviderToolName]:
        """List the tools that this model's provider is to run itself."""
        if not chat.settings.provider_tools:
            return []
        return provider_tools.turned_on(
            chat.settings.provider_tools,
            option.provider,
            option.model,
            beside_functions=bool(self.tools_of(chat, option)),
        )

    def settled(self, chat: ChatRecord) -> list[str] | None:
        """List the tools that this chat keeps: where it begins, those that new chats have now."""
        is_open = not chat.head and chat.settings.tools is None
        return self._settings.values.tools if is_open else chat.settings.tools

    @property
    def page_names(self) -> list[str]:
        """Names that a person's own tools can't have."""
        return [*self._tools.page_names, *FILE_TOOLS]

    def turn_on(self, names: Sequence[str]) -> bool:
        """Offer these too, in the chat that is shown and in new ones. False where the model that
        answers now takes no tools.
        """
        if names:
            on = self._names(self._chat(), self._option())
            self._offer([*on, *(name for name in names if name not in on)])
        return not self._why_none(self._option())

    def give(self, name: str) -> None:
        """Offer this tool in the chat that is shown, and in no other, where its model takes
        tools.
        """
        on = self._names(self._chat(), self._option())
        if not self._why_none(self._option()) and name not in on:
            self._change(tools=[*on, name])
            self.refresh()

    def refresh(self) -> None:
        """Show how many are on."""
        chat, option = self._chat(), self._option()
        count = len(self.tools_of(chat, option)) + len(self.provider_tools_of(chat, option))
        self._button.disabled = False
        why_none = self._why_none(option)
        label = words.no_tools(why_none) if why_none and not count else words.tools_on(count)
        self._button.setAttribute("aria-label", label)
        self._button.title = label

    def _why_none(self, option: ModelOption) -> str:
        """Say why this model gets no tools, "" where it may."""
        if not option.takes_tools:
            return words.AGENT_TAKES_NONE if option.id == AGENT else words.TOO_SMALL
        if self._sent.sends_tools(option):
            return ""
        if self._sent.has_refused_tools(option):
            return words.REFUSES_TOOLS
        if option.facts.tools is False:
            return words.listed_without_tools(option.speaker)
        return words.KNOWN_WITHOUT_TOOLS

    def _send_anyway(self) -> None:
        """Send tools to this model, although it refused them or is listed without."""
        self._sent.send(self._option().id, "tools", True)
        self.refresh()

    def _names(self, chat: ChatRecord, option: ModelOption) -> list[str]:
        if chat.settings.tools is not None:
            return chat.settings.tools
        if self._settings.values.tools is not None and not chat.head:
            return self._settings.values.tools
        # Some models refuse a request with tools, so they are offered to others when asked for.
        return self._tools.names if option.id == DEMO else []

    def _items(self) -> list[Item]:
        on = self._names(self._chat(), self._option())
        why_none = self._why_none(self._option())

        def offer(name: str) -> Item:
            return Item(
                web_words.tool_label(name),
                partial(self._turn, name),
                checked=name in on and not why_none,
                enabled=not why_none,
                stays=True,
            )

        write = Item(words.WRITE_YOUR_OWN, lambda: shortcuts.run("own-tools"))
        yours = [*map(offer, self._tools.own_names), write]
        yours[0] = yours[0]._replace(begins_group=True, heading=words.YOURS)
        asks = [
            Item(
                words.ask_before(name),
                partial(self._turn_asking, name),
                checked=not self._permissions.may_run(name),
                begins_group=number == 0,
                stays=True,
            )
            for number, name in enumerate(self._tools.names)
        ]
        offers = [offer(name) for name in self._tools.page_names]
        offers[0] = offers[0]._replace(heading=why_none or words.OFFERED)
        if why_none and self._option().takes_tools:
            offers.append(Item(words.SEND_TOOLS_ANYWAY, self._send_anyway))
        # They come and go with the documents: what is seen of each is chosen at the file.
        of_files = [
            Item(web_words.tool_label(one.name), _nothing, checked=not why_none, enabled=False)
            for one in self._tools.of_files(self._chat().id)
        ]
        if of_files:
            of_files[0] = of_files[0]._replace(begins_group=True, heading=words.OF_FILES)
        return [*offers, *of_files, *self._provider_items(), *yours, *asks]

    def _provider_items(self) -> list[Item]:
        """Make the menu's items for the provider's own tools, under a heading that names it or says
        why not.
        """
        provider, model = self._option().provider, self._option().model
        chosen = self._chat().settings.provider_tools or ()
        has_functions = bool(self.tools_of(self._chat(), self._option()))
        items = []
        for one in provider_tools.known_of(provider, model):
            key = provider_tools.key(provider, one.name)
            why_not = one.why_not or (one.alone if has_functions else "")
            items.append(
                Item(
                    words.PROVIDER_TOOLS[one.name],
                    partial(self._turn_provider_tool, key),
                    checked=key in chosen and not why_not,
                    enabled=not why_not,
                    begins_group=True,
                    heading=why_not or words.run_by(self._option().speaker),
                    stays=True,
                )
            )
        # One heading for those that have the same to say.
        told = [None, *(item.heading for item in items)]
        return [
            item._replace(begins_group=False, heading="") if item.heading == before else item
            for item, before in zip(items, told, strict=False)
        ]

    def _turn_provider_tool(self, key: str) -> None:
        chosen = self._chat().settings.provider_tools or []
        others = [one for one in chosen if one != key]
        self._change(provider_tools=others if key in chosen else [*others, key])
        self.refresh()

    def _turn(self, name: str) -> None:
        before = self._names(self._chat(), self._option())
        was_run = self.provider_tools_of(self._chat(), self._option())
        self._offer([one for one in self._tools.names if (one in before) != (one == name)])
        if len(self.provider_tools_of(self._chat(), self._option())) < len(was_run):
            option = self._option()
            toast.show(option.provider.provider_tool(was_run[0], option.model).alone)

    def _offer(self, names: list[str]) -> None:
        self._change(tools=names)
        self._settings.update(tools=names)
        self.refresh()

    def _turn_asking(self, name: str) -> None:
        self._permissions.let_run(name, unasked=not self._permissions.may_run(name))


def _nothing() -> None:
    """Do nothing: the item says what is so."""
