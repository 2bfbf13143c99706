"""A conversation as another app kept it, on its way to become a chat of ours."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from ...core.messages import FinishReason, Message, Part, Role, Status, Text, ToolResult
from ..brought import set_apart
from ..records import ChatRecord, MessageRecord, title_of
from ..tree import Tree

# More of a title nobody sees.
_TITLE_CHARACTERS = 500
# A chat of more messages nobody has had, and drawing it would hold up the page.
MOST_MESSAGES = 50_000


class Said(msgspec.Struct):
    """One message. `parent` is the id of the one before it; an unknown one begins a path.

    A message without parts is passed over: the next one follows the one before it.
    """

    id: str
    role: Role
    parts: list[Part]
    parent: str = ""
    created_ms: int = 0
    model: str = ""
    status: Status = "complete"
    finish: FinishReason | None = None


class Talk(msgspec.Struct):
    """A conversation. `head` is the id of the message that was shown last; the last one of all
    where it is not known. `left_out` counts what does not come along, by its kind.
    """

    id: str = ""
    title: str = ""
    said: list[Said] = []
    created_ms: int = 0
    updated_ms: int = 0
    head: str = ""
    instructions: str = ""
    pinned: bool = False
    left_out: Counter[str] = msgspec.field(default_factory=Counter)


def chat_id(app: str, talk: Talk) -> str:
    """The id that this conversation has here, the same each time that it comes: so it is known
    again. One to which something was said since is another.
    """
    said = [(one.id, one.role, one.parts) for one in talk.said if one.parts]
    return _digest(app, talk.id, msgspec.json.encode(said))


def tree_of(app: str, talk: Talk, id: str, now_ms: int) -> Tree | None:
    """The conversation as a chat of ours, without any power; None where nothing is said in it."""
    saying = _split(talk.said)
    parents = _parents(saying)
    first_ms = talk.created_ms or next(filter(None, (one.created_ms for one in saying)), now_ms)
    chat = ChatRecord(id, first_ms, talk.updated_ms or first_ms, pinned=talk.pinned)
    chat.settings.instructions = talk.instructions or None
    records: dict[str, MessageRecord] = {}
    ids: dict[str, str] = {}
    for one in saying:
        if not one.parts:
            continue
        parent = parents.get(one.id, "")
        before_ms = records[parent].created_ms if parent in records else first_ms
        ids[one.id] = _digest(id, one.id)
        records[one.id] = MessageRecord(
            ids[one.id],
            id,
            one.created_ms or before_ms,
            _message(one),
            ids.get(parent, ""),
            _source(app, one),
        )
    if not any(record.message.role != "system" for record in records.values()):
        return None
    first = next(filter(None, map(_title_of, records.values())), "")
    chat.title = " ".join(talk.title.split())[:_TITLE_CHARACTERS] or first
    if not talk.updated_ms:
        chat.updated_ms = max(record.created_ms for record in records.values())
    chat.head = ids.get(_visible(talk.head, parents, records), "")
    set_apart(chat, list(records.values()))
    return Tree(chat, records.values())


def _source(app: str, one: Said) -> str:
    """Name the app and the model that answered, for people."""
    is_answer = one.role in ("assistant", "tool")
    return " · ".join(filter(None, (app, one.model))) if is_answer else ""


def _title_of(record: MessageRecord) -> str:
    """The title that a question gives; the texts of its files stand before what was asked."""
    texts = [part.text for part in record.message.parts if isinstance(part, Text)]
    return title_of(texts[-1]) if texts and record.message.role == "user" else ""


def _message(one: Said) -> Message:
    return Message(
        one.role, one.parts, model=one.model, status=one.status, finish_reason=one.finish
    )


def _split(said: Sequence[Said]) -> list[Said]:
    """Answers cut at the results that their tools gave: these are messages of their own here.
    Parents come before their children, and no id twice.
    """
    found: list[Said] = []
    ends: dict[str, str] = {}  # of a message that was cut: its last piece
    for one in _in_order(said):
        parent = ends.get(one.parent, one.parent)
        pieces: list[Said] = []
        for part in one.parts:
            role: Role = one.role
            if isinstance(part, ToolResult):
                role = "tool"
            elif role == "tool":
                role = "assistant"
            if not pieces or pieces[-1].role != role:
                id = f"{one.id}+{len(pieces)}" if pieces else one.id
                before = pieces[-1].id if pieces else parent
                pieces.append(
                    msgspec.structs.replace(one, id=id, role=role, parts=[], parent=before)
                )
            pieces[-1].parts.append(part)
        if not pieces:
            pieces = [msgspec.structs.replace(one, parent=parent)]
        for piece in pieces[:-1]:
            piece.status, piece.finish = "complete", None
        ends[one.id] = pieces[-1].id
        found += pieces
    return found


def _in_order(said: Sequence[Said]) -> list[Said]:
    """Parents before their children; a circle is cut, and of one id the first counts."""
    by_id: dict[str, Said] = {}
    for one in said[:MOST_MESSAGES]:
        by_id.setdefault(one.id, one)
    placed: dict[str, Said] = {}
    for one in by_id.values():
        way: dict[str, Said] = {}
        while one.id not in placed and one.id not in way:
            way[one.id] = one
            if one.parent not in by_id:
                break
            one = by_id[one.parent]
        for each in reversed(way.values()):
            placed[each.id] = each
    return list(placed.values())


def _parents(saying: Sequence[Said]) -> dict[str, str]:
    """Give each message its parent among those that say something, "" for none: messages without
    words are skipped.
    """
    parents: dict[str, str] = {}
    speaks: dict[str, str] = {}  # the message itself, or the nearest one that speaks
    for one in saying:
        parents[one.id] = speaks.get(one.parent, "")
        speaks[one.id] = one.id if one.parts else parents[one.id]
    return parents


def _visible(id: str, parents: Mapping[str, str], records: Mapping[str, MessageRecord]) -> str:
    """The message, where it was cut its last piece; the one before it where it does not speak."""
    if id not in records:
        return parents.get(id, "")
    pieces = [other for other in records if other.startswith(f"{id}+")]
    return pieces[-1] if pieces else id


def _digest(*pieces: str | bytes) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        data = piece if isinstance(piece, bytes) else piece.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:32]
