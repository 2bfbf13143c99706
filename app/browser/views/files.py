"""Images and other files, in answers and in questions.

Only images that came whole are shown: one from the net would tell its host what is being read,
and when. It is a link, as every other file with a web address.
"""

from typing import Any

from js import document

from ...core.messages import File, Part
from .. import texts
from ..dom import Node, clone, find, listen, part
from ..text_files import unframed
from .sources import host_of


def start() -> None:
    """Let pictures of questions open larger; called once."""

    def pressed(event: Any) -> None:
        if not (button := event.target.closest("[data-picture]")):
            return
        small, large = button.querySelector("img"), find("picture-large")
        large.src, large.alt = small.src, small.alt
        find("picture-title").textContent = small.alt
        find("picture").showModal()

    listen(find("transcript"), "click", pressed)
    # A press beside the picture closes it.
    dialog = find("picture")
    listen(dialog, "click", lambda event: event.target.isSameNode(dialog) and dialog.close())
    listen(dialog, "close", lambda _: find("picture-large").removeAttribute("src"))


def attachment(attached: Part, number: int) -> Node:
    """What a person attached: a picture that opens larger, a text that unfolds."""
    found = unframed(attached)
    if found is not None:
        fold = clone("template-text-file")
        part(fold, "name").textContent = found[0]
        part(fold, "size").textContent = texts.size(len(found[1].encode("utf-8", "replace")))
        part(fold, "text").textContent = found[1]
        return fold
    assert isinstance(attached, File)
    if not attached.url.startswith("data:image/"):
        return element(attached, number)
    button = clone("template-picture")
    image = button.querySelector("img")
    image.alt = attached.name or texts.image(number)
    image.src = attached.url
    button.setAttribute("aria-label", texts.enlarge(image.alt))
    return button


def element(file: File, number: int) -> Node:
    """An image, a link, or the name of what can't be shown."""
    if file.url.startswith("data:image/"):
        image = document.createElement("img")
        image.className = "picture"
        image.alt = texts.image(number)
        image.src = file.url
        return image
    label = texts.file(file.mime_type)
    if not host_of(file.url):
        text = document.createElement("span")
        text.className = "file"
        text.textContent = label
        return text
    link = document.createElement("a")
    link.className = "file"
    link.href = file.url
    link.textContent = f"{label} ({host_of(file.url)})"
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    return link
