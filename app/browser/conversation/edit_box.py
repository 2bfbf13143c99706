"""The box in which a question or an answer is edited, in its place."""

from collections.abc import Sequence

from ..web.dom import Node, clone, find, part, show


class EditBox:
    """One of an article. `hidden` are the parts that it stands in the place of, the first of which
    it follows; `is_long` says that Enter makes a new line in it on every device.
    """

    def __init__(self, article: Node, template: str, hidden: Sequence[str]) -> None:
        self._article = article
        self._template = template
        self._hidden = hidden
        self._is_from_composer = False

    @property
    def is_open(self) -> bool:
        return bool(part(self._article, "edit"))

    @property
    def text(self) -> str:
        """The text in the box."""
        return str(part(self._article, "edit-text").value)

    def open(self, text: str) -> None:
        """Put the text into the box, in place, and go there."""
        if self.is_open:
            return
        self._is_from_composer = bool(find("message").matches(":focus"))
        form = clone(self._template)
        part(self._article, self._hidden[0]).after(form)
        self._show(False)
        box = part(form, "edit-text")
        box.value = text
        box.focus()
        box.setSelectionRange(len(box.value), len(box.value))

    def close(self, opener: str) -> None:
        """Show the hidden parts again, with the focus where it came from: the box of messages, or
        the button of this action.
        """
        form: Node = part(self._article, "edit")
        if not form:
            return
        form.remove()
        self._show(True)
        button = self._article.querySelector(f'[data-action="{opener}"]')
        (find("message") if self._is_from_composer else button).focus()

    def _show(self, visible: bool) -> None:
        for name in self._hidden:
            show(part(self._article, name), visible)
