"""One question, and the box in which it is edited in its place."""

from js import document

from ...core.text.text_files import attached, own_text
from ..consent.words import show_all
from ..markdown import markdown
from ..markdown.painter import Growing
from ..web.dom import Node, clone, part, show
from .answer import answer_files
from .edit_box import EditBox
from .long_text import LongText
from .turns import Turn, typed
from .written_at import show_when

# A question that is longer than this is shown by its beginning.
_WHOLE_CHARACTERS = 20_000
_SHOWN_CHARACTERS = 4000
# One of more lines than this, of so many characters, is folded.
_LINES = 14
_LINE_CHARACTERS = 60


class Question:
    """An <article>; `edit` puts a text box where the text is. One that `is_formatted` shows code
    and lists as such.
    """

    def __init__(self, turn: Turn, *, is_formatted: bool) -> None:
        self.article: Node = clone("template-question")
        message = turn.last.message
        self._text = own_text(message)
        self._box = EditBox(self.article, "template-edit", ("text", "actions"))
        self._created_ms = turn.last.created_ms
        self.say_when()
        more, place = part(self.article, "more-text"), part(self.article, "text")
        self._shown: LongText | TypedText
        if len(self._text) > _WHOLE_CHARACTERS:
            self._shown = LongText(place, more, _SHOWN_CHARACTERS)
            self._shown.set(self._text)
        else:
            self._shown = TypedText(place, self._text, is_formatted=is_formatted)
            if _lines(self._text) > _LINES:
                more.textContent = show_all(len(self._text))
                self._fold(True)
        show(part(self.article, "text"), bool(self._text))
        box = part(self.article, "files")
        for number, one in enumerate(attached(message.parts), start=1):
            item = document.createElement("li")
            item.append(answer_files.attachment(one, number))
            box.append(item)
        show(box, box.childElementCount > 0)
        show(part(self.article, "actions"), True)

    def say_when(self) -> None:
        """Say when it was asked, as it is right today."""
        when = show_when(self.article, self._created_ms)
        part(self.article, "heading").textContent = f"You, {when}" if when else "You"

    def show_all(self) -> None:
        """Show the whole of a long question."""
        if isinstance(self._shown, LongText):
            self._shown.show_all()
        self._fold(False)

    def format(self, on: bool) -> None:
        """Show code and lists as such, or the typed text."""
        if isinstance(self._shown, TypedText):
            self._shown.show(is_formatted=on)

    @property
    def is_edited(self) -> bool:
        """Tell whether the box is there instead of the text."""
        return self._box.is_open

    def edit(self) -> None:
        """Put the text into a box, in place, and go there."""
        self._box.open(self._text)

    def edited(self) -> str:
        """Give the text in the box."""
        return typed(self._box.text)

    def close(self) -> None:
        """Show the text again, as it was, with the focus where it came from."""
        self._box.close("edit")

    def _fold(self, on: bool) -> None:
        part(self.article, "text").toggleAttribute("data-folded", on)
        show(part(self.article, "more-text"), on)


def _lines(text: str) -> int:
    """Estimate the lines that a text takes."""
    return sum(1 + len(line) // _LINE_CHARACTERS for line in text.split("\n"))


class TypedText:
    """A question in `element`, which needs `white-space: pre-wrap`: code, lists and addresses as
    Markdown has them, all else as it stands, with its spaces and line ends; plain until the library
    is here. The text itself is kept, sent, copied and edited.
    """

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
