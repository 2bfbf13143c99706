"""Citations of an answer: numbered, each address once, with its title and its host.

Only http and https become links. Of very many some are shown, and with each press as many more: a
browser takes seconds for thousands.
"""

from collections.abc import Iterable

from js import document
from tokenfall_page import webAddress  # boot.mjs registers it

from ....core.messages import Source
from ...web.dom import Node, part, show
from ...web.plain_text import short, short_name
from ...web.tasks import Once
from .. import words as conversation_words

_AT_ONCE = 200
# What is shown of an address that is no link, in characters, and of what was cited.
_ADDRESS_CHARACTERS = 80
_QUOTE_CHARACTERS = 1000
# Browsers follow no longer ones, and providers cite none.
_LINK_CHARACTERS = 8000


class SourceList:
    """Fills `element`, which stays hidden while there is nothing to list."""

    def __init__(self, element: Node) -> None:
        self._element = element
        self._list = part(element, "sources-list")
        self._more = part(element, "more-sources")
        self._limit = _AT_ONCE
        self._shown = 0
        self._by_url: dict[str, Source] = {}
        self._waiting: list[Source] = []
        # Of tens of thousands each would else be told.
        self._tell_rest = Once(self._show_rest)

    def add(self, sources: Iterable[Source]) -> None:
        """List sources that are not yet there; listed ones stay as they are."""
        for source in sources:
            if source.url not in self._by_url:
                self._by_url[source.url] = source
                self._waiting.append(source)
        self._draw()

    def replace(self, sources: Iterable[Source]) -> None:
        """List these and no others: the earlier ones were withdrawn."""
        self._by_url, self._waiting, self._shown = {}, [], 0
        self._list.replaceChildren()
        self.add(sources)

    def show_more(self) -> None:
        """List as many again."""
        self._limit += _AT_ONCE
        self._draw()

    def _draw(self) -> None:
        room = self._limit - self._shown
        if room > 0 and self._waiting:
            now, self._waiting = self._waiting[:room], self._waiting[room:]
            self._shown += len(now)
            self._list.append(*map(_item, now))
        self._tell_rest()

    def _show_rest(self) -> None:
        self._more.textContent = conversation_words.more_rows(len(self._waiting))
        show(self._more, bool(self._waiting))
        show(self._element, bool(self._by_url))


def _item(source: Source) -> Node:
    item = document.createElement("li")
    title, url = short_name(source.title.strip()), source.url
    # As the browser reads it: another reader may find another host in it.
    address = webAddress(url) if len(url) <= _LINK_CHARACTERS else None
    if not address or not address.host:
        item.append(_span(f"{title} {short(url, _ADDRESS_CHARACTERS)}".strip()))
        return item
    link = document.createElement("a")
    link.href = url
    link.dir = "auto"
    link.textContent = title or short(url)
    link.target = "_blank"
    link.rel = "noopener noreferrer"
    item.append(link, " ", _span(short(str(address.hostname)), "note"))
    if source.quote:
        link.title = short(source.quote, _QUOTE_CHARACTERS)
    return item


def _span(text: str, name: str = "") -> Node:
    made = document.createElement("span")
    made.className = name
    made.dir = "auto"
    made.textContent = text
    return made
