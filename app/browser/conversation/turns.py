"""Turns of a chat, one below the other: questions and answers. Pure.

An answer may be several messages of the tree: each step of its run, the results of tools between
them, and what came after it was asked to go on. They are drawn as one.
"""

from collections.abc import Sequence

import msgspec

from ...core.messages import File, Message, Part, Reasoning, Refusal, Text
from ...core.text.text_files import own_text
from ...history.records import CONTINUE, MessageRecord
from ...history.tree import Tree


class Turn(msgspec.Struct):
    """A question, or an answer with all its messages.

    `number` of `count` is its place among its siblings, from 1; `others` are what `Tree.select`
    takes to show each of them, in this order.
    """

    is_question: bool
    records: list[MessageRecord]
    number: int = 1
    count: int = 1
    others: list[str] = []

    @property
    def id(self) -> str:
        """The id of its first message, which stays while an answer grows."""
        return self.records[0].id

    @property
    def last(self) -> MessageRecord:
        return self.records[-1]

    @property
    def messages(self) -> list[Message]:
        return [record.message for record in self.records]

    @property
    def text(self) -> str:
        """The text of the turn, as Markdown."""
        return own_text(self.last.message) if self.is_question else text_of(self.messages)


def gathered(parts: Sequence[Part], most: int) -> Sequence[Part]:
    """The parts, and from so many on the texts of each kind as one: a page can't show thousands of
    texts and thoughts by turns.
    """
    if len(parts) <= most:
        return parts
    rest = parts[most:]
    joined: list[Part] = []
    for kind in (Reasoning, Text, Refusal):
        if text := "".join(part.text for part in rest if isinstance(part, kind)):
            joined.append(kind(text))
    others = [part for part in rest if not isinstance(part, Reasoning | Text | Refusal)]
    return [*parts[:most], *others, *joined]


def is_question(record: MessageRecord) -> bool:
    """Tell whether a person asked this; the hidden request to go on is part of an answer."""
    return record.message.role == "user" and record.note != CONTINUE


def question_texts(tree: Tree) -> list[str]:
    """List the person's own words on the path that is shown, the first first."""
    return [own_text(record.message) for record in tree.path() if is_question(record)]


def text_of(messages: Sequence[Message]) -> str:
    """Give the text of the answers among these messages, one below the other."""
    # What a person says inside of an answer is the request to go on.
    spoken = (message for message in messages if message.role not in ("tool", "user"))
    return "\n\n".join(text for message in spoken if (text := _said(message) or message.refusal))


def _said(message: Message) -> str:
    """Give its text; what is said after a picture, say, is a paragraph of its own."""
    said: list[list[str]] = [[]]
    for part in message.parts:
        if isinstance(part, File):
            said.append([])
        elif isinstance(part, Text):
            said[-1].append(part.text)
    return "\n\n".join(text for pieces in said if (text := "".join(pieces)))


def rewritable(records: Sequence[MessageRecord]) -> Sequence[MessageRecord]:
    """Choose the messages of an answer that a person may rewrite: those after its last tool. Words
    before it belong to the calls of its tools.
    """
    tools = [place for place, one in enumerate(records) if one.message.role == "tool"]
    rest = records[tools[-1] + 1 :] if tools else records
    return rest if text_of([one.message for one in rest]) else ()


def typed(text: str) -> str:
    """A question as it was typed, without empty lines around it: its first indentation stays."""
    lines = text.rstrip().split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first:])


def question_parts(text: str, attached: Sequence[Part] = ()) -> list[Part]:
    """Make the parts of a question: its files first, then the text about them."""
    return [*attached, Text(text)] if text or not attached else list(attached)


def turns(tree: Tree) -> list[Turn]:
    """The path that is shown, as turns."""
    found: list[Turn] = []
    for record in tree.path():
        if is_question(record):
            found.append(_question(tree, record))
        elif not found or found[-1].is_question:
            found.append(Turn(False, [record]))
        else:
            found[-1].records.append(record)
    for turn in found:
        if not turn.is_question:
            _count_answers(tree, turn)
    return found


def turn_of(shown: Sequence[Turn], id: str) -> Turn | None:
    """Find the turn to which the message belongs, None where it is of none."""
    for turn in reversed(shown):
        if id in [record.id for record in turn.records]:
            return turn
    return None


def count_seen(records: Sequence[MessageRecord]) -> int:
    """Count the questions and answers that a reader sees in these messages of a tree."""
    by_id = {record.id: record for record in records}

    def begins(record: MessageRecord) -> bool:
        before = by_id.get(record.parent)
        return is_question(record) or before is None or is_question(before)

    return sum(map(begins, records))


def _question(tree: Tree, record: MessageRecord) -> Turn:
    if tree.is_line([record]):
        return Turn(True, [record], 1, 1, [record.id])
    beside = [other for other in tree.siblings(record.id) if is_question(other)]
    ids = [other.id for other in beside]
    return Turn(True, [record], ids.index(record.id) + 1, len(ids), ids)


def _count_answers(tree: Tree, turn: Turn) -> None:
    """Count the ways in which an answer was given: every place where one of them ends."""
    if tree.is_line(turn.records):
        turn.others = [_way_to(tree, turn.last)]
        return
    ends: list[MessageRecord] = []
    waiting = [one for one in reversed(tree.siblings(turn.id)) if not is_question(one)]
    while waiting:
        record = waiting.pop()
        below = tree.children(record.id)
        further = [child for child in below if not is_question(child)]
        if not further or len(further) < len(below):
            ends.append(record)
        waiting += reversed(further)
    # An end that a question follows is shown through that question: the way on is ambiguous else.
    turn.others = [_way_to(tree, record) for record in ends]
    ids = [record.id for record in ends]
    turn.number = ids.index(turn.last.id) + 1 if turn.last.id in ids else len(ids)
    turn.count = len(ids)


def _way_to(tree: Tree, end: MessageRecord) -> str:
    questions = [child for child in tree.children(end.id) if is_question(child)]
    return questions[-1].id if questions else end.id
