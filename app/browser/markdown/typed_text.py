"""A person's typed text in the page: code, lists and addresses as Markdown has them, all else as it
stands, with its spaces and line ends. The text itself is kept, sent, copied and edited.
"""

from ..web.dom import Node
from . import markdown
from .painter import Growing


class TypedText:
    """A text in `element`, which needs `white-space: pre-wrap`; plain until the library is here."""

    def __init__(self, element: Node, text: str, *, is_formatted: bool) -> None:
        self._element = element
        self._text = text
        self.show(is_formatted=is_formatted)

    def show(self, *, is_formatted: bool) -> None:
        """Draw the Markdown, or show the text."""
        library = markdown.library_for(self) if is_formatted else None
        if library is None or not library.drawTyped(self._element, self._text):
            self._element.replaceChildren()
            Growing(self._element).append(self._text)

    def library_came(self) -> None:
        """Draw from now on: the library is here."""
        self.show(is_formatted=True)
