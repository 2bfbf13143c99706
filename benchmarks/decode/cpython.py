"""Under CPython: ours and the `openai` package, both over a made-up httpx2 transport.

Theirs is the sync client, the quicker one of the two; ours knows only async.
"""

import asyncio
import platform
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from importlib.metadata import version
from time import thread_time

import httpx2
import msgspec
import openai
from openai.types.chat import ChatCompletionChunk

from app.core.wire.transport import Request
from app.native.http import HTTPTransport
from app.protocols import decoder

from . import ours
from .arena import IN_HAND, OURS, RECEIVED, Contestant
from .streams import Answer, Chunks

_URL = "http://localhost/v1"


class CPython:
    """The interpreter that runs this."""

    title = "CPython"

    def __init__(self) -> None:
        self.versions: Mapping[str, str] = {
            "CPython": platform.python_version(),
            **{name: version(name) for name in ("msgspec", "httpx2", "openai")},
        }

    def contestants(self, chunks: Chunks) -> dict[tuple[str, str], Contestant]:
        cut = chunks.cut()
        return {
            (IN_HAND, OURS): lambda: _ours_in_hand(cut),
            (RECEIVED, OURS): lambda: asyncio.run(_ours_received(cut)),
            (RECEIVED, "openai"): lambda: _openai(cut),
        }


def _ours_in_hand(chunks: Sequence[bytes]) -> tuple[float, Answer]:
    started = thread_time()
    message = ours.decode(chunks)
    taken = thread_time() - started
    return taken, _answer(ours.answer(message))


async def _ours_received(chunks: Sequence[bytes]) -> tuple[float, Answer]:
    async with httpx2.AsyncClient(transport=_transport(_later(chunks))) as client:
        transport = HTTPTransport(client)
        started = thread_time()
        decoding = decoder("openai-chat")
        async with transport.open(Request("POST", _URL, {})) as response:
            async for chunk in response.chunks():
                decoding.feed(chunk)
        decoding.close()
        message = decoding.message
        taken = thread_time() - started
    return taken, _answer(ours.answer(message))


def _openai(chunks: Sequence[bytes]) -> tuple[float, Answer]:
    with httpx2.Client(transport=_transport(iter(chunks))) as http:
        client = openai.OpenAI(api_key="none", base_url=_URL, http_client=http)
        started = thread_time()
        collected = _Collected()
        for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
            collected.add(chunk)
        answer = collected.answer()
        taken = thread_time() - started
    return taken, answer


class _Collected:
    """A user's code around `openai`: it gets chunks, and puts the answer together itself."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, tuple[str, str, list[str]]] = {}
        self._finish_reason: str | None = None
        self._usage: tuple[int | None, int | None] = (None, None)

    def add(self, chunk: ChatCompletionChunk) -> None:
        if chunk.usage:
            self._usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        for choice in chunk.choices:
            delta = choice.delta
            if delta.content:
                self._text.append(delta.content)
            elif reasoning := getattr(delta, "reasoning_content", None):
                self._reasoning.append(reasoning)
            for call in delta.tool_calls or ():
                function = call.function
                if function is None:
                    continue
                if call.index not in self._calls:
                    self._calls[call.index] = (call.id or "", function.name or "", [])
                self._calls[call.index][2].append(function.arguments or "")
            self._finish_reason = choice.finish_reason or self._finish_reason

    def answer(self) -> Answer:
        calls = self._calls.values()
        return Answer(
            "".join(self._text),
            "".join(self._reasoning),
            tuple((id, name, "".join(arguments)) for id, name, arguments in calls),
            self._finish_reason,
            *self._usage,
        )


def _transport(body: Iterator[bytes] | AsyncIterator[bytes]) -> httpx2.MockTransport:
    response = httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)
    return httpx2.MockTransport(lambda _: response)


async def _later(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _answer(fields: str) -> Answer:
    return msgspec.json.decode(fields, type=Answer)
