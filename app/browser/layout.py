"""The frame of the conversation: its commands, the menu of the top bar, help, the page's title."""

from js import document, location, window
from pyodide.ffi import create_proxy
from tokenfall_page import isFrameOpen, keepForNextVisit, openDrawer, setFrame

from . import words
from .conversation.composer import message_box
from .models import model_picker
from .web import menu, palette, shortcuts, toast
from .web.dom import Node, find, listen
from .web.key_bindings import shown
from .web.page_address import SPACE

# The commands in the menu "More", in their order and groups; one that does not apply is left out.
_MORE = (
    ("rename-chat", "fork-chat", "copy-chat", "share-chat"),
    ("export-chat", "export-markdown", "export-notebook", "export-script", "export-page"),
    ("outline", "wire", "compare", "print", "palette"),
    ("delete-chat",),
)
_DANGEROUS = frozenset({"delete-chat"})


def start() -> None:
    """Connect all of it; called once. Commands of other parts may be registered before or after."""
    menu.start()
    toast.start()
    palette.start()
    add = shortcuts.register
    add("palette", "Mod+K", words.PALETTE, palette.open)
    add("sidebar", "Mod+B Ctrl+Shift+S", words.SIDEBAR, lambda: _toggle("sidebar"))
    add("details", "", words.DETAILS, lambda: _toggle("drawer"))
    add("wire", "", words.WIRE, lambda: openDrawer("wire"))
    add("write", "Shift+Escape /", words.WRITE, message_box.focus)
    add("toast", "F8", words.TOAST, toast.focus, when=toast.is_shown)
    add("model", "Mod+Shift+M", words.MODEL, model_picker.open)
    add("print", "", words.PRINT, window.print)
    add("help", "Mod+/", words.HELP, _open_help)
    button = find("more")
    button.disabled = False
    listen(button, "click", lambda _: menu.open(button, _more()))
    shortcuts.start()


def keep_for_next_visit() -> None:
    """Let the browser keep the page, so that it starts without a network; offer newer versions."""

    def offer() -> None:
        toast.show(words.NEW_VERSION, words.RELOAD, location.reload)

    if not SPACE:  # the next visit may be another person's
        keepForNextVisit(create_proxy(offer))


def _toggle(name: str) -> None:
    setFrame(name, not isFrameOpen(name))


def _more() -> list[menu.Item]:
    items: list[menu.Item] = []
    for group in _MORE:
        known = [command for id in group if (command := shortcuts.command(id)) is not None]
        items += [
            menu.Item(
                one.label,
                one.action,
                one.shown_keys,
                danger=one.id in _DANGEROUS,
                begins_group=at == 0 and bool(items),
            )
            for at, one in enumerate(known)
        ]
    return items


def _open_help() -> None:
    by_control = document.documentElement.getAttribute("data-send") == "control"
    rows = [*words.writing_keys(by_control=by_control), *words.FIXED_KEYS]
    for command in shortcuts.with_keys():
        rows.append(
            (words.key_label(command.label, words.ONLY_WHEN.get(command.id, "")), command.keys)
        )
    find("help-keys").replaceChildren(*[_row(label, keys) for label, keys in rows])
    find("help").showModal()


def _row(label: str, keys: str) -> Node:
    row, name, value = (document.createElement(tag) for tag in ("div", "dt", "dd"))
    name.textContent = label
    for one in shown(keys, mac=shortcuts.IS_MAC):
        key = document.createElement("kbd")
        key.textContent = one
        value.append(key)
    row.append(name, value)
    return row
