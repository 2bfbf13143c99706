"""Servers that go on with an answer by themselves, whoever reads it, and how each is talked to.

OpenAI          in background mode: `"background": true` among a question's extra fields
                https://developers.openai.com/api/docs/guides/background
Tokenfall       another server of runs, always: docs/openapi.json

What is done with them stands once, in `background`; here is what differs.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from ...core.messages import File
from ...core.running.calls import Decision
from ...core.wire.framing import Record
from ...core.wire.transport import Request, Response, Transport
from ...following.run_server import Reply, RunServer
from ...protocols import tokenfall
from ...protocols.tokenfall.runs import Question
from ...providers import PROVIDERS

_ENDS = frozenset(f"response.{word}" for word in ("completed", "failed", "incomplete", "cancelled"))


class Seen(NamedTuple):
    """A record of an answer: its `data`, the answer's `name` where it is told, the `place` of the
    record, by which one goes on behind it, and whether it is the last.
    """

    data: bytes
    name: str = ""
    place: str = ""
    is_end: bool = False


class Call(Protocol):
    """One model call of such a server. `name` is what it calls the answer, "" until it says so;
    `size` how many messages the question has, by which the model calls of a run are told apart.
    """

    name: str
    size: int

    def ask(self) -> AbstractAsyncContextManager[Response]:
        """Have the answer begun, and read it. Raises as the transport."""
        ...

    def rejoin(self, place: str) -> AbstractAsyncContextManager[Response]:
        """Read the answer behind this place. Raises as the transport."""
        ...

    def is_not_there(self) -> None:
        """Take that the answer of this name was never begun, or is forgotten: it is asked anew."""
        ...

    async def seen(self, record: Record) -> Seen:
        """Look at a record. Raises `TransportError` where a part of it is not to be had."""
        ...

    async def stop(self) -> None:
        """Have the answer end. Raises as the transport."""
        ...

    async def decide(self, call_id: str, decision: Decision) -> None:
        """Pass on a person's decision on what the answer asks. Raises as the transport."""
        ...


class Keeper(NamedTuple):
    """A kind of such servers: which questions it goes on with, and the model call that a request
    is, None where it is none. An answer that we name gets the given name.
    """

    keeps: Callable[[Question], bool]
    call: Callable[[Transport, Request, str], Call | None]


def keeper_of(question: Question) -> Keeper | None:
    """Find who goes on with the answer to a question by itself; None where nobody does."""
    return next((one for one in _KEEPERS if one.keeps(question)), None)


# OpenAI


class _Named(msgspec.Struct, frozen=True):
    id: str = ""


class _Told(msgspec.Struct):
    """The fields of an event by which its stream is found again."""

    type: str = ""
    sequence_number: int | None = None
    response: _Named = _Named()


class _Asked(msgspec.Struct):
    background: bool | None = None
    stream: bool = False
    input: list[msgspec.Raw] | str = ""


_decode_told = msgspec.json.Decoder(_Told).decode
_decode_asked = msgspec.json.Decoder(_Asked).decode


class _Response:
    """A response in the background: it names itself, and counts its events."""

    def __init__(self, transport: Transport, request: Request, size: int) -> None:
        self.name = ""
        self.size = size
        self._transport = transport
        self._request = request

    def ask(self) -> AbstractAsyncContextManager[Response]:
        return self._transport.open(self._request)

    def rejoin(self, place: str) -> AbstractAsyncContextManager[Response]:
        behind = f"&starting_after={place}" if place else ""
        return self._transport.open(self._at(f"?stream=true{behind}"))

    def is_not_there(self) -> None:
        self.name = ""

    async def seen(self, record: Record) -> Seen:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            told = _decode_told(record.data)
            place = "" if told.sequence_number is None else str(told.sequence_number)
            return Seen(record.data, told.response.id, place, told.type in _ENDS)
        return Seen(record.data)

    async def stop(self) -> None:
        async with self._transport.open(self._at("/cancel", "POST")):
            pass

    async def decide(self, call_id: str, decision: Decision) -> None:
        pass  # it asks for nothing on its way

    def _at(self, rest: str, method: str = "GET") -> Request:
        url, mark, query = self._request.url.partition("?")
        if mark:
            rest = f"{rest}{'&' if '?' in rest else '?'}{query}"
        return Request(method, f"{url}/{self.name}{rest}", self._request.headers)


def _response(transport: Transport, request: Request, name: str) -> Call | None:
    if not request.url.partition("?")[0].endswith("/responses"):
        return None
    with suppress(msgspec.MsgspecError):
        asked = _decode_asked(request.body)
        if asked.stream and asked.background is True:
            return _Response(transport, request, len(asked.input))
    return None


# Tokenfall


class _Run:
    """A run of another server: named by who asks, so that the same question sent again is none."""

    def __init__(self, transport: Transport, request: Request, name: str) -> None:
        asked = tokenfall.parse_request(request.body)
        address = request.url.partition("?")[0].removesuffix(_PATH)
        self.name = name
        self.size = len(asked.messages)
        self._server = RunServer(_Authorized(transport, request), address)
        self._question = Question(
            asked.messages,
            model=asked.model,
            options=asked.options,
            chat=asked.options.cache_key or "",
            whole=True,
            stream=asked.stream,
            data=asked.data,
        )

    @asynccontextmanager
    async def ask(self) -> AsyncIterator[Response]:
        reply = await self._server.begin(self._question, self.name)
        if reply.error is not None:
            yield _Refusal(reply)
            return
        async with self.rejoin("") as response:
            yield response

    def rejoin(self, place: str) -> AbstractAsyncContextManager[Response]:
        return self._server.events(self.name, place)

    def is_not_there(self) -> None:
        pass  # under the same name it runs once, should it come after all

    async def seen(self, record: Record) -> Seen:
        data, is_end = record.data, record.event == "done"
        if b"api/runs/" in data:  # a large file lies beside the events there
            with suppress(msgspec.MsgspecError):
                file = _decode_file(data)
                data = msgspec.json.encode(await self._server.with_data(file))
        return Seen(data, self.name, record.last_event_id, is_end)

    async def stop(self) -> None:
        self._server.cancel(self.name)
        await self._server.settled()

    async def decide(self, call_id: str, decision: Decision) -> None:
        self._server.decide(self.name, call_id, decision)
        await self._server.settled()


class _Authorized:
    """Carries requests beside this one, with what lets it in."""

    def __init__(self, transport: Transport, request: Request) -> None:
        own = {"accept", "content-type"}
        self._transport = transport
        self._headers = {k: v for k, v in request.headers.items() if k.lower() not in own}

    def open(self, request: Request) -> AbstractAsyncContextManager[Response]:
        headers = {**self._headers, **request.headers}
        return self._transport.open(replace(request, headers=headers))


class _Refusal:
    """A reply to a question that was not begun, as the response it came as."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers: Mapping[str, str] = reply.headers
        self._body = reply.body

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body


def _run(transport: Transport, request: Request, name: str) -> Call | None:
    is_question = request.url.partition("?")[0].endswith(_PATH)
    return _Run(transport, request, name) if is_question else None


def _is_tokenfall(question: Question) -> bool:
    row = PROVIDERS.get(question.provider)
    return row is not None and row.protocol == tokenfall.NAME


_PATH = "/chat"
_decode_file = msgspec.json.Decoder(File).decode

_KEEPERS = (
    Keeper(lambda question: question.options.extra.get("background") is True, _response),
    Keeper(_is_tokenfall, _run),
)
