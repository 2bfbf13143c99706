"""The command palette: one field that finds commands and chats by name and does them.

A combobox with a list, after the ARIA practices: the focus stays in the field, arrows move, Enter
runs the chosen entry.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from . import shortcuts
from .dom import Node, clone, find, listen, part, show
from .plain_text import short_name


class Entry(NamedTuple):
    """One line. `detail` is said more quietly beside the label; `keys` is shown only."""

    label: str
    action: Callable[[], None]
    detail: str = ""
    keys: str = ""


# Gives what it finds for the words that were typed, best first. Called at each change.
Search = Callable[[str], Awaitable[Sequence[Entry]]]

# From each source; nobody reads further, they type more.
_LIMIT = 30
_NAME = "palette"

_searches: list[Search] = []


class _Open:
    entries: list[Entry] = []
    chosen = 0
    query = ""
    task: asyncio.Task[None] | None = None


def add_search(search: Search) -> None:
    """Let the palette find more than commands: chats, for example."""
    _searches.append(search)


def open() -> None:  # palette.open is its name
    """Show it, empty: all commands."""
    field = find("palette-query")
    field.value = ""
    find("palette").showModal()
    field.focus()
    _search()


def start() -> None:
    """Connect the listeners that serve for the page's life."""
    dialog = find("palette")
    listen(find("palette-query"), "input", lambda _: _search())
    listen(dialog, "keydown", _on_key)
    listen(find("palette-list"), "click", _on_click)
    listen(dialog, "click", _on_outside)


def _search() -> None:
    query = str(find("palette-query").value).strip()
    if _Open.task is not None:
        _Open.task.cancel()
    _Open.query, _Open.entries, _Open.chosen = query, _commands(query), 0
    find("palette-list").replaceChildren(*_made(0, _Open.entries))
    _choose(0)
    _Open.task = asyncio.ensure_future(_search_further(query)) if _searches else None
    _say_if_empty()


async def _search_further(query: str) -> None:
    for search in _searches:
        found = list(await search(query))[:_LIMIT]
        find("palette-list").append(*_made(len(_Open.entries), found))
        _Open.entries += found
        _choose(_Open.chosen)
    _Open.task = None
    _say_if_empty()


def _commands(query: str) -> list[Entry]:
    """Commands that have all words in their name, those that begin with them first."""
    words = query.lower().split()
    fitting = [
        command
        for command in shortcuts.commands()
        if command.id != _NAME
        and all(word in f"{command.label} {command.words}".lower() for word in words)
    ]
    if words:
        fitting.sort(key=lambda command: not command.label.lower().startswith(words[0]))
    return [Entry(one.label, one.action, keys=one.shown_keys) for one in fitting]


def _made(first: int, entries: Sequence[Entry]) -> list[Node]:
    made = []
    for number, entry in enumerate(entries, start=first):
        item = clone("template-palette-item")
        item.id = f"palette-{number}"
        part(item, "label").textContent = short_name(entry.label)
        for name, text in (("detail", entry.detail), ("keys", entry.keys)):
            part(item, name).textContent = text
            show(part(item, name), bool(text))
        made.append(item)
    return made


def _choose(number: int) -> None:
    field, items = find("palette-query"), find("palette-list")
    if chosen := items.querySelector('[aria-selected="true"]'):
        chosen.setAttribute("aria-selected", "false")
    if not _Open.entries:
        field.removeAttribute("aria-activedescendant")
        return
    _Open.chosen = number % len(_Open.entries)
    item = items.children.item(_Open.chosen)
    item.setAttribute("aria-selected", "true")
    item.scrollIntoView(False)
    field.setAttribute("aria-activedescendant", item.id)


def _say_if_empty() -> None:
    is_over = _Open.task is None
    show(find("palette-empty"), is_over and not _Open.entries)
    find("palette-query").setAttribute("aria-expanded", "true" if _Open.entries else "false")


def _do(number: int) -> None:
    if number >= len(_Open.entries):
        return
    entry = _Open.entries[number]
    find("palette").close()
    entry.action()


def _on_key(event: Any) -> None:
    if shortcuts.is_composing(event):
        return
    match str(event.key):
        case "ArrowDown":
            _choose(_Open.chosen + 1)
        case "ArrowUp":
            _choose(_Open.chosen - 1)
        case "Enter":
            _do(_Open.chosen)
        case "k" | "K" if event.ctrlKey or event.metaKey:
            find("palette").close()
        case _:
            return
    event.preventDefault()


def _on_click(event: Any) -> None:
    if item := event.target.closest(".palette-item"):
        _do(int(item.id.removeprefix("palette-")))


def _on_outside(event: Any) -> None:
    if event.target.isSameNode(find("palette")):
        find("palette").close()
