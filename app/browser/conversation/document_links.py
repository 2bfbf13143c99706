"""Opens the place of a document that a link of an answer leads to."""

from collections.abc import Callable, Mapping
from typing import Any

from ...documents.links import START, place_of
from ..web import toast
from ..web.dom import find, listen
from . import words


class DocumentLinks:
    """One for the page. `documents()` gives the texts of the shown chat's documents by name."""

    def __init__(self, documents: Callable[[], Mapping[str, str]]) -> None:
        self._documents = documents
        listen(find("transcript"), "click", self._on_click)

    def _on_click(self, event: Any) -> None:
        link = event.target.closest(f'a[href^="{START}"]')
        if not link:
            return
        event.preventDefault()
        event.stopPropagation()  # no heading of the answer is meant
        documents = self._documents()
        found = place_of(str(link.getAttribute("href")), documents)
        if found is None:
            toast.show(words.NO_SUCH_PLACE)
            return
        from . import document_view  # rarely needed

        document_view.show_document(documents[found.file], found)
