"""What came with an answer besides text: sources and files, as a list of links.

Only http and https become links, and only images that came whole are shown: an image from the
net would tell its host what is being read, and when.
"""

from js import document

from ...core.messages import Message
from ..dom import Node, show


def show_in(element: Node, message: Message) -> None:
    """Fill the list, which stays hidden where there is nothing to list."""
    for source in message.sources:
        element.append(_item(_link(source.url, source.title)))
    for number, file in enumerate(message.files, start=1):
        if file.url.startswith("data:image/"):
            element.append(_item(_image(file.url, f"Image {number}")))
        else:
            element.append(_item(_link(file.url, file.mime_type and f"File ({file.mime_type})")))
    show(element, bool(message.sources or message.files))


def _item(content: Node) -> Node:
    item = document.createElement("li")
    item.append(content)
    return item


def _link(url: str, label: str) -> Node:
    if not url.lower().startswith(("https://", "http://")):
        text = document.createElement("span")
        text.textContent = f"{label} {url[:80]}".strip()
        return text
    link = document.createElement("a")
    link.href = url
    link.textContent = label or url
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    return link


def _image(url: str, label: str) -> Node:
    image = document.createElement("img")
    image.alt = label
    image.src = url
    return image
