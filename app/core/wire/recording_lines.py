"""A recording as text: NDJSON, a line for each thing that happened.

text = "".join(render_lines(recorder.exchanges))
again = Replay(parse_lines(text.splitlines()))
"""

import base64
from collections.abc import Iterable, Iterator

import msgspec

from ..errors import ProtocolError
from .recording import Chunk, End, Exchange
from .transport import Request

VERSION = 1


def render_lines(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Write a recording as NDJSON, a line for each thing that happened. Bytes that are no UTF-8 by
    themselves are base64.
    """
    yield _json(_Head(VERSION))
    for number, exchange in enumerate(exchanges):
        yield from _render(number, exchange)


def parse_lines(lines: Iterable[str]) -> list[Exchange]:
    """Read what `render_lines` wrote. A last line that was cut short is passed over, and so are
    kinds of line that this version does not know.

    Raises:
        ProtocolError: This is not a recording, or of a newer version; the message says which.
    """
    found: dict[int, Exchange] = {}
    unreadable: str | None = None
    is_first = True
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if unreadable is not None:
            raise ProtocolError(unreadable)
        try:
            kind = _LINE_KIND.decode(line)
            if is_first:
                _check_head(kind)
                is_first = False
            elif kind.type in _KINDS:
                _add(found, _LINE.decode(line))
        except (msgspec.MsgspecError, ValueError, KeyError) as error:
            if is_first:
                raise ProtocolError("This file is not a recording of Tokenfall.") from error
            unreadable = f"Line {place} of the recording cannot be read: {error}"
    if is_first:
        raise ProtocolError("The recording is empty.")
    return list(found.values())


# The lines. Numbers join what belongs to one exchange: several may go on at a time.


class _Head(msgspec.Struct, tag="tokenfall-recording"):
    version: int


class _Line(msgspec.Struct, omit_defaults=True):
    exchange: int


class _Bytes(_Line):
    text: str = ""
    base64: str = ""

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.base64) if self.base64 else self.text.encode()


class _RequestLine(_Bytes, tag="request", kw_only=True):
    method: str
    url: str
    headers: dict[str, str]


class _ResponseLine(_Line, tag="response", kw_only=True):
    at_s: float
    status: int
    headers: dict[str, str]


class _ChunkLine(_Bytes, tag="chunk", kw_only=True):
    at_s: float


class _EndLine(_Line, tag="end", kw_only=True):
    end: End
    at_s: float | None = None
    error: str = ""


class _Kind(msgspec.Struct):
    type: str
    version: int = 0


_LINE_KIND = msgspec.json.Decoder(_Kind)
_LINE = msgspec.json.Decoder(_RequestLine | _ResponseLine | _ChunkLine | _EndLine)
_KINDS = {"request", "response", "chunk", "end"}


def _render(number: int, exchange: Exchange) -> Iterator[str]:
    request = exchange.request
    first = _RequestLine(
        exchange=number,
        method=request.method,
        url=request.url,
        headers=request.headers,
        **_written(request.body),
    )
    yield _json(first)
    if exchange.status is not None:
        opened = _ResponseLine(
            exchange=number,
            at_s=exchange.opened_s or 0,
            status=exchange.status,
            headers=exchange.headers,
        )
        yield _json(opened)
    for chunk in exchange.chunks:
        yield _json(_ChunkLine(exchange=number, at_s=chunk.at_s, **_written(chunk.data)))
    if exchange.end != "running":
        end = _EndLine(
            exchange=number, end=exchange.end, at_s=exchange.ended_s, error=exchange.error
        )
        yield _json(end)


def _add(found: dict[int, Exchange], line: _Line) -> None:
    if isinstance(line, _RequestLine):
        request = Request(line.method, line.url, line.headers, line.data)
        # Without a line that says otherwise, whoever recorded was ended before the answer was.
        found[line.exchange] = Exchange(request, end="aborted")
        return
    exchange = found[line.exchange]
    match line:
        case _ResponseLine():
            exchange.status, exchange.opened_s = line.status, line.at_s
            exchange.headers = line.headers
        case _ChunkLine():
            exchange.chunks.append(Chunk(line.at_s, line.data))
        case _EndLine():
            exchange.end, exchange.ended_s, exchange.error = line.end, line.at_s, line.error


def _check_head(head: _Kind) -> None:
    if head.type != "tokenfall-recording":
        raise ValueError(f"it begins with {head.type!r}")
    if head.version > VERSION:
        raise ProtocolError(
            f"The recording is of version {head.version}; this Tokenfall reads up to {VERSION}."
        )


def _json(line: msgspec.Struct) -> str:
    return msgspec.json.encode(line).decode() + "\n"


def _written(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
