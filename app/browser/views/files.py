"""Images and other files, in answers and in questions.

Only images that came whole are shown: one from the net would tell its host what is being read,
and when. It is a link, as every other file with a web address.
"""

from js import document

from ...core.messages import File
from .. import texts
from ..dom import Node
from .sources import host_of


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
