"""Shows the text of a document by its places: what a link of an answer leads to."""

from functools import cache

from js import document

from ...documents.links import Target
from ...documents.places import Place, first_line, note_of, places_of
from ..markdown.painter import show_as_it_is
from ..web.dom import Node, find, js_object, listen, option, part, show
from ..web.plain_text import short, short_name
from . import words

# A press of the menu takes no longer where there are thousands.
_MOST_LISTED = 2_000
_NOTE_CHARACTERS = 1_000


def show_document(text: str, target: Target) -> None:
    """Open the document with this text at a place, and a line of it where one is named."""
    _view().open(text, target)


class _DocumentView:
    """The dialog; one for the page, made when it is first opened."""

    def __init__(self) -> None:
        self._dialog = find("document-view")
        self._menu = part(self._dialog, "places")
        self._places: list[Place] = []
        self._number = 1
        listen(self._menu, "change", lambda _: self._show(int(self._menu.value)))
        listen(part(self._dialog, "before"), "click", lambda _: self._show(self._number - 1))
        listen(part(self._dialog, "after"), "click", lambda _: self._show(self._number + 1))

    def open(self, text: str, target: Target) -> None:
        self._places = places_of(text)
        part(self._dialog, "title").textContent = short_name(target.file)
        note = note_of(text)
        part(self._dialog, "note").textContent = short(note, _NOTE_CHARACTERS)
        show(part(self._dialog, "note"), bool(note))
        listed = self._places[:_MOST_LISTED]
        self._menu.replaceChildren(
            *[option(short_name(one.name), str(at)) for at, one in enumerate(listed, start=1)]
        )
        self._dialog.showModal()
        self._show(target.number, target.line)
        part(self._dialog, "text").focus()

    def _show(self, number: int, line: int = 0) -> None:
        if not self._places:
            return
        self._number = min(max(number, 1), len(self._places))
        place = self._places[self._number - 1]
        self._menu.value = str(self._number)
        text = part(self._dialog, "text")
        text.scrollTop = 0
        lines = place.text.split("\n")
        at = line - first_line(place)
        has_line = line > 0 and 0 <= at < len(lines) and place.text != ""
        if has_line:
            _show_marked(text, lines, at)
        else:
            show_as_it_is(text, place.text or words.NO_TEXT_HERE)
        named = words.line_of(place.name, line) if has_line else place.name
        text.setAttribute("aria-label", short_name(named))
        part(self._dialog, "before").disabled = self._number == 1
        part(self._dialog, "after").disabled = self._number == len(self._places)


def _show_marked(element: Node, lines: list[str], at: int) -> None:
    """Show these lines, one of them marked and in sight."""
    element.replaceChildren()
    pieces = (("div", lines[:at]), ("mark", lines[at : at + 1]), ("div", lines[at + 1 :]))
    for tag, some in pieces:
        if some:
            piece = document.createElement(tag)
            show_as_it_is(piece, "\n".join(some))
            element.append(piece)
    element.querySelector("mark").scrollIntoView(js_object(block="center"))


@cache
def _view() -> _DocumentView:
    return _DocumentView()
