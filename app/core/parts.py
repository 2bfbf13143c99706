"""Parts of a message, and the counts that belong to it: plain values, as messages are."""

from typing import Any

import msgspec


class Text(msgspec.Struct, tag="text", omit_defaults=True):
    """The text of an answer or question. Markdown, from outside: never trusted.

    `size_bytes` is that of the text file which it carries, where the file was of another size
    than its text is here: in another encoding, with other line ends.
    """

    text: str
    size_bytes: int = 0


class Reasoning(msgspec.Struct, tag="reasoning", omit_defaults=True):
    """The part of its thinking that the model shows.

    `extra` is what the provider wants to see again in the next request (signatures, encrypted
    content), exactly as it came.
    """

    text: str
    extra: Any = None


class Refusal(msgspec.Struct, tag="refusal"):
    """The model's own words for declining."""

    text: str


class ToolCall(msgspec.Struct, tag="tool_call", omit_defaults=True):
    """A tool that the model asks for. `arguments` is the raw JSON text, perhaps unfinished.

    `extra` is echoed to the provider with the call (thought signatures).
    """

    id: str
    name: str
    arguments: str = ""
    extra: Any = None


class ToolResult(msgspec.Struct, tag="tool_result", omit_defaults=True):
    """The answer of a tool, or the sentence that tells the model why there is none."""

    call_id: str
    content: str
    name: str = ""
    is_error: bool = False


class ProviderTool(msgspec.Struct, tag="provider_tool", frozen=True, omit_defaults=True):
    """A tool that the provider ran itself (web search, code execution): nothing for us to run.

    `arguments` is JSON text, `result` what the provider shows of the outcome, `extra` what it
    wants to see again in the next request.

    `asks_for` names a tool that the provider runs only once a person has let it (a remote MCP
    tool): a `ToolResult` with this id says so, an error that it may not. Where that is a call of
    this answer, `call_id` is the call's: the provider runs it then.
    """

    id: str
    name: str
    arguments: str = ""
    result: Any = None
    extra: Any = None
    asks_for: str = ""
    call_id: str = ""


class Source(msgspec.Struct, tag="source", frozen=True, omit_defaults=True):
    """Something the answer cites. `start` and `end` are offsets into the text, in characters."""

    url: str
    title: str = ""
    quote: str = ""
    start: int | None = None
    end: int | None = None

    def moved(self, by: int) -> "Source":
        """The same behind so many more characters."""
        start = None if self.start is None else self.start + by
        end = None if self.end is None else self.end + by
        return msgspec.structs.replace(self, start=start, end=end) if by else self


class File(msgspec.Struct, tag="file", frozen=True, omit_defaults=True):
    """An image or other file, asked with or answered: an http(s) or data URL.

    `name` is the file's own, where it has one. `told` is what a model reads in place of the file,
    which goes to no provider then. `text` is what stands in a document, by its places
    (`documents/places`): tools read it. `size_bytes` is as it is with a `Text`.
    """

    url: str
    mime_type: str = ""
    name: str = ""
    told: str = ""
    text: str = ""
    size_bytes: int = 0


# More tokens than any model reads or writes.
_MOST_TOKENS = 10**12

Part = Text | Reasoning | Refusal | ToolCall | ToolResult | ProviderTool | Source | File


class Usage(msgspec.Struct, tag="usage", frozen=True, omit_defaults=True):
    """Tokens as the provider counted them; None where it did not say, or no count can be so.

    `input_tokens` includes `cached_tokens`; `output_tokens` includes `reasoning_tokens`. `raw` is
    the provider's own object.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    raw: Any = None

    def __post_init__(self) -> None:
        for name in _COUNTS:
            count = getattr(self, name)
            if count is not None and not 0 <= count <= _MOST_TOKENS:
                msgspec.structs.force_setattr(self, name, None)

    def updated(self, newer: "Usage") -> "Usage":
        """Take the newer value of each field that has one.

        Providers send snapshots, some with every chunk, some losing fields on the way: they are
        never summed within one model call, and a missing field never wipes a known one.
        """
        values = {
            name: value if (value := getattr(newer, name)) is not None else getattr(self, name)
            for name in self.__struct_fields__
        }
        return Usage(**values)

    def __add__(self, other: "Usage") -> "Usage":
        """The sum over two model calls; `raw` belongs to one and is left out."""
        pairs = [(getattr(self, name), getattr(other, name)) for name in _COUNTS]
        return Usage(*(a if b is None else b if a is None else a + b for a, b in pairs))


_COUNTS = Usage.__struct_fields__[:-1]


class Timing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Seconds since the request was sent. `first_output_s` is None where no output came."""

    total_s: float
    first_output_s: float | None = None

    def __add__(self, later: "Timing") -> "Timing":
        """The time of two model calls, one behind the other."""
        first = self.first_output_s
        if first is None and later.first_output_s is not None:
            first = round(self.total_s + later.first_output_s, 6)
        return Timing(round(self.total_s + later.total_s, 6), first)
