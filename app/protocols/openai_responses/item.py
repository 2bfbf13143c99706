"""One item of an answer: its streamed pieces, and the whole that it tells at its end."""

from collections.abc import Collection
from itertools import islice
from typing import Any

from ...core.messages import File
from ..answer_text import Characters
from ..tolerant import as_dict, as_json, as_list, as_str

# How many pieces are looked at for one that is told under another number.
_MOST_PIECES = 32

CALLS = ("function_call", "custom_tool_call")

# The kinds of items whose pieces are read; all others are tools that the provider runs.
READ = ("message", "reasoning", *CALLS)


class Piece:
    """The streamed fragments of one piece of an item."""

    __slots__ = ("characters", "fragments")

    def __init__(self) -> None:
        self.fragments: list[str] = []
        self.characters = Characters()

    def told(self) -> str:
        """Give the whole text so far."""
        if not self.fragments:
            return ""
        self.fragments = ["".join(self.fragments)]
        return self.fragments[0]


class Item:
    """One item of the answer. `order` counts the items of all responses."""

    __slots__ = (
        "call",
        "cited",
        "differs",
        "ended",
        "endings",
        "final",
        "hidden",
        "id",
        "kind",
        "order",
        "preview",
        "said",
        "starts",
    )

    def __init__(self, kind: str, id: str, order: int) -> None:
        self.kind = kind
        self.id = id
        self.order = order
        self.said: dict[tuple[str, int], Piece] = {}
        self.ended: dict[str, set[int]] = {}  # pieces that were told whole, by their kind
        self.starts: dict[int, int] = {}  # where a piece of text begins in the whole text
        self.hidden: dict[int, int] = {}  # how much of a piece was thoughts
        self.cited: dict[int, int] = {}  # how many citations a piece of text has had
        self.call = ("", "")  # of a call: its id and name
        self.preview: File | None = None  # of an image that is still being made
        self.final: dict[str, Any] | None = None  # as it was told at its end
        self.endings = 0
        self.differs = False  # whether that is not what was streamed

    def told(self, piece: str, index: int = 0) -> str:
        """Give the streamed text of a piece."""
        said = self.said.get((piece, index))
        return said.told() if said is not None else ""

    def has_said(self, piece: str, index: int) -> bool:
        """Tell whether anything was streamed of a piece."""
        said = self.said.get((piece, index))
        return said is not None and bool(said.fragments)

    def place_of(self, piece: str, index: int, text: str, others: Collection[int]) -> int:
        """Find the number under which a piece was streamed that is told whole under this one: some
        servers count otherwise at the end. `others` are the numbers of other pieces.
        """
        if self.has_said(piece, index):
            return index
        for (kind, place), said in islice(self.said.items(), _MOST_PIECES):
            told = said.told() if kind == piece and place not in others else ""
            if told and text.startswith(told.rstrip()):
                return place
        return index

    def keep(self, text: str) -> None:
        """Keep what a tool of the provider is given, for the case that the stream breaks off."""
        if self.kind not in READ:
            piece = self.said.setdefault(("partial", 0), Piece())
            piece.fragments.append(piece.characters.feed(text))


def as_streamed(item: Item) -> dict[str, Any]:
    """Give the streamed part of an item in the form of one told at its end."""
    fields: dict[str, Any] = {"type": item.kind, "id": item.id}
    if item.kind in CALLS:
        fields["call_id"], fields["name"] = item.call
    for (piece, _), said in item.said.items():
        told = said.told()
        if piece == "arguments":
            fields[piece] = told
        else:
            name = "summary" if piece == "summary" else "content"
            fields.setdefault(name, []).append({"type": piece, "text": told, "refusal": told})
    return fields


def parts_of(content: Any) -> list[dict[str, Any]]:
    """The parts of a message or of reasoning."""
    if isinstance(content, str):  # the text itself, without a list around it
        return [{"text": content}]
    return [
        as_dict(part) if isinstance(part, dict) else {"text": part} for part in as_list(content)
    ]


def text_of(part: dict[str, Any]) -> str:
    """Give the text of a part."""
    return as_str(part.get("text"))


def arguments_of(fields: dict[str, Any]) -> str:
    """Give the arguments of a call as text: JSON, or free where the tool wants it so."""
    arguments = fields.get("arguments")
    if arguments is None:
        arguments = fields.get("input")
    if arguments is None:
        return ""
    return as_str(arguments) if isinstance(arguments, str) else as_json(arguments)


def call_of(fields: dict[str, Any]) -> tuple[str, str]:
    """The id by which a call is answered, and the name of its tool."""
    return as_str(fields.get("call_id")), as_str(fields.get("name"))


def call_extra(fields: dict[str, Any]) -> dict[str, Any] | None:
    """Give the further fields that are sent back with a call."""
    known = {"type", "status", "call_id", "name", "arguments", "input"}
    extra = {name: value for name, value in fields.items() if name not in known and value}
    if fields.get("type") == "custom_tool_call":
        extra["type"] = "custom_tool_call"
    return extra or None
