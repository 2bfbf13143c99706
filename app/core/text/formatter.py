"""Events -> text that a person can read, piece by piece, for a log, a terminal or a plain stream.

With labels:

    [Thinking]:
    The user asked about the weather.
    [Content]:
    Let me check.
    [TOOL_CALL]: get_weather({"city":"Tokyo"})
    [TOOL_RESULT]: 22 °C

The standard formatting is the same without them: the answer as it is, a short line for each tool.

    Let me check.
    → get_weather(city="Tokyo")
    ← 22 °C

The text is the same whatever the cuts of the stream, and costs linear time. Tags that a model
writes into its text (`written_tags`) are shown by their meaning.
"""

from collections.abc import AsyncGenerator, AsyncIterable
from typing import Literal

import msgspec

from .. import events as ev
from ..messages import File, ProviderTool, Source, ToolResult
from .written_tags import Kind, WrittenTags, json_object, written_call

Style = Literal["labels", "standard"]

_LABELS: dict[str, str] = {"content": "[Content]:\n", "reasoning": "[Thinking]:\n"}

# Lengths in characters of what the standard formatting shows of a tool's arguments and result.
_MAX_ARGUMENTS = 120
_MAX_RESULT = 200


class Formatter:
    """Turns one run's events into text.

    `reasoning` says whether thinking is shown: by default with labels, and not in the standard
    formatting, where it would be taken for the answer; there it is quoted with `> `.
    """

    def __init__(self, style: Style = "labels", *, reasoning: bool | None = None) -> None:
        self._has_labels = style == "labels"
        self._shows_reasoning = self._has_labels if reasoning is None else reasoning
        self._tags = WrittenTags()
        self._section: Kind | None = None  # what the text at the end of the output is
        self._is_line_start = True
        self._calls: dict[int, tuple[str, list[str]]] = {}  # by index: name, fragments

    def push(self, event: ev.Event) -> str:
        """Take the next event; return what can be shown now, often nothing."""
        match event:
            case ev.ContentDelta(text) | ev.RefusalDelta(text):
                return self._shown(self._tags.push(text))
            case ev.ReasoningDelta(text):
                return self.flush() + self._text("reasoning", text) if text else ""
            case ev.ToolCallStart(index, _, name):
                self._calls[index] = name, []
            case ev.ToolCallDelta(index, arguments):
                self._calls[index][1].append(arguments)
            case ev.ToolCallEnd(index):
                name, fragments = self._calls.pop(index)
                return self.flush() + self._call(name, "".join(fragments))
            case _:
                line = self._line_for(event)
                if line or isinstance(event, ev.StepEnd | ev.Done):
                    return self.flush() + (self._line(line) if line else "")
        return ""

    def flush(self) -> str:
        """Return the text held back because it might have been a tag. `Done` does so too."""
        return self._shown(self._tags.flush())

    def _shown(self, pieces: list[tuple[Kind, str]]) -> str:
        return "".join(
            self._written_call(text) if kind == "tool_call" else self._text(kind, text)
            for kind, text in pieces
        )

    def _text(self, kind: Kind, text: str) -> str:
        if kind == "reasoning" and not self._shows_reasoning:
            return ""
        head = ""
        if kind != self._section:
            text = text.lstrip("\r\n")
            if not text:
                return ""
            head = self._new_line() + (_LABELS[kind] if self._has_labels else "")
            self._section = kind
        if kind == "reasoning" and not self._has_labels:
            text = ("> " if head or self._is_line_start else "") + text.replace("\n", "\n> ")
            text = text.removesuffix("> ") if text.endswith("\n> ") else text
        self._is_line_start = text.endswith("\n")
        return head + text

    def _line(self, text: str) -> str:
        line = self._new_line() + text + "\n"
        self._section = None
        self._is_line_start = True
        return line

    def _new_line(self) -> str:
        return "" if self._is_line_start else "\n"

    def _written_call(self, block: str) -> str:
        """A call that the model wrote into its text: as a call where it is one, else as text."""
        call = written_call(block)
        return self._text("content", block) if call is None else self._call(*call)

    def _call(self, name: str, arguments: str) -> str:
        if self._has_labels:
            return self._line(f"[TOOL_CALL]: {name}({arguments})")
        return self._line(f"→ {call_line(name, arguments)}")

    def _line_for(self, event: ev.Event) -> str:
        """The line that shows an event which is no text; "" for those that are not shown."""
        label, words = noted(event)
        if not label:
            return ""
        if self._has_labels:
            return f"[{label}]: {words}"
        if label == "TOOL_RESULT":
            return f"← {shortened(words, _MAX_RESULT)}"
        return f"({shortened(words, _MAX_RESULT)})"


async def formatted(
    events: AsyncIterable[ev.Event], style: Style = "standard"
) -> AsyncGenerator[str]:
    """Yield a run's text as it grows, with its tools in it, for a client that knows only text."""
    formatter = Formatter(style)
    async for event in events:
        if text := formatter.push(event):
            yield text
    if rest := formatter.flush():
        yield rest


def call_line(name: str, arguments: str) -> str:
    """A call as a person would write it: `get_weather(city="Tokyo")`. Long arguments are cut."""
    named = json_object(arguments)
    if named is None:
        inside = arguments.strip()
    else:
        inside = ", ".join(
            f"{key}={msgspec.json.encode(value).decode()}" for key, value in named.items()
        )
    return f"{name}({shortened(inside, _MAX_ARGUMENTS)})"


def shortened(text: str, limit: int) -> str:
    """The text in one line of at most `limit` characters."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + "…"


def noted(event: ev.Event) -> tuple[str, str]:
    """Give a label and words for an event beside the text; ("", "") for one that is not shown."""
    match event:
        case ToolResult(content=content, is_error=is_error):
            return "TOOL_RESULT", f"error: {content}" if is_error else content
        case ProviderTool(name=name, arguments=arguments):
            return "PROVIDER_TOOL", call_line(name, arguments)
        case ev.ApprovalRequest(_, name, arguments, wants):
            return "APPROVAL", f"{call_line(name, arguments)} waits for your {wants}"
        case Source(url, title):
            return "SOURCE", f"{title} {url}".strip()
        case File(url, mime_type):
            return "FILE", mime_type if url.startswith("data:") else url
        case ev.Retry(attempt, delay_s, reason):
            sentence = reason if reason.endswith((".", "!", "?")) else f"{reason}."
            return "RETRY", f"{sentence} Try {attempt} in {delay_s:g} s."
        case ev.StepReset():
            return "RESET", "What came before does not count; the answer begins anew."
        case ev.Error(error):
            return "ERROR", error.message
        case ev.Done(status="incomplete"):
            return "INCOMPLETE", "The answer broke off before its end."
        case ev.Done(status="aborted"):
            return "STOPPED", "The answer was stopped."
        case ev.Done(finish_reason="length"):
            return "LENGTH", "The answer reached its length limit."
        case ev.Done(finish_reason="content_filter"):
            return "FILTER", "The provider's filter ended the answer."
    return "", ""
