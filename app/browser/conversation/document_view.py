"""Shows the text of a document by its places: what a link of an answer leads to."""

from functools import cache

from ...documents.places import Place, note_of, places_of
from ..markdown.painter import show_as_it_is
from ..web.dom import find, listen, option, part, show
from ..web.plain_text import short
from . import words

# A press of the menu takes no longer where there are thousands.
_MOST_LISTED = 2_000
_NOTE_CHARACTERS = 1_000


def show_document(name: str, text: str, number: int = 1) -> None:
    """Open the document of this name and text at this place, counted from 1."""
    _view().open(name, text, number)


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

    def open(self, name: str, text: str, number: int) -> None:
        self._places = places_of(text)
        part(self._dialog, "title").textContent = short(name)
        note = note_of(text)
        part(self._dialog, "note").textContent = short(note, _NOTE_CHARACTERS)
        show(part(self._dialog, "note"), bool(note))
        listed = self._places[:_MOST_LISTED]
        self._menu.replaceChildren(
            *[option(short(one.name), str(at)) for at, one in enumerate(listed, start=1)]
        )
        self._show(number)
        self._dialog.showModal()
        part(self._dialog, "text").focus()

    def _show(self, number: int) -> None:
        if not self._places:
            return
        self._number = min(max(number, 1), len(self._places))
        place = self._places[self._number - 1]
        self._menu.value = str(self._number)
        text = part(self._dialog, "text")
        show_as_it_is(text, place.text or words.NO_TEXT_HERE)
        text.setAttribute("aria-label", short(place.name))
        text.scrollTop = 0
        part(self._dialog, "before").disabled = self._number == 1
        part(self._dialog, "after").disabled = self._number == len(self._places)


@cache
def _view() -> _DocumentView:
    return _DocumentView()
