"""The items of an answer as they grow, -> events.

An answer is a list of items: messages, reasoning, calls, tools that the provider ran. A stream
tells each item three times, in deltas, whole at its end, and in the response at the very end. The
deltas are shown as they come; the later tellings fill in what the deltas left out, and where they
say something else, they count.

Long, because each kind of item is told in three ways, which are read side by side.
"""

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any

from ...core.events import ContentDelta, Event, ReasoningDelta, RefusalDelta
from ...core.messages import ProviderTool, ToolResult, is_object
from ..answer_text import behind
from ..think import ThinkTags
from ..tolerant import as_dict, as_list, as_str, is_same_json
from ..tool_calls import ToolCalls
from .item import (
    CALLS,
    READ,
    Item,
    Piece,
    arguments_of,
    as_streamed,
    call_extra,
    call_of,
    parts_of,
    text_of,
)
from .provider_tools import provider_tool, source, tool_name
from .shapes import Event as WireEvent

# An item is told at its own end and in the response. A server that goes on says nothing new, and
# to compare it each time would take time that grows with the square.
MOST_ENDINGS = 8

# The result of a call that the provider made and answered, without telling what came of it.
RUN_ELSEWHERE = "The provider ran this tool itself."


class Items:
    """The items of an answer, found by place, by id or as the latest of their kind."""

    def __init__(self, minted_id: str) -> None:
        self.minted_id = minted_id  # for calls to which the provider gives none
        self._items: list[Item] = []
        self._by_index: dict[int, Item] = {}
        self._by_id: dict[str, Item] = {}
        self._latest: dict[str, Item] = {}  # of each kind
        self._orders = 0
        self._calls = ToolCalls()
        self._think = ThinkTags()
        self._text_length = 0
        self._text_item: Item | None = None  # the one that said text last

    def __bool__(self) -> bool:
        return bool(self._items)

    def begin_next(self) -> None:
        """Go on with the items of another response, behind those of this one."""
        self._items, self._by_index, self._by_id, self._latest = [], {}, {}, {}

    # --- which item

    def known(self, event: WireEvent) -> Item | None:
        """The item that an event names; None where it names none."""
        # By place first: GitHub Copilot changes the ids with every event. llama.cpp and others
        # leave out the place.
        if event.output_index is not None:
            item = self._by_index.get(event.output_index)
            if item is not None:
                return item
        return self._by_id.get(event.item_id) if event.item_id else None

    def of(self, event: WireEvent, kind: str) -> Item:
        """The item that an event belongs to; a new one where it was never announced."""
        item = self.known(event)
        if item is not None and _fits(item.kind, kind):
            return item
        item = self._by_id.get(event.item_id) if event.item_id else None
        if item is not None and _fits(item.kind, kind):
            return item
        if event.output_index is None:
            item = self._latest.get(kind)
            if item is not None and item.final is None:
                return item
        return self._open(kind, event.output_index, event.item_id or "")

    def add(self, event: WireEvent, fields: dict[str, Any], out: list[Event]) -> None:
        """Take the announcement of an item."""
        kind, id = as_str(fields.get("type")), as_str(fields.get("id"))
        if not kind:
            return
        item = self.known(event) if event.output_index is not None else self._by_id.get(id)
        # Announced twice; or the next one, where a provider gives all the same place.
        is_same = item is not None and item.kind == kind and item.final is None
        if item is None or not is_same or (id and item.id and id != item.id and kind in CALLS):
            item = self._open(kind, event.output_index, id)
        if kind in CALLS:
            self._name_call(item, fields, out)

    def read_output(self, output: Any, out: list[Event]) -> None:
        """Complete the streamed items with those that the response tells at its end."""
        left = dict.fromkeys(self._items)
        by_id = {item.id: item for item in self._items if item.id}
        by_kind: dict[str, Iterator[Item]] = {}
        for place, value in enumerate(as_list(output)):
            fields = as_dict(value)
            kind, id = as_str(fields.get("type")), as_str(fields.get("id"))
            if not kind:
                continue
            if kind not in by_kind:
                by_kind[kind] = iter([item for item in self._items if item.kind == kind])
            candidates = chain((by_id.get(id), self._by_index.get(place)), by_kind[kind])
            item = next((one for one in candidates if one in left and one.kind == kind), None)
            if item is None:
                item = self._open(kind, None, id)
            else:
                del left[item]
            self.complete(item, fields, out)

    def differ(self) -> bool:
        """Tell whether one was told otherwise at its end than it was streamed."""
        return any(item.differs for item in self._items)

    def corrected(self, out: list[Event]) -> "Items":
        """Append all items as they were told at their end; return them."""
        items = Items(self.minted_id)
        for item in self._items:
            fields = as_streamed(item) | (item.final or {})
            items.complete(items._open(item.kind, None, item.id), fields, out)
        return items

    def _open(self, kind: str, output_index: int | None, id: str) -> Item:
        item = Item(kind, id, self._orders)
        self._orders += 1
        self._items.append(item)
        for alike in CALLS if kind in CALLS else (kind,):
            self._latest[alike] = item
        if output_index is not None:
            self._by_index[output_index] = item
        if id:
            self._by_id[id] = item
        return item

    # --- what it says

    def say(self, item: Item, piece: str, index: int, text: str, out: list[Event]) -> None:
        """Append the next fragment of one piece of an item."""
        key = (piece, index)
        said = item.said.get(key)
        if said is None:
            if item.kind == "reasoning" and item.said:
                # Summaries are paragraphs, and the wire has nothing between them.
                out.append(ReasoningDelta("\n\n"))
            said = item.said[key] = Piece()
            item.starts.setdefault(index, self._text_length)
        if said.characters.half or not text.isascii():
            text = said.characters.feed(text)
            if not text:
                return
        said.fragments.append(text)
        if piece == "text":
            self._text_item = item
            if self._think.is_over:
                self._text_length += len(text)
                out.append(ContentDelta(text))
            else:
                before = self._text_length
                self._append_split(*self._think.feed(text), out)
                hidden = len(text) - (self._text_length - before)
                item.hidden[index] = item.hidden.get(index, 0) + hidden
        elif piece == "arguments":
            self._add_to_call(item, out, arguments=text)
        elif piece == "refusal":
            out.append(RefusalDelta(text))
        else:
            out.append(ReasoningDelta(text))

    def end_piece(self, item: Item, piece: str, index: int, text: str, out: list[Event]) -> None:
        """Take a piece as it is told at its end. The item's own telling counts more, so this only
        fills a gap.
        """
        ended = item.ended.setdefault(piece, set())
        place = item.place_of(piece, index, text, ended)
        ended.add(place)
        if not item.has_said(piece, place):
            self.say(item, piece, place, text, out)

    def complete(self, item: Item, fields: dict[str, Any], out: list[Event]) -> None:
        """Take an item as it is told at its end, or in the response at the very end."""
        item.endings += 1
        if item.endings > MOST_ENDINGS:
            return
        is_first = item.final is None
        # The telling at the very end may leave out what the one before it said.
        item.final = (item.final or {}) | {name: one for name, one in fields.items() if one}
        item.differs = False
        if item.kind == "message":
            parts = parts_of(fields.get("content"))
            spoken = {index for index, part in enumerate(parts) if text_of(part)}
            for index, part in enumerate(parts):
                self._complete_part(item, index, part, spoken, out)
            if is_first and (phase := as_str(fields.get("phase"))):
                self._append_split(*self._think.close(), out)
                out.append(ReasoningDelta("", {"phase": phase}))
        elif item.kind == "reasoning":
            self._complete_reasoning(item, fields, is_first, out)
        elif item.kind in CALLS:
            id, name = call_of(fields)
            if item.call[1] and (id or item.call[0], name or item.call[1]) != item.call:
                item.differs = True
            else:
                self._name_call(item, fields, out)
            self._fill(item, "arguments", 0, arguments_of(fields), out)
            self._add_to_call(item, out, extra=call_extra(fields))
        elif is_first:
            item.preview = None
            out.extend(provider_tool(fields))

    def cite(self, item: Item, index: int, annotation: dict[str, Any], out: list[Event]) -> None:
        """Append the citation of a piece of text."""
        item.cited[index] = item.cited.get(index, 0) + 1
        start = item.starts.get(index, self._text_length)
        cited = source(annotation)
        if cited is not None:
            out.append(behind(cited, item.hidden.get(index, 0)).moved(start))

    def end(self, out: list[Event]) -> None:
        """Append the held text, and items that were never told in whole."""
        for item in self._items:
            if item.kind in READ:
                for (piece, index), said in item.said.items():
                    if half := said.characters.close():
                        self.say(item, piece, index, half, out)
            elif item.final is None:
                if item.preview is not None:
                    out.append(item.preview)
                out.append(ProviderTool(item.id, tool_name(item.kind), item.told("partial")))

    def end_calls(self, out: list[Event], *, are_answered: bool) -> None:
        """End the text and the fragments of every call.

        `are_answered` says that the provider itself answered the calls in free text.
        """
        self._append_split(*self._think.close(), out)
        self._calls.close(out, self.minted_id)
        if are_answered:
            for item in self._items:
                if item.kind == "custom_tool_call" and item.final is not None and item.call[0]:
                    out.append(ToolResult(item.call[0], RUN_ELSEWHERE, item.call[1]))

    def _append_split(self, reasoning: str, content: str, out: list[Event]) -> None:
        if reasoning:
            out.append(ReasoningDelta(reasoning))
        if content:
            self._text_length += len(content)
            out.append(ContentDelta(content))

    def _name_call(self, item: Item, fields: dict[str, Any], out: list[Event]) -> None:
        item.call = id, name = call_of(fields)
        self._add_to_call(item, out, id=id, name=name)

    def _add_to_call(
        self,
        item: Item,
        out: list[Event],
        *,
        id: str = "",
        name: str = "",
        arguments: str = "",
        extra: Any = None,
    ) -> None:
        self._calls.add(
            out,
            index=item.order,
            id=id,
            name=name,
            arguments=arguments,
            extra=extra,
            minted_id=self.minted_id,
        )

    def _complete_part(
        self,
        item: Item,
        index: int,
        part: dict[str, Any],
        others: Collection[int],
        out: list[Event],
    ) -> None:
        piece = "refusal" if part.get("type") == "refusal" else "text"
        text = as_str(part.get("refusal")) if piece == "refusal" else text_of(part)
        index = item.place_of(piece, index, text, others)
        # A last item without its words says nothing about them.
        if text:
            self._fill(item, piece, index, text, out)
        annotations = as_list(part.get("annotations"))
        for annotation in annotations[item.cited.get(index, 0) :]:
            self.cite(item, index, as_dict(annotation), out)

    def _complete_reasoning(
        self, item: Item, fields: dict[str, Any], is_first: bool, out: list[Event]
    ) -> None:
        told = {said.told() for said in item.said.values()}
        for piece in ("summary", "content"):
            for index, part in enumerate(parts_of(fields.get(piece))):
                text = text_of(part)
                # The same words may be told under both names.
                if text and text not in told:
                    self._fill(item, piece, index, text, out)
        item.differs = False  # the reasoning as it was shown is good enough
        encrypted = fields.get("encrypted_content")
        if is_first and (encrypted or item.said):
            extra = {name: value for name, value in fields.items() if name != "status"}
            out.append(ReasoningDelta("", extra))

    def _fill(self, item: Item, piece: str, index: int, text: str, out: list[Event]) -> None:
        """Say what is missing of one piece; note where something else was said."""
        if said := item.said.get((piece, index)):
            said.characters.half = ""  # it comes again, whole
        told = item.told(piece, index)
        if text.rstrip() == told.rstrip():
            return
        is_latest = piece != "text" or not told or self._text_item is item
        if text.startswith(told) and is_latest:
            self.say(item, piece, index, text[len(told) :], out)
        elif told.rstrip().endswith(text.strip()) and (
            piece in ("text", "refusal") or (piece == "arguments" and is_object(told))
        ):
            # The last token alone: what was streamed holds more.
            for name in ("content", "arguments", "input"):
                (item.final or {}).pop(name, None)
        elif piece != "arguments" or not is_same_json(text, told):
            item.differs = True


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (kind in CALLS and wanted in CALLS)
