"""The model picker: a button that shows the asked model, and a list of all models with a search
box.

An editable combobox with a list after the ARIA practices: the focus stays in the box, arrows, Home
and End move, Enter chooses, Escape closes. On a phone it is a sheet at the lower edge, and the box
waits to be tapped, so that the keyboard does not cover the list.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from js import document, window

from ..web import shortcuts
from ..web.dom import Node, clone, find, is_touch, listen, part, show
from ..web.plain_text import short_name
from . import words
from .model_search import Group, Model, models_of

# Pixels: between picker and button, to the edge of the window; the width is that of the styles.
_GAP = 4
_EDGE = 8
_WIDTH = 416

# How far Page Up and Page Down go.
_PAGE = 8

# So many models are drawn at once, of lists of thousands; the rest when it is nearly reached.
_DRAWN = 60


class Offers(NamedTuple):
    """Calls of the picker: `search(query)` gives the models that fit, `chosen()` the id of the
    asked model, `notes()` the sentences below the list; `opened()` and `choose(id)` are told.
    """

    search: Callable[[str], Sequence[Group]]
    chosen: Callable[[], str]
    notes: Callable[[], list[str]]
    opened: Callable[[], None]
    choose: Callable[[str], None]


class _State:
    offers: Offers
    shown: Sequence[Model] = ()
    active = 0
    # The use of the choice, where it is for one thing only.
    once: Callable[[str], None] | None = None
    drawn = 0  # how many of the shown are in the page
    rest: Iterator[tuple[int, Group, Model]] = iter(())  # those that are not, with their groups


def start(offers: Offers) -> None:
    """Connect the listeners that serve for the page's life."""
    _State.offers = offers
    picker = find("model-picker")
    listen(picker, "beforetoggle", _on_before_toggle)
    listen(picker, "keydown", _on_key)
    listen(find("model-query"), "input", lambda _: _on_input())
    listen(find("model-list"), "click", _on_click)
    listen(find("model-list"), "scroll", _on_scroll)


def show_model(label: str, title: str) -> None:
    """Show the asked model on the button."""
    button = find("model")
    part(button, "label").textContent = short_name(label)
    show(part(button, "what"), True)
    button.title = title
    button.disabled = False
    refresh()


def open() -> None:  # model_picker.open is its name
    """Open the list."""
    find("model-picker").showPopover()


def open_for(label: str, choose: Callable[[str], None]) -> None:
    """Open the list for one choice that is not the chat's; the label says its purpose."""
    _State.once = choose
    find("model-picker").setAttribute("aria-label", label)
    find("model-query").placeholder = label
    open()


def refresh() -> None:
    """Draw the open list anew, where it is: there may be other models than before."""
    if not find("model-picker").matches(":popover-open"):
        return
    box = find("model-list")
    before = _State.shown[_State.active].id if _State.shown else ""
    # A model that was used lately is there twice.
    is_again = any(one.id == before for one in _State.shown[: _State.active])
    item = _active_item()
    offset = item.offsetTop - box.scrollTop if item else 0
    _draw()
    places = [at for at, one in enumerate(_State.shown) if one.id == before] or [0]
    place = places[-1 if is_again else 0]
    _activate(place, scroll=False)
    # Models that come in above do not push the list away under the hand.
    if (item := _active_item()) and _State.shown[place].id == before:
        box.scrollTop = item.offsetTop - offset


def _on_before_toggle(event: Any) -> None:
    picker, field = find("model-picker"), find("model-query")
    if event.newState != "open":
        _State.once = None
        picker.setAttribute("aria-label", words.CHOOSE_A_MODEL)
        field.placeholder = words.SEARCH_MODELS
        return
    field.value = ""
    _State.offers.opened()
    field.autofocus, picker.autofocus = not is_touch(), is_touch()
    _place(picker)
    _draw()
    chosen = _State.offers.chosen()
    _activate(next((at for at, one in enumerate(_State.shown) if one.id == chosen), 0))


def _on_input() -> None:
    _draw()
    find("model-list").scrollTop = 0
    _activate(next((at for at, one in enumerate(_State.shown) if one.enabled), 0))


def _place(picker: Node) -> None:
    """Place the list below the button, within the window."""
    button, width = find("model").getBoundingClientRect(), window.innerWidth
    is_rtl = window.getComputedStyle(picker).direction == "rtl"
    left = button.right - _WIDTH if is_rtl else button.left
    left = max(_EDGE, min(left, width - _WIDTH - _EDGE))
    top = button.bottom + _GAP
    picker.style.setProperty("--top", f"{top:.0f}px")
    picker.style.setProperty("--left", f"{left:.0f}px")
    picker.style.setProperty("--room", f"{window.innerHeight - top - _EDGE:.0f}px")


def _draw() -> None:
    groups = _State.offers.search(str(find("model-query").value).strip())
    _State.shown, _State.drawn = models_of(groups), 0
    _State.rest = ((at, group, model) for at, group in enumerate(groups) for model in group.models)
    find("model-list").replaceChildren()
    _draw_more(_DRAWN)
    lines = []
    for note in _State.offers.notes():
        line = document.createElement("p")
        line.dir = "auto"
        line.textContent = note
        lines.append(line)
    find("model-notes").replaceChildren(*lines)


def _draw_more(count: int) -> None:
    """Bring so many further models into the page."""
    box, chosen = find("model-list"), _State.offers.chosen()
    for at, group, model in islice(_State.rest, count):
        if box.childElementCount <= at:
            box.append(_made_group(at, group))
        item = _made_item(_State.drawn, model, group, is_chosen=model.id == chosen)
        box.lastElementChild.append(item)
        _State.drawn += 1


def _made_group(number: int, group: Group) -> Node:
    made = clone("template-model-group")
    heading = part(made, "heading")
    heading.id = f"model-group-{number}"
    made.setAttribute("aria-labelledby", heading.id)
    part(made, "name").textContent = short_name(group.label)
    part(made, "place").textContent = short_name(group.place)
    return made


def _made_item(number: int, model: Model, group: Group, *, is_chosen: bool) -> Node:
    made = clone("template-model")
    made.id = f"model-{number}"
    made.setAttribute("aria-posinset", str(number + 1))
    made.setAttribute("aria-setsize", str(len(_State.shown)))
    part(made, "label").textContent = short_name(model.label)
    known = [model.provider or model.place, model.place] if group.is_mixed else []
    known += model.facts.abilities()
    detail = part(made, "detail")
    detail.textContent = " · ".join(one for one in dict.fromkeys(known) if one)
    show(detail, bool(known))
    if is_chosen:
        made.setAttribute("aria-current", "true")
    if not model.enabled:
        made.setAttribute("aria-disabled", "true")
    return made


def _active_item() -> Node:
    return find("model-list").querySelector('[aria-selected="true"]')


def _activate(number: int, *, scroll: bool = True) -> None:
    if before := _active_item():
        before.setAttribute("aria-selected", "false")
    _State.active = number % len(_State.shown)
    if _State.active >= _State.drawn:
        _draw_more(_State.active - _State.drawn + _DRAWN)
    item = find(f"model-{_State.active}")
    item.setAttribute("aria-selected", "true")
    if scroll:
        item.scrollIntoView(False)
    find("model-query").setAttribute("aria-activedescendant", item.id)


def _choose(number: int) -> None:
    model = _State.shown[number]
    if model.enabled:
        choose = _State.once or _State.offers.choose
        find("model-picker").hidePopover()
        if not is_touch():  # whoever has chosen a model writes next
            find("message").focus()
        choose(model.id)


def _on_key(event: Any) -> None:
    if shortcuts.is_composing(event):
        return
    last, has_modifier = len(_State.shown) - 1, event.shiftKey or event.ctrlKey or event.metaKey
    match str(event.key):
        case "ArrowDown":
            _activate(_State.active + 1)
        case "ArrowUp":
            _activate(_State.active - 1)
        case "Home" if not has_modifier:
            _activate(0)
        case "End" if not has_modifier:
            _activate(last)
        case "PageDown":
            _activate(min(_State.active + _PAGE, last))
        case "PageUp":
            _activate(max(_State.active - _PAGE, 0))
        case "Enter":
            _choose(_State.active)
        case "Tab":
            find("model-picker").hidePopover()
        case "m" | "M" if event.shiftKey and (event.ctrlKey or event.metaKey):
            find("model-picker").hidePopover()
        case _:
            return
    event.preventDefault()


def _on_click(event: Any) -> None:
    if item := event.target.closest(".model-option"):
        _choose(int(item.id.removeprefix("model-")))


def _on_scroll(_event: Any) -> None:
    box = find("model-list")
    is_near = box.scrollTop + 2 * box.clientHeight > box.scrollHeight
    if is_near and _State.drawn < len(_State.shown):
        _draw_more(_DRAWN)
