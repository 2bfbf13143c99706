"""What an answer cites: numbered, each address once, with its title and its host.

Only http and https become links.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from js import document

from ...core.messages import Source
from ..dom import Node, part, show

# What is shown of an address that is no link, in characters.
_ADDRESS_CHARACTERS = 80


def show_in(element: Node, sources: Iterable[Source]) -> None:
    """Fill the list, which stays hidden where there is nothing to list."""
    listed = part(element, "sources-list")
    once = {source.url: source for source in reversed(list(sources))}
    listed.replaceChildren(*[_item(source) for source in reversed(once.values())])
    show(element, bool(once))


def _item(source: Source) -> Node:
    item = document.createElement("li")
    host = host_of(source.url)
    if not host:
        item.append(_span(f"{source.title} {source.url[:_ADDRESS_CHARACTERS]}".strip()))
        return item
    link = document.createElement("a")
    link.href = source.url
    link.dir = "auto"
    link.textContent = source.title.strip() or source.url
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    item.append(link, " ", _span(host, "note"))
    if source.quote:
        link.title = source.quote
    return item


def _span(text: str, name: str = "") -> Node:
    made = document.createElement("span")
    made.className = name
    made.dir = "auto"
    made.textContent = text
    return made


def host_of(url: str) -> str:
    """The host of a web address; empty where it is none, and must not become a link."""
    try:
        split = urlsplit(url)
        return split.hostname or "" if split.scheme in ("http", "https") else ""
    except ValueError:
        return ""
