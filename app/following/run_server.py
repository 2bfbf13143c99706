"""The addresses of a server that keeps runs, over any transport: docs/openapi.json."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from random import uniform
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from ..core.errors import ErrorInfo, ReadError, TransportError
from ..core.messages import File
from ..core.running.calls import Decision
from ..core.wire.framing import SSE, Record
from ..core.wire.transport import Request, Response, Transport
from ..protocols import http_error, tokenfall
from ..protocols.tokenfall.runs import (
    FILE_ADDRESS,
    KEY_HEADER,
    ChatFacts,
    ChatList,
    ChatState,
    Question,
    RunState,
)

# Waits for so many seconds, or until the network is back.
Wait = Callable[[float], Awaitable[None]]

# The first and the longest wait between two tries, in seconds.
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 4.0
# A stream without a sign of life for so long, in seconds, is dead: the server gives one in 15.
_SILENCE_S = 50.0
# How often something is told that the server does not take.
_TRIES = 20
_JSON = "application/json"

_Told = TypeVar("_Told")


class Reply(NamedTuple):
    """A whole answer of the server."""

    status: int
    body: bytes
    error: ErrorInfo | None  # where the status is one of failure
    headers: Mapping[str, str]

    @property
    def may_pass(self) -> bool:
        """Tell whether the same request may soon be answered otherwise."""
        return may_pass(self.status)


def may_pass(status: int) -> bool:
    """Tell whether the same request may soon be answered otherwise."""
    # A store that is full (507) stays so until its person deletes something.
    return status in (408, 425, 429) or (status >= 500 and status != 507)


def waits() -> Callable[[], float]:
    """Make a function that gives the seconds to wait before each next try: longer each time, and
    never the same for all that lost the same server.
    """
    longest_s = _FIRST_WAIT_S / 2

    def next_s() -> float:
        nonlocal longest_s
        longest_s = min(longest_s * 2, _LONGEST_WAIT_S)
        return uniform(longest_s / 2, longest_s)

    return next_s


async def records(response: Response) -> AsyncGenerator[list[Record]]:
    """Yield the records of a stream, those that came together at once.

    Raises:
        TransportError: it was cut off, or silent for too long.
        ProtocolError: it is no stream of records.
    """
    framer, chunks = SSE(), aiter(response.chunks())
    while True:
        try:
            async with asyncio.timeout(_SILENCE_S):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ReadError("the server has said nothing for long") from None
        yield [record for record in framer.feed(chunk) if isinstance(record, Record)]


class RunServer:
    """A server of runs. `address` is what its paths stand behind: `https://example.org/api`."""

    def __init__(self, transport: Transport, address: str, *, wait: Wait = asyncio.sleep) -> None:
        self.wait = wait
        self._transport = transport
        self._address = address
        self._telling: set[asyncio.Task[None]] = set()

    def over(self, transport: Transport) -> "RunServer":
        """The same server over another transport."""
        return RunServer(transport, self._address, wait=self.wait)

    async def begin(self, question: Question, name: str) -> Reply:
        """Have a question answered; once, however often it is sent under this name. Raises
        `TransportError`.
        """
        headers = {"idempotency-key": name}
        if question.key:
            headers[KEY_HEADER] = question.key
        body = msgspec.json.encode(replace(question, key=""))
        return await self._ask("POST", "runs", body, headers)

    def events(self, run: str, after: str) -> AbstractAsyncContextManager[Response]:
        """Read what a run tells behind this place, then follow it. Raises as the transport."""
        return self._stream(f"runs/{quote(run, safe='')}/events", after)

    def chat_events(self, after: str) -> AbstractAsyncContextManager[Response]:
        """Read the changes of this owner's chats behind this place, then follow them. Raises as
        the transport.
        """
        return self._stream("chats/events", after)

    def _stream(self, path: str, after: str) -> AbstractAsyncContextManager[Response]:
        headers = {"accept": tokenfall.EVENT_STREAM}
        if after:
            headers["last-event-id"] = after
        return self._transport.open(Request("GET", f"{self._address}/{path}", headers))

    async def with_data(self, file: File) -> File:
        """A file with its data, where the server keeps that apart. Raises `TransportError`."""
        if not FILE_ADDRESS.fullmatch(file.url):
            return file
        answer = await self._ask("GET", file.url.removeprefix("api/"))
        if answer.error is not None:
            return file
        data = b64encode(answer.body).decode()
        return replace(file, url=f"data:{file.mime_type};base64,{data}")

    async def state(self, run: str) -> RunState | None:
        """Ask how a run is doing; None where there is none. Raises `TransportError`, and
        `ValueError` where the server does not tell.
        """
        return _decoded(await self._ask("GET", f"runs/{quote(run, safe='')}"), RunState)

    async def chats(self) -> ChatList | None:
        """List the chats of this owner. Raises as `state`."""
        return _decoded(await self._ask("GET", "chats"), ChatList)

    async def chat(self, chat: str) -> ChatState | None:
        """Read a chat with all its messages; None where there is none. Raises as `state`."""
        return _decoded(await self._ask("GET", f"chats/{quote(chat, safe='')}"), ChatState)

    async def set_facts(self, chat: str, facts: ChatFacts) -> Reply:
        """Set facts of a chat. Raises `TransportError`."""
        return await self._ask("PATCH", f"chats/{quote(chat, safe='')}", msgspec.json.encode(facts))

    async def delete_chat(self, chat: str) -> bool:
        """Delete a chat with its runs; tell whether there is none now."""
        return await self._delete(f"chats/{quote(chat, safe='')}")

    async def delete_run(self, run: str, message: str) -> bool:
        """Delete a run that went with this message of its page; tell whether there is none now."""
        return await self._delete(f"runs/{quote(run, safe='')}?message={quote(message, safe='')}")

    async def _delete(self, path: str) -> bool:
        try:
            return (await self._ask("DELETE", path)).status in (204, 404)
        except TransportError:
            return False

    # What a run is told; tried until the server has taken it, beside everything else

    def cancel(self, run: str) -> None:
        """End a run; what has come stays."""
        self._tell("POST", run, "/cancel")

    def delete(self, run: str) -> None:
        """End a run, and keep nothing of it."""
        self._tell("DELETE", run, "")

    def decide(self, run: str, call_id: str, decision: Decision) -> None:
        """Send a person's decision on a call."""
        told = {"call_id": call_id, "decision": decision}
        self._tell("POST", run, "/approvals", [told])

    def give(self, run: str, call_id: str, content: str, *, is_error: bool) -> None:
        """Give the result of a tool that ran here."""
        told = {"call_id": call_id, "content": content, "is_error": is_error}
        self._tell("POST", run, "/tool-results", [told])

    async def settled(self) -> None:
        """Wait until all that was told is taken, or given up."""
        await asyncio.gather(*self._telling)

    def _tell(self, method: str, run: str, path: str, told: object = None) -> None:
        body = b"" if told is None else msgspec.json.encode(told)
        self._begin(self._try(method, f"runs/{quote(run, safe='')}{path}", body))

    def _begin(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _try(self, method: str, path: str, body: bytes) -> None:
        next_s = waits()
        for _ in range(_TRIES):
            try:
                if not (await self._ask(method, path, body)).may_pass:
                    return
            except TransportError:
                pass
            await self.wait(next_s())

    async def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        sent = {"accept": _JSON} | ({"content-type": _JSON} if body else {}) | (headers or {})
        request = Request(method, f"{self._address}/{path}", sent, body)
        async with self._transport.open(request) as response:
            data = b"".join([chunk async for chunk in response.chunks()])
            status, told = response.status, response.headers
            error = http_error(tokenfall.NAME, status, told, data) if status >= 400 else None
            return Reply(status, data, error, told)


def _decoded(answer: Reply, kind: type[_Told]) -> _Told | None:
    if answer.status == 404:
        return None
    if answer.error is not None:
        raise ValueError(answer.error.message)
    return msgspec.json.decode(answer.body, type=kind)
