"""Going to the searched words: to the first message of a chat that holds them, where they are
marked. Marks are drawn over the text (CSS Custom Highlight API), so the page stays as it is; a
browser without them shows the message unmarked.
"""

from collections.abc import Iterator

import js
from js import document

from ...core.messages import File, Text
from ...history.records import CONTINUE, MessageRecord
from ...history.search import Query, fold
from ...history.tree import Tree
from ..web.dom import Node
from .chat_view import ChatView
from .question import Question
from .scroll import Follower
from .transcript_entry import Entry
from .turns import turn_of, turns

_NAME = "found"
_MOST_MARKS = 500


async def go_to(view: ChatView, query: Query) -> None:
    """Show the searched words in the shown chat; do nothing where they are in its title only.

    The rest of a long chat is drawn from its end on, so this may take a while; it ends where
    another chat is shown meanwhile.
    """
    unmark()
    chat = view.shown
    record = best(chat.tree, query)
    if record is None:
        return
    if not any(one.id == record.id for one in chat.tree.path()):
        chat.select(record.id)
    turn = turn_of(turns(chat.tree), record.id)
    entry = None if turn is None else await view.transcript.drawn(turn.id)
    if entry is not None and view.shown is chat:
        await _reach(entry, query, view.follower)


def unmark() -> None:
    """Take the marks away."""
    if hasattr(js.CSS, "highlights"):
        js.CSS.highlights.delete(_NAME)


def best(tree: Tree, query: Query) -> MessageRecord | None:
    """The first message with the most of these words, one that is shown first; None without any."""
    path = tree.path()
    shown = {record.id for record in path}
    found, most = None, 0
    for record in [*path, *(one for one in tree.records() if one.id not in shown)]:
        if record.note == CONTINUE:
            continue
        words = len(query.words) - len(query.missing(fold(_text_of(record))))
        if words > most:
            found, most = record, words
    return found


def _text_of(record: MessageRecord) -> str:
    """Give the searched text of a message: its words, and the names of its files."""
    said = (one for one in record.message.parts if isinstance(one, Text | File))
    return "\n".join(one.text if isinstance(one, Text) else one.name for one in said)


async def _reach(entry: Entry, query: Query, follower: Follower) -> None:
    article = entry.view.article
    if isinstance(entry.view, Question):
        entry.view.show_all()
    entry.lay_out()
    ranges = list(_ranges(article, query))
    if ranges and hasattr(js, "Highlight") and hasattr(js.CSS, "highlights"):
        js.CSS.highlights.set(_NAME, js.Highlight.new(*ranges))
    place = ranges[0].startContainer.parentElement if ranges else article
    await follower.leave_for(lambda: place.scrollIntoView(_CENTRE))


def _ranges(article: Node, query: Query) -> Iterator[Node]:
    count = 0
    for text in article.querySelectorAll('[data-part="text"]'):
        nodes = document.createTreeWalker(text, js.NodeFilter.SHOW_TEXT)
        while (node := nodes.nextNode()) and count < _MOST_MARKS:
            written = str(node.data)
            for start, end in query.places(written):
                made = document.createRange()
                made.setStart(node, _units(written, start))
                made.setEnd(node, _units(written, end))
                count += 1
                yield made


def _units(text: str, at: int) -> int:
    """Convert a place to the page's count: in UTF-16."""
    return at + sum(one > "\uffff" for one in text[:at])


_CENTRE = js.Object.fromEntries(js.Array.of(js.Array.of("block", "center")))
