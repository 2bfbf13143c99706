"""One question, and the box in which it is edited in its place."""

from typing import Any

from js import document

from ..web.dom import Node, clone, find, part, show
from .answer import answer_files
from .composer.text_files import attached, own_text
from .long_text import LongText
from .turns import Turn
from .written_at import show_when

# A question that is longer than this is shown by its beginning.
_WHOLE_CHARACTERS = 20_000
_SHOWN_CHARACTERS = 4000


class Question:
    """An <article>; `edit` puts a text box where the text is."""

    def __init__(self, turn: Turn) -> None:
        self.article: Node = clone("template-question")
        message = turn.last.message
        self._text = own_text(message)
        self._is_from_composer = False
        when = show_when(self.article, turn.last.created_ms)
        part(self.article, "heading").textContent = f"You, {when}" if when else "You"
        more = part(self.article, "more-text")
        most = _SHOWN_CHARACTERS if len(self._text) > _WHOLE_CHARACTERS else _WHOLE_CHARACTERS
        self._long = LongText(part(self.article, "text"), more, most)
        self._long.set(self._text)
        show(part(self.article, "text"), bool(self._text))
        box = part(self.article, "files")
        for number, one in enumerate(attached(message.parts), start=1):
            item = document.createElement("li")
            item.append(answer_files.attachment(one, number))
            box.append(item)
        show(box, box.childElementCount > 0)
        show(part(self.article, "actions"), True)

    def show_all(self) -> None:
        """Show the whole of a long question."""
        self._long.show_all()

    @property
    def is_edited(self) -> bool:
        """Whether the box is there instead of the text."""
        return bool(part(self.article, "edit"))

    def edit(self) -> None:
        """Put the text into a box, in place, and go there."""
        if self.is_edited:
            return
        self._is_from_composer = bool(find("message").matches(":focus"))
        form = clone("template-edit")
        part(self.article, "text").after(form)
        self._show_text(False)
        box = part(form, "edit-text")
        box.value = self._text
        box.focus()
        box.setSelectionRange(len(box.value), len(box.value))

    def edited(self) -> str:
        """What stands in the box."""
        return str(part(self.article, "edit-text").value).strip()

    def close(self) -> None:
        """Show the text again, as it was, with the focus where it came from."""
        form: Any = part(self.article, "edit")
        if not form:
            return
        form.remove()
        self._show_text(True)
        button = self.article.querySelector('[data-action="edit"]')
        (find("message") if self._is_from_composer else button).focus()

    def _show_text(self, visible: bool) -> None:
        show(part(self.article, "text"), visible)
        show(part(self.article, "actions"), visible)
