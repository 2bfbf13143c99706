"""What the person chose, kept in this browser: settings in localStorage; keys are in
`provider_keys`.

Theme and mode have entries of their own, because the page reads them before Python is up. Where
storage is forbidden or full, all of it lasts as long as the page.
"""

from contextlib import suppress
from typing import Any

import js
import msgspec

from ..tools.own.tool_files import Sheet, ToolFile
from ..web.web_storage import DEVICE, get, names, put, remove
from .answer_options import Prompt
from .api_keys import ProviderKeys

_SETTINGS = "tokenfall.settings"
_THEME = "tokenfall.theme"
_MODE = "tokenfall.mode"
_SEND = "tokenfall.send"
TOOL_FILES = "tokenfall.tool-files"
_SHEET = "tokenfall.tool-sheet:"

# Models of one provider that the picker offers, the last chosen first.
MODELS_KEPT = 8
# The last chosen, of all providers, which the picker shows first.
_RECENT_KEPT = 5


class Connection(msgspec.Struct):
    """A provider that the person entered. `preset` is its name in the table of providers;
    `via_server`: the server of this page, where there is one, asks it for the page.

    `windows` are how many tokens its models can read, of those kept here whose provider says it.
    """

    base_url: str
    label: str
    preset: str = ""
    models: list[str] = []
    windows: dict[str, int] = {}
    via_server: bool = False


class Settings(msgspec.Struct):
    """`choice` is the picker's value that the person chose, empty where they never did; `recent`
    are those chosen before, the latest first.

    `stall_s` is after how many seconds of silence an answer that has begun is given up. `tools` are
    those that a new chat offers to the model, None where the person never chose; `approvals` says
    of a tool whether it may run unasked. `paste_limit` is from how many characters on a pasted text
    becomes a file; 0 for never. `reads_answers` says that a screen reader gets the whole
    sentences of an answer while it is written; `up_recalls`, that the key Up in the empty message
    box brings back earlier questions, in place of editing the last one; `formats_questions`, that
    code and lists in questions are shown as such.
    """

    connections: list[Connection] = []
    choice: str = ""
    recent: list[str] = []
    instructions: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    window: int | None = None
    reasoning_effort: str | None = None
    stop: list[str] | None = None
    extra: dict[str, Any] | None = None
    stall_s: float | None = None
    tools: list[str] | None = None
    approvals: dict[str, bool] = {}
    paste_limit: int = 4000
    reads_answers: bool = False
    up_recalls: bool = False
    formats_questions: bool = True
    prompts: list[Prompt] = []

    def connection(self, base_url: str) -> Connection | None:
        return next((known for known in self.connections if known.base_url == base_url), None)

    def remember_model(
        self, base_url: str, label: str, preset: str, model: str, *, via_server: bool
    ) -> None:
        """Put this model first among those of its provider, which is added if it is new."""
        known = self.connection(base_url)
        if known is None:
            known = Connection(base_url, label)
            self.connections.append(known)
        known.label, known.preset, known.via_server = label, preset, via_server
        others = [name for name in known.models if name != model]
        known.models = [model, *others][:MODELS_KEPT]

    def move(self, base_url: str, to: str) -> None:
        """This provider is at another address now, with its models, and the choice of one of them.
        One that was there already is replaced.
        """
        known = self.connection(base_url)
        if known is None or base_url == to:
            return
        self.connections = [one for one in self.connections if one.base_url != to]
        known.base_url, known.windows = to, {}
        before, after = own_id(base_url, ""), own_id(to, "")
        if self.choice.startswith(before):
            self.choice = after + self.choice.removeprefix(before)
        self.recent = [
            after + id.removeprefix(before) if id.startswith(before) else id for id in self.recent
        ]

    def remember_choice(self, id: str) -> None:
        """This is what the person chose last."""
        self.choice = id
        self.recent = [id, *(one for one in self.recent if one != id)][:_RECENT_KEPT]

    def forget(self, base_url: str) -> None:
        """Drop this provider with its models, and the choice of one of them."""
        own = own_id(base_url, "")
        if self.choice.startswith(own):
            self.choice = ""
        self.recent = [id for id in self.recent if not id.startswith(own)]
        self.connections = [known for known in self.connections if known.base_url != base_url]


def own_id(base_url: str, model: str) -> str:
    """What is kept of the choice of a person's own model."""
    return f"own {base_url} {model}"


class Store:
    """Reads and writes what is kept. Nothing here raises: the page works without storage."""

    def __init__(self) -> None:
        self.keys = ProviderKeys()
        self._unstored_sheets: dict[str, Sheet] = {}

    def load(self) -> Settings:
        """The settings as last saved; the defaults where there are none or they can't be read."""
        text = get(DEVICE, _SETTINGS)
        try:
            return msgspec.json.decode(text, type=Settings) if text else Settings()
        except msgspec.MsgspecError:
            return Settings()

    def save(self, settings: Settings) -> None:
        put(DEVICE, _SETTINGS, msgspec.json.encode(settings).decode())

    def tool_files(self) -> list[ToolFile]:
        """The person's files of tools, as last saved in any tab."""
        return self._tool_files()[0]

    def keep_tool_files(self, files: list[ToolFile]) -> bool:
        """Keep these, and what can't be read; False where there is no room."""
        kept = [*files, *self._tool_files()[1]]
        return put(DEVICE, TOOL_FILES, msgspec.json.encode(kept).decode())

    def _tool_files(self) -> tuple[list[ToolFile], list[msgspec.Raw]]:
        """The files, and those that another version of the page wrote."""
        files, unknown = [], []
        try:
            kept = msgspec.json.decode(get(DEVICE, TOOL_FILES) or "[]", type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            kept = []
        for line in kept:
            try:
                files.append(msgspec.json.decode(line, type=ToolFile))
            except msgspec.MsgspecError:
                unknown.append(line)
        return files, unknown

    def sheets(self) -> list[Sheet]:
        """What was typed into the editor of tools and not saved, in any tab."""
        found = {}
        for name in names(DEVICE, _SHEET):
            with suppress(msgspec.MsgspecError):
                sheet = msgspec.json.decode(get(DEVICE, name) or "", type=Sheet)
                found[sheet.id] = sheet
        return list((found | self._unstored_sheets).values())

    def keep_sheet(self, sheet: Sheet) -> bool:
        """Keep what is typed, by itself, so that two tabs don't overwrite each other's; False where
        there is no room.
        """
        self._unstored_sheets.pop(sheet.id, None)
        is_kept = put(DEVICE, _SHEET + sheet.id, msgspec.json.encode(sheet).decode())
        if not is_kept:
            self._unstored_sheets[sheet.id] = sheet
        return is_kept

    def drop_sheet(self, id: str) -> None:
        self._unstored_sheets.pop(id, None)
        remove(DEVICE, _SHEET + id)

    def keep_mode(self, streaming: bool) -> None:
        """Keep the mode for new chats."""
        put(DEVICE, _MODE, "streaming" if streaming else "sync")

    @property
    def sends_by_control(self) -> bool:
        """Whether Enter makes a new line and only Ctrl+Enter sends. composer.mjs reads it too."""
        return get(DEVICE, _SEND) == "control"

    def use_send_key(self, by_control: bool) -> None:
        """Switch the message box and keep the choice."""
        if by_control:
            put(DEVICE, _SEND, "control")
        else:
            remove(DEVICE, _SEND)
        js.document.documentElement.setAttribute("data-send", "control" if by_control else "enter")

    @property
    def is_streaming(self) -> bool:
        """The mode that was chosen last."""
        return get(DEVICE, _MODE) != "sync"

    @property
    def theme(self) -> str:
        """`light`, `dark`, or `system`."""
        chosen = js.document.documentElement.getAttribute("data-theme")
        return chosen if isinstance(chosen, str) else "system"

    def use_theme(self, theme: str) -> None:
        """Switch the page and keep the choice."""
        root = js.document.documentElement
        if theme in ("light", "dark"):
            root.setAttribute("data-theme", theme)
            put(DEVICE, _THEME, theme)
        else:
            root.removeAttribute("data-theme")
            remove(DEVICE, _THEME)
