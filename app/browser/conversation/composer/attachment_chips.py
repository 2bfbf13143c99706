"""The chips above the message, and the ways in: the button, paste, drop anywhere on the page."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from js import document

from ...markdown.painter import show_as_it_is
from ...web.dom import Node, clone, find, js_object, listen, option, part
from ...web.dom import show as show_element
from ...web.plain_text import short_name
from . import words
from .seen import Seen
from .text_encodings import ENCODINGS


class Chip(NamedTuple):
    """One attached file; `image_url` is empty where it is no image, `encoding` where it is known
    for sure. `seen` is how much of it the model sees, None where that is no question, of `choices`
    with their labels; `told` what it reads in place of the file. `progress` says of a document how
    far it is read, empty once it is. `is_unseen`: the model is told the name of this image alone.
    """

    id: str
    name: str
    size: str
    image_url: str = ""
    is_text: bool = False
    encoding: str = ""
    seen: Seen | None = None
    choices: Sequence[tuple[Seen, str]] = ()
    told: str = ""
    progress: str = ""
    is_unseen: bool = False


def start(
    files: Callable[[Sequence[Any]], None],
    pasted: Callable[[str], bool],
    press: Callable[[str, str], None],
    read_as: Callable[[str, str], None],
    show_model: Callable[[str, Seen], None],
) -> None:
    """Call `files` with browser's File objects, `pasted` with a pasted text (True: it was taken
    from there), `press(action, id)` for the buttons of a chip, `read_as(id, encoding)` for its menu
    of encodings, and `show_model(id, seen)` for that of what the model sees.
    """
    button, field = find("attach"), find("attach-files")
    button.disabled = False
    listen(button, "click", lambda _: field.click())

    def picked(_event: object) -> None:
        files(list(field.files))
        field.value = ""  # so that the same file can be picked again

    def pasting(event: Any) -> None:
        data = event.clipboardData
        text = str(data.getData("text/plain"))
        # A spreadsheet gives its cells as text and as a picture: the text is meant.
        if not text and data.files.length:
            event.preventDefault()
            files(list(data.files))
        elif text and pasted(text):
            event.preventDefault()

    def pressed(event: Any) -> None:
        if chosen := event.target.closest("[data-action]"):
            press(chosen.getAttribute("data-action"), chosen.closest("li").getAttribute("data-id"))

    def changed(event: Any) -> None:
        menu = event.target
        id = menu.closest("li").getAttribute("data-id")
        if menu.getAttribute("data-part") == "encoding":
            read_as(id, str(menu.value))
        else:
            show_model(id, menu.value)

    listen(field, "change", picked)
    listen(find("attachments"), "change", changed)
    listen(find("message"), "paste", pasting)
    listen(find("attachments"), "click", pressed)
    _listen_to_drops(files)


def show(chips: Sequence[Chip]) -> None:
    """Show these, in this order, and of those that are new the last in sight."""
    box = find("attachments")
    before = {item.getAttribute("data-id") for item in box.children}
    items = {chip.id: _made(chip) for chip in chips}
    box.replaceChildren(*items.values())
    show_element(box, bool(chips))
    if new := [item for id, item in items.items() if id not in before]:
        new[-1].scrollIntoView(js_object(block="nearest"))
    # Send is hidden while an answer runs and nothing is written; a file is something.
    find("composer").classList.toggle("has-files", bool(chips))


def update(chip: Chip) -> None:
    """Show this one anew; the focus stays in its menu."""
    item = find("attachments").querySelector(f'[data-id="{chip.id}"]')
    if item:
        _fill(item, chip)


def say_what_goes(label: str, drop: str) -> None:
    """Say which files can go along: on the button, and where files are dropped."""
    button = find("attach")
    button.setAttribute("aria-label", label)
    button.title = label
    find("drop").firstElementChild.textContent = drop


def focus_remove(number: int) -> bool:
    """Go to the button that removes this one; False where there is none."""
    buttons = find("attachments").querySelectorAll('[data-action="remove"]')
    if not 0 <= number < buttons.length:
        return False
    buttons.item(number).focus()
    return True


def _made(chip: Chip) -> Node:
    item = clone("template-attachment")
    item.setAttribute("data-id", chip.id)
    seen = part(item, "seen")
    show_element(seen, chip.seen is not None)
    if chip.seen is not None:
        seen.append(*[option(label, one) for one, label in chip.choices])
        seen.value = chip.seen
        seen.setAttribute("aria-label", words.sees_of(short_name(chip.name)))
    for button in item.querySelectorAll('[data-action="remove"], [data-action="as-text"]'):
        says = words.REMOVE if button.getAttribute("data-action") == "remove" else words.AS_TEXT
        button.setAttribute("aria-label", f"{says}: {short_name(chip.name)}")
        button.title = says
    _fill(item, chip)
    return item


def _fill(item: Node, chip: Chip) -> None:
    part(item, "name").textContent = short_name(chip.name)
    part(item, "size").textContent = ", ".join(filter(None, [chip.size, chip.progress]))
    item.setAttribute("aria-busy", str(bool(chip.progress)).lower())
    show_element(part(item, "unseen"), chip.is_unseen)
    image = part(item, "thumb")
    show_element(image, bool(chip.image_url))
    show_element(part(item, "sheet"), not chip.image_url)
    if chip.image_url:
        image.src = chip.image_url
    show_element(item.querySelector('[data-action="as-text"]'), chip.is_text)
    menu = part(item, "encoding")
    show_element(menu, bool(chip.encoding))
    if chip.encoding:
        menu.replaceChildren(*[option(label, name) for name, label in ENCODINGS.items()])
        menu.value = chip.encoding
        menu.setAttribute("aria-label", words.encoding_of(chip.name))
        menu.title = words.READ_AS
    show_element(part(item, "told-box"), bool(chip.told))
    show_as_it_is(part(item, "told"), chip.told)


def _listen_to_drops(files: Callable[[Sequence[Any]], None]) -> None:
    zone = find("drop")

    def has_files(event: Any) -> bool:
        data = event.dataTransfer
        is_busy = bool(document.querySelector("dialog:modal"))
        return bool(data) and not is_busy and "Files" in list(data.types)

    def over(event: Any) -> None:
        if has_files(event):
            event.preventDefault()
            event.dataTransfer.dropEffect = "copy"
            show_element(zone, True)

    def left(event: Any) -> None:
        if not event.relatedTarget:  # out of the window
            show_element(zone, False)

    def dropped(event: Any) -> None:
        show_element(zone, False)
        if has_files(event):
            event.preventDefault()
            files(list(event.dataTransfer.files))

    listen(document, "dragover", over)
    listen(document, "dragleave", left)
    listen(document, "drop", dropped)
