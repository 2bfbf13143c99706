"""The other end of the examples: a script that plays a model, in the wire format of chat
completions.

For a real model, give `Chat` a provider and leave `transport` out:

    chat = Chat(provider("ollama"), "llama3.2")
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app import PROVIDERS
from app.protocols.tokenfall import ChatRequest, parse_request
from app.scripted.openai_chat import Answer, TokenCount, ToolCall, body, records, streamed, whole
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport
from app.serving import StreamResponse
from app.transports import Request, Response

PROVIDER = PROVIDERS["demo"]
MODEL = "demo"
STORY = "The lamp went out. Ines lit four lanterns."


Calls = tuple[tuple[str, str], ...]


def answer(text: str = "", *, reasoning: str = "", calls: Calls = ()) -> Reply:
    """A streamed answer; `calls` are tools that it asks for, by name and arguments (JSON text)."""
    return streamed(records(_answer(text, reasoning, calls), include_usage=True))


def plays(*answers: str | Reply) -> ScriptedTransport:
    """A transport over which a model gives these answers in turn, streamed or whole as asked."""
    waiting = list(answers)

    def reply_for(request: Request) -> Reply:
        given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(given, Reply):
            return given
        if json.loads(request.body)["stream"]:
            return answer(given)
        return whole(body(_answer(given, "", ())))

    return ScriptedTransport(reply_for)


def _answer(text: str, reasoning: str, calls: Calls) -> Answer:
    asked = tuple(ToolCall(f"call_{n}", name, given) for n, (name, given) in enumerate(calls))
    return Answer(
        text=text,
        reasoning=reasoning,
        tool_calls=asked,
        finish_reason="tool_calls" if calls else "stop",
        usage=TokenCount(input=7, output=len(text.split()) + len(reasoning.split())),
    )


class Served:
    """A transport to a server in this very process: a function from question to response."""

    def __init__(self, handler: Callable[[ChatRequest], StreamResponse]) -> None:
        self._handler = handler

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        response = self._handler(parse_request(request.body))
        try:
            yield _Answer(response)
        finally:
            await response.body.aclose()


class _Answer:
    def __init__(self, response: StreamResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self._body = response.body

    def chunks(self) -> AsyncIterator[bytes]:
        return self._body
