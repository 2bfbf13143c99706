"""The blocks of one message, as they grow, -> events.

Each has an index: started, filled by deltas, stopped. A whole message is the same list at once.
"""

from typing import Any

from ...core.events import Event, ReasoningDelta, ToolCallDelta, ToolCallEnd, ToolCallStart
from ...core.messages import ProviderTool, Source
from ..answer_text import AnswerText, Characters
from ..growing_arguments import GrowingArguments
from ..tolerant import as_dict, as_json, as_list, as_str, clean
from ..tool_calls import CallIds
from .shapes import Delta

# Kinds of blocks that end a row of the provider's tools.
_OURS = {"text", "thinking", "redacted_thinking", "tool_use"}


class _Block:
    """A block as it grows. `place` counts all blocks of the stream, whatever their index."""

    def __init__(self, place: int, fields: dict[str, Any]) -> None:
        self.place = place
        self.fields = fields
        self.kind = as_str(fields.get("type"))
        self.call: int | None = None  # where it is a tool call: which
        self.tool: ServerTool | None = None
        self.input = GrowingArguments()
        self.characters = Characters()  # of these
        self.content: list[str] = []  # fragments of a compaction
        self.signature = as_str(fields.get("signature"))
        self.citations: list[Any] = list(as_list(fields.get("citations")))
        self.text_start = 0


class ServerTool:
    """A tool that the provider runs, from the block of its call to the block of its result."""

    def __init__(self, id: str, name: str) -> None:
        self.id = id
        self.name = name
        self.arguments = ""
        self.result: Any = None
        self.heads: list[list[Any]] = []  # place and fields of its blocks

    def part(self) -> ProviderTool:
        """The tool with all that is to be echoed, and nothing of it twice."""
        return ProviderTool(self.id, self.name, self.arguments, self.result, self.heads)


class Blocks:
    """The blocks of one message."""

    def __init__(self) -> None:
        self.message_id = ""  # goes into the ids of calls that have none
        # Claude has blocks of its own for what it thinks; such tags in its text were asked for.
        self._text = AnswerText(families=False)
        self._open: dict[int, _Block] = {}
        self._place = 0
        self._latest: int | None = None
        self._calls: list[Any] = []  # what each is to be echoed with
        self._ids = CallIds()
        self._tools: list[ServerTool] = []  # side by side, not told yet
        self._waiting: dict[str, ServerTool] = {}  # those of them without a result
        self._tool_names: dict[str, str] = {}

    def start(self, index: int | None, fields: dict[str, Any], out: list[Event]) -> None:
        """Begin a block; one at the same place ends."""
        index = self._place if index is None else index
        self.stop(index, out)
        block = _Block(self._place, fields)
        self._place += 1
        self._latest = index
        self._open[index] = block
        kind = block.kind
        if kind in _OURS:
            self._tell_tools(out)
        if kind == "text":
            block.text_start = self._text.length
            if text := fields.get("text"):
                self._text.read(as_str(text), out)
        elif kind == "thinking":
            if text := fields.get("thinking"):
                self._text.read_reasoning(as_str(text), out)
        elif kind == "tool_use":
            self._start_call(block, out)
        elif kind.endswith("_tool_use"):  # server_tool_use, mcp_tool_use
            id = as_str(fields.get("id"))
            block.tool = ServerTool(id, as_str(fields.get("name")))
            self._tool_names[id] = block.tool.name
            self._tools.append(block.tool)
            self._waiting[id] = block.tool

    def _start_call(self, block: _Block, out: list[Event]) -> None:
        self._text.settle(out)
        block.call = len(self._calls)
        caller = block.fields.get("caller")
        is_direct = not caller or as_dict(caller).get("type") == "direct"
        self._calls.append(None if is_direct else {"caller": clean(caller)})
        id = as_str(block.fields.get("id")) or f"call_{self.message_id}{block.call}"
        out.append(ToolCallStart(block.call, self._ids.own(id), as_str(block.fields.get("name"))))

    def read(self, index: int | None, delta: Delta, out: list[Event]) -> None:
        """Add a fragment to a block."""
        # The delta's own type decides: its index may be of a block that was never started.
        match delta.type:
            case "text_delta":
                if delta.text:
                    self._text.read(delta.text, out)
            case "thinking_delta":
                if delta.thinking:
                    self._text.read_reasoning(delta.thinking, out)
            case "input_json_delta":
                if delta.partial_json:
                    self._read_input(self._block(index, "tool_use", out), delta.partial_json, out)
            case "signature_delta":
                if delta.signature:
                    self._block(index, "thinking", out).signature = as_str(delta.signature)
            case "citations_delta":
                self._block(index, "text", out).citations.append(delta.citation)
            case "compaction_delta":
                block = self._block(index, "compaction", out)
                if isinstance(delta.content, str):
                    block.content.append(as_str(delta.content))
                if delta.encrypted_content is not None:
                    block.fields["encrypted_content"] = clean(delta.encrypted_content)

    def _block(self, index: int | None, kind: str, out: list[Event]) -> _Block:
        index = self._index(index)
        if index not in self._open:
            self.start(index, {"type": kind}, out)
        return self._open[index]

    def _index(self, index: int | None) -> int:
        latest = self._place if self._latest is None else self._latest
        return latest if index is None else index

    def _read_input(self, block: _Block, fragment: str, out: list[Event]) -> None:
        if block.characters.half or not fragment.isascii():
            fragment = block.characters.feed(fragment)
        if fragment and (new := block.input.add(fragment)) and block.call is not None:
            out.append(ToolCallDelta(block.call, new))

    def stop(self, index: int | None, out: list[Event]) -> None:
        """End a block and tell its held text."""
        block = self._open.pop(self._index(index), None)
        if block is None:
            return
        if half := block.characters.close():
            self._read_input(block, half, out)
        if (held := block.input.rest()) and block.call is not None:
            out.append(ToolCallDelta(block.call, held))
        kind = block.kind
        if kind == "text":
            if block.citations:
                self._text.settle(out)
                for citation in block.citations:
                    out.append(_source(as_dict(citation), block.text_start, self._text.length))
        elif kind == "thinking":
            if block.signature:
                self._text.settle(out)
                out.append(ReasoningDelta("", {"signature": block.signature}))
        elif kind == "redacted_thinking":
            self._text.settle(out)
            out.append(ReasoningDelta("", {"redacted": as_str(block.fields.get("data"))}))
        elif block.call is not None:
            # Some servers send the input with the start, and no fragments.
            if not block.input.fragments and (arguments := _arguments(block.fields.get("input"))):
                out.append(ToolCallDelta(block.call, arguments))
        elif block.tool is not None:
            self._stop_tool_use(block, block.tool)
        elif kind.endswith("_tool_result"):
            self._read_result(block, out)
        elif kind:
            self._read_other(block, out)

    # --- tools that the provider runs

    def _stop_tool_use(self, block: _Block, tool: ServerTool) -> None:
        tool.arguments = "".join(block.input.fragments) or _arguments(block.fields.get("input"))
        tool.heads.append([block.place, _without(block.fields, "input")])

    def _read_result(self, block: _Block, out: list[Event]) -> None:
        id = as_str(block.fields.get("tool_use_id"))
        tool = self._waiting.pop(id, None)
        if tool is None:
            # Its call was told before, or came in the turn before this one (`pause_turn`).
            name = self._tool_names.get(id) or block.kind.removesuffix("_tool_result")
            tool = ServerTool(id, name)
            self._tools.append(tool)
        tool.result = clean(block.fields.get("content"))
        tool.heads.append([block.place, _without(block.fields, "content")])
        if not self._waiting:
            self._tell_tools(out)

    def _read_other(self, block: _Block, out: list[Event]) -> None:
        """Compactions, fallbacks to another model, and kinds that are still to come.

        They are something that the provider did, and it wants to see them again.
        """
        self._tell_tools(out)
        if block.content:
            told = as_str(block.fields.get("content"))
            block.fields["content"] = told + "".join(block.content)
        tool = ServerTool(as_str(block.fields.get("id")), block.kind)
        tool.result = _without(block.fields, "type")
        tool.heads.append([block.place, {"type": block.kind}])
        self._tools.append(tool)
        self._tell_tools(out)

    def _tell_tools(self, out: list[Event]) -> None:
        if self._tools:
            self._text.settle(out)
            out.extend(tool.part() for tool in self._tools)
            self._tools = []
            self._waiting = {}

    # --- the end

    def end(self, out: list[Event]) -> None:
        """End all open blocks, and tell their held text."""
        for index in list(self._open):
            self.stop(index, out)
        self._tell_tools(out)
        self._text.settle(out)

    def end_calls(self, out: list[Event]) -> None:
        """End the fragments of every call."""
        for call, extra in enumerate(self._calls):
            out.append(ToolCallEnd(call, extra))


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: clean(value) for key, value in fields.items() if key != name}


def _arguments(input: Any) -> str:
    """An input that came whole, as JSON text; an empty one as no text, as in a stream."""
    if not input:
        return ""
    return as_str(input) or as_json(input)


def _source(citation: dict[str, Any], start: int, end: int) -> Source:
    """A citation of the text between `start` and `end`. Documents have a title and no address."""
    url = as_str(citation.get("url")) or as_str(citation.get("source"))
    title = as_str(citation.get("title")) or as_str(citation.get("document_title"))
    return Source(url, title, as_str(citation.get("cited_text")), start, end)
