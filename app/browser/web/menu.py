"""Menus that open at a button, and questions that must be answered first.

The menu follows the ARIA practices for menus: arrows, Home, End and first letters move, Enter and
Space choose, Escape and Tab close, and the focus goes back to where it was. On a phone it is a
sheet at the lower edge.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from js import document, performance, window

from .dom import Node, clone, find, listen, part, show
from .plain_text import short_name

# Pixels between the menu and its button, and the edge of the window.
_GAP = 4
_EDGE = 8
# Of what a question says below its first line.
_DETAIL_CHARACTERS = 1000
_HOSTS = "dialog, .sidebar, .top, .stage, .bottom, .drawer"


class Item(NamedTuple):
    """One entry. `keys` is shown only; `checked` makes it one of several that can be on.

    `danger` is for what takes something away. `begins_group` draws a line above it, with a
    `heading` over it and those that follow. With `stays` the menu is left open, for one of several
    that a person turns on and off in one go.
    """

    label: str
    action: Callable[[], None]
    keys: str = ""
    checked: bool | None = None
    danger: bool = False
    enabled: bool = True
    begins_group: bool = False
    stays: bool = False
    heading: str = ""


class _Open:
    """The menu that is open, if one is."""

    anchor: Node = None
    items: Sequence[Item] = ()
    # The action of the chosen item, once the menu is away and the focus is back.
    chosen: Callable[[], None] | None = None
    # Whether it is closed by a key or a choice, and not by a press somewhere else.
    is_closed_by_us = False
    dismissed_at: Node = None
    dismissed_ms = 0.0
    pressed_ms = 0.0


def open(anchor: Node, items: Sequence[Item]) -> None:  # menu.open is its name
    """Show these items at `anchor`, a button with `aria-haspopup="menu"`; again, and it closes."""
    menu = find("menu")
    # The press on the button has already closed its menu, as any press outside of it does.
    if anchor.isSameNode(_Open.dismissed_at) and _Open.pressed_ms <= _Open.dismissed_ms:
        return
    if menu.matches(":popover-open"):
        _close()
    _Open.anchor, _Open.chosen = anchor, None
    _Open.items = items
    _fill(menu, items)
    menu.setAttribute("aria-label", anchor.getAttribute("aria-label") or anchor.textContent.strip())
    # Outside of a dialog that is open it could not be reached; elsewhere it belongs to a landmark.
    (anchor.closest(_HOSTS) or document.body).append(menu)
    anchor.setAttribute("aria-expanded", "true")
    anchor.focus()  # Safari gives a pressed button no focus, and it has to come back to it
    menu.showPopover()
    _place(menu, anchor)
    _move(menu, 0)


async def confirm(question: str, detail: str, yes: str, *, danger: bool = False) -> bool:
    """Ask, and wait for the answer; False for Cancel and Escape. `yes` is the button's label."""
    dialog, button = find("confirm"), find("confirm-yes")
    find("confirm-title").textContent = short_name(question)
    find("confirm-detail").textContent = short_name(detail, _DETAIL_CHARACTERS)
    button.textContent = yes
    button.classList.toggle("danger", danger)
    dialog.returnValue = ""
    dialog.showModal()
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    _questions.append(answer)
    return await answer


_questions: list[asyncio.Future[bool]] = []


def start() -> None:
    """Connect the listeners that serve for the page's life."""
    menu = find("menu")
    listen(menu, "click", _on_click)
    listen(menu, "keydown", _on_key)
    listen(menu, "pointermove", _on_pointer)
    listen(menu, "beforetoggle", _on_before_toggle)
    listen(menu, "toggle", _on_toggle)
    listen(document, "pointerdown", _on_press)
    listen(find("confirm"), "close", _on_answer)


def _close() -> None:
    _Open.is_closed_by_us = True
    find("menu").hidePopover()


def _on_press(event: Any) -> None:
    _Open.pressed_ms = event.timeStamp


def _fill(menu: Node, items: Sequence[Item]) -> None:
    menu.replaceChildren()
    place = menu
    for number, item in enumerate(items):
        if item.begins_group:
            place = menu
        if item.heading:
            place = clone("template-menu-group")
            place.setAttribute("aria-label", item.heading)
            part(place, "heading").textContent = item.heading
            menu.append(place)
        place.append(_made(number, item))


def _items_of(menu: Node) -> list[Node]:
    return list(menu.querySelectorAll(".menu-item"))


def _made(number: int, item: Item) -> Node:
    made = clone("template-menu-item")
    made.setAttribute("data-number", str(number))
    part(made, "label").textContent = short_name(item.label)
    keys = part(made, "keys")
    keys.textContent = item.keys
    show(keys, bool(item.keys))
    if item.checked is not None:
        made.setAttribute("role", "menuitemcheckbox")
        made.setAttribute("aria-checked", "true" if item.checked else "false")
    if not item.enabled:
        made.setAttribute("aria-disabled", "true")
    made.classList.toggle("danger", item.danger)
    made.classList.toggle("begins-group", item.begins_group)
    return made


def _place(menu: Node, anchor: Node) -> None:
    """Place it below the button, or above it where there is no room; within the window."""
    button, box = anchor.getBoundingClientRect(), menu.getBoundingClientRect()
    width, height = window.innerWidth, window.innerHeight
    top = button.bottom + _GAP
    if top + box.height > height - _EDGE and button.top > height - button.bottom:
        top = max(_EDGE, button.top - _GAP - box.height)
    is_rtl = window.getComputedStyle(anchor).direction == "rtl"
    # Along the side of the button that is nearer to the edge of the window.
    to_end = (button.left + button.right > width) != is_rtl
    left = button.right - box.width if to_end != is_rtl else button.left
    left = min(max(_EDGE, left), max(_EDGE, width - box.width - _EDGE))
    menu.style.setProperty("--top", f"{top:.0f}px")
    menu.style.setProperty("--left", f"{left:.0f}px")
    menu.style.setProperty("--room", f"{height - top - _EDGE:.0f}px")


def _move(menu: Node, to: int) -> None:
    if items := _items_of(menu):
        items[to % len(items)].focus()


def _on_key(event: Any) -> None:
    menu = find("menu")
    items = _items_of(menu)
    here = next((at for at, item in enumerate(items) if item.matches(":focus")), -1)
    match str(event.key):
        case "ArrowDown":
            _move(menu, here + 1)
        case "ArrowUp":
            _move(menu, here - 1 if here > 0 else -1)
        case "Home":
            _move(menu, 0)
        case "End":
            _move(menu, -1)
        case "Tab":
            _close()
        case "Escape":
            _Open.is_closed_by_us = True  # the browser does it, next
            return
        case key if len(key) == 1 and key != " " and not (event.ctrlKey or event.metaKey):
            order = [*range(here + 1, len(items)), *range(here + 1)]
            for at in order:
                if items[at].textContent.strip().lower().startswith(key.lower()):
                    _move(menu, at)
                    break
        case _:
            return
    event.preventDefault()


def _on_pointer(event: Any) -> None:
    item = event.target.closest(".menu-item")
    if item and not item.matches(":focus"):
        item.focus()


def _on_click(event: Any) -> None:
    item = event.target.closest(".menu-item")
    if not item or item.getAttribute("aria-disabled") == "true":
        return
    chosen = _Open.items[int(item.getAttribute("data-number"))]
    if chosen.stays:
        chosen.action()
        is_on = item.getAttribute("aria-checked") == "true"
        item.setAttribute("aria-checked", "false" if is_on else "true")
        return
    _Open.chosen = chosen.action
    _close()


def _on_before_toggle(event: Any) -> None:
    if event.newState == "closed" and _Open.anchor is not None:
        _Open.dismissed_at = None if _Open.is_closed_by_us else _Open.anchor
        _Open.dismissed_ms = performance.now()
        _Open.is_closed_by_us = False
        _Open.anchor.setAttribute("aria-expanded", "false")


def _on_toggle(_event: Any) -> None:
    anchor, chosen = _Open.anchor, _Open.chosen
    if find("menu").matches(":popover-open") or anchor is None:
        return  # opened again meanwhile
    _Open.anchor, _Open.chosen, _Open.items = None, None, ()
    if chosen is not None:
        chosen()


def _on_answer(_event: Any) -> None:
    if _questions:
        _questions.pop().set_result(find("confirm").returnValue == "yes")
