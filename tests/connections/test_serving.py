"""A run over HTTP and back: both framings, tools on either side, errors, who goes away."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from app.connections import (
    StreamResponse,
    fetch_http_stream,
    fetch_server_sent_events,
    stream,
    to_ag_ui_response,
    to_ndjson_response,
    to_sse_response,
)
from app.connections.serving import to_ui_message_response
from app.core import events as ev
from app.core.errors import ConnectError, ErrorInfo, UsageError
from app.core.messages import File, ProviderTool, Source, ToolResult, Usage
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.protocols import ag_ui
from app.protocols.tokenfall import ChatRequest
from app.providers import Provider
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Cut, Reply, Stall
from app.scripted.transport import ScriptedTransport

from .server import InProcess

UPSTREAM = Provider("test", "Test", "https://provider.example/v1")
RECORDS = records(Answer(text="One two three.", reasoning="Hm."))
FRAMINGS = [
    (fetch_server_sent_events, to_sse_response),
    (fetch_http_stream, to_ndjson_response),
]
AT_ONCE = Retries(attempts=0)


class Backend:
    """A server that passes each question on to a model, which gives these replies in turn."""

    def __init__(self, respond: Any, *replies: Reply, tools: Any = ()) -> None:
        queue = list(replies)
        self.script = ScriptedTransport(lambda request: queue.pop(0))
        self.asked: list[ChatRequest] = []
        self.upstream = UPSTREAM
        self._respond = respond
        self._tools = tools

    def __call__(self, asked: ChatRequest) -> StreamResponse:
        self.asked.append(asked)
        *before, question = asked.messages
        chat = Chat(
            self.upstream,
            "m",
            transport=self.script,
            tools=self._tools,
            messages=before,
            retries=AT_ONCE,
        )
        response: StreamResponse = self._respond(chat.stream(question.parts))
        return response


def client(connect: Any, backend: Any, **settings: Any) -> Chat:
    connection = connect("https://chat.example/api/chat", transport=InProcess(backend))
    settings = {"retries": AT_ONCE} | settings
    return Chat(connection.endpoint, "m", transport=connection.transport, **settings)


@pytest.mark.parametrize(("connect", "respond"), FRAMINGS)
async def test_an_answer_comes_through(connect: Any, respond: Any) -> None:
    backend = Backend(respond, streamed(RECORDS), streamed(RECORDS))
    chat = client(connect, backend)
    events = [event async for event in chat.stream("Hi")]
    assert [event.text for event in events if isinstance(event, ev.ContentDelta)] == [
        "One",
        " two",
        " three.",
    ]
    message = chat.messages[-1]
    assert (message.text, message.reasoning, message.status) == (
        "One two three.",
        "Hm.",
        "complete",
    )
    assert (message.finish_reason, message.protocol) == ("stop", "openai-chat")
    await chat.ask("And?")
    assert [one.text for one in backend.asked[1].messages] == ["Hi", "One two three.", "And?"]


THOUGHT = [
    {"type": "message_start", "message": {"id": "m", "model": "m", "usage": {}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "thinking_delta", "thinking": "Hm."},
    },
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "signature_delta", "signature": "signed"},
    },
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "Yes."}},
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    {"type": "message_stop"},
]


@pytest.mark.parametrize(("connect", "respond"), FRAMINGS)
async def test_signatures_come_back_to_who_gave_them(connect: Any, respond: Any) -> None:
    """A provider's thoughts pass through the server to its client, and back with the next question
    to the same provider, and to no other.
    """
    stream = [b"data: %s\n\n" % json.dumps(record).encode() for record in THOUGHT]
    backend = Backend(respond, *[streamed(stream)] * 3)
    backend.upstream = Provider("a", "A", "https://a.example/v1", protocol="anthropic-messages")
    chat = client(connect, backend)
    await chat.ask("Hi")
    assert (chat.messages[-1].protocol, chat.messages[-1].provider) == ("anthropic-messages", "a")
    await chat.ask("And?")
    assert b"signed" in backend.script.exchanges[-1].request.body
    backend.upstream = replace(backend.upstream, name="b")
    await chat.ask("And?")
    assert b"signed" not in backend.script.exchanges[-1].request.body


@pytest.mark.parametrize(("connect", "respond"), FRAMINGS)
async def test_tools_run_at_the_server(connect: Any, respond: Any) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    call = ToolCall("c", "add", '{"a": 1, "b": 2}')
    asks = streamed(records(Answer(tool_calls=(call,), finish_reason="tool_calls")))
    again = streamed(RECORDS)
    backend = Backend(respond, asks, streamed(RECORDS), again, tools=[add])
    chat = client(connect, backend)
    events = [event async for event in chat.stream("1 + 2?")]
    assert [event.content for event in events if isinstance(event, ToolResult)] == ["3"]
    assert (chat.messages[-1].text, len(chat.messages)) == ("One two three.", 2)
    await chat.ask("And?")
    sent = json.loads(backend.script.exchanges[-1].request.body)["messages"]
    roles = ["user", "assistant", "tool", "assistant", "user"]
    assert [message["role"] for message in sent] == roles


async def test_tools_run_at_the_client() -> None:
    call = ToolCall("c", "add", '{"a": 1, "b": 2}')
    asks = streamed(records(Answer(tool_calls=(call,), finish_reason="tool_calls")))
    backend = Backend(to_sse_response, asks, streamed(RECORDS))

    def respond(asked: ChatRequest) -> StreamResponse:
        if asked.messages[-1].role == "tool":
            assert asked.messages[-1].parts == [ToolResult("c", "3", "add")]
            return to_sse_response(["So 3."])
        assert [one.name for one in asked.options.tools] == ["add"]
        return backend(asked)

    def add(a: int, b: int) -> int:
        return a + b

    chat = client(fetch_server_sent_events, respond, tools=[add])
    assert (await chat.ask("1 + 2?")).text == "So 3."


async def test_headers_and_framing() -> None:
    tokens = iter(["a", "b"])
    transport = InProcess(lambda asked: to_sse_response(["Hi."], headers={"x-run": "7"}))
    connection = fetch_server_sent_events(
        "https://chat.example/api/chat",
        headers=lambda: {"authorization": f"Bearer {next(tokens)}"},
        transport=transport,
    )
    chat = Chat(connection.endpoint, "", transport=transport)
    for token in "ab":
        await chat.ask("Hi")
        request = transport.requests[-1]
        assert request.headers["authorization"] == f"Bearer {token}"
        assert request.headers["accept"] == "text/event-stream"
    assert to_sse_response([]).headers["content-type"] == "text/event-stream; charset=utf-8"
    assert to_ndjson_response([]).headers["content-type"] == "application/x-ndjson"
    assert to_sse_response([], headers={"x-run": "7"}, status_code=201).status_code == 201


@pytest.mark.parametrize(("connect", "respond"), FRAMINGS)
async def test_a_failure_of_the_model_comes_through(connect: Any, respond: Any) -> None:
    chat = client(connect, Backend(respond, streamed([*RECORDS[:3], Cut()])))
    message = await chat.ask("Hi")
    assert (message.status, message.text) == ("error", "One")
    assert message.error is not None
    assert message.error.kind == "read"


@pytest.mark.parametrize(("connect", "respond"), FRAMINGS)
async def test_a_cut_at_the_model_is_incomplete_here_too(connect: Any, respond: Any) -> None:
    message = await client(connect, Backend(respond, streamed(RECORDS[:3]))).ask("Hi")
    assert (message.status, message.text, message.error) == ("incomplete", "One", None)


@pytest.mark.parametrize(("connect", "respond"), FRAMINGS)
@pytest.mark.parametrize("how", ["stop", "leave"])
async def test_a_client_that_goes_away_cancels_the_run(
    connect: Any, respond: Any, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    backend = Backend(respond, streamed([*RECORDS[:3], Stall()]))
    async with client(connect, backend).stream("Hi") as run:
        async for event in run:
            if isinstance(event, ev.ContentDelta):
                if how == "leave":
                    break
                asyncio.get_running_loop().call_soon(run.cancel)
    assert run.status == "aborted"
    assert [exchange.state for exchange in backend.script.exchanges] == ["aborted"]
    assert "went away" in caplog.text


async def test_texts_and_events_may_be_served_without_a_run() -> None:
    async def texts() -> AsyncIterator[str]:
        yield "One"
        yield ""
        yield " two."

    events = [ev.ReasoningDelta("Hm."), ev.ContentDelta("x"), ev.Done("complete", "length", "cap")]
    answers = [to_sse_response(texts()), to_ndjson_response(events)]
    chat = client(fetch_http_stream, lambda asked: answers.pop(0))
    first = await chat.ask("Hi")
    assert (first.text, first.status, first.finish_reason) == ("One two.", "complete", "stop")
    second = await chat.ask("Hi")
    assert (second.reasoning, second.finish_reason_raw) == ("Hm.", "cap")


async def test_what_a_served_stream_raises_is_not_told_to_strangers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> AsyncIterator[str]:
        yield "One"
        raise ValueError("the secret is 7")

    message = await client(fetch_http_stream, lambda asked: to_sse_response(broken())).ask("Hi")
    assert message.error is not None
    assert (message.text, message.error.message) == (
        "One",
        "The server failed in the middle of the answer.",
    )
    assert "the secret is 7" in caplog.text


async def test_a_known_failure_is_told() -> None:
    async def broken() -> AsyncIterator[str]:
        yield ""
        raise ConnectError("No answer from the model.")

    message = await client(fetch_http_stream, lambda asked: to_sse_response(broken())).ask("Hi")
    assert message.error is not None
    assert (message.error.kind, message.error.message) == ("connect", "No answer from the model.")


async def test_a_client_that_is_gone_when_something_is_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    backend = Backend(to_sse_response, streamed(RECORDS))

    async def receive() -> dict[str, Any]:
        await asyncio.get_running_loop().create_future()
        return {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    asked = ChatRequest([Chat(UPSTREAM, "m", transport=backend.script).stream("Hi").message])
    await backend(asked)({"type": "http"}, receive, send)
    assert [exchange.state for exchange in backend.script.exchanges] == ["aborted"]
    assert "the client went away" in caplog.text


async def test_only_http_can_be_answered() -> None:
    with pytest.raises(UsageError, match="websocket"):
        await to_sse_response([])({"type": "websocket"}, None, None)  # type: ignore[arg-type]


# --- as an AG-UI agent -------------------------------------------------------------------------


async def test_a_run_is_served_as_an_agent_of_another_protocol() -> None:
    asked: list[ag_ui.AgentInput] = []

    def respond(body: bytes) -> StreamResponse:
        asked.append(ag_ui.parse_request(body))
        script = ScriptedTransport(lambda request: streamed(RECORDS))
        chat = Chat(UPSTREAM, "m", transport=script)
        return to_ag_ui_response(chat.stream(asked[-1].messages[-1].text), asked[-1])

    transport = InProcess(respond, read=bytes)
    agent = Provider("agent", "Agent", "https://agent.example/run", protocol="ag-ui")
    chat = Chat(agent, "agent", transport=transport, retries=AT_ONCE)
    answer = await chat.ask("Hi")
    assert (answer.text, answer.reasoning, answer.status) == ("One two three.", "Hm.", "complete")
    assert [one.text for one in asked[0].messages] == ["Hi"]
    assert transport.requests[0].url == "https://agent.example/run"


async def test_an_agent_that_fails_says_so_and_no_more() -> None:
    async def failing() -> AsyncIterator[str]:
        yield "Half"
        raise ZeroDivisionError("secret")

    transport = InProcess(
        lambda body: to_ag_ui_response(failing(), ag_ui.parse_request(body)), read=bytes
    )
    agent = Provider("agent", "Agent", "https://agent.example/run", protocol="ag-ui")
    answer = await Chat(agent, "agent", transport=transport, retries=AT_ONCE).ask("Hi")
    assert (answer.text, answer.status) == ("Half", "error")
    assert answer.error is not None
    assert "secret" not in answer.error.message


@pytest.mark.parametrize("respond", [to_sse_response, to_ndjson_response])
@pytest.mark.parametrize("extra", ["half", "keys", "huge", "itself", "deep", "no number"])
async def test_what_no_json_can_hold_ends_no_served_stream(respond: Any, extra: str) -> None:
    itself: dict[str, Any] = {"kept": 1}
    itself["self"] = itself
    deep: Any = "kept"
    for _ in range(500):
        deep = [deep]
    values = {
        "half": {"kept": "\ud83d"},
        "keys": {(1, 2): "kept"},
        "huge": {"kept": 10**5000},
        "itself": itself,
        "deep": {"kept": deep},
        "no number": {"kept": ["nan", float("nan")]},
    }

    async def telling() -> AsyncIterator[Any]:
        yield "a\ud83d"
        yield "\ude00"
        yield ev.ReasoningDelta("", values[extra])
        yield "\udc00b"

    body = b"".join([chunk async for chunk in respond(telling()).body]).decode()
    rows = [row.removeprefix("data: ") for row in body.splitlines()]
    told = [json.loads(row) for row in rows if row.startswith("{")]
    assert "".join(one["text"] for one in told if one["type"] == "content_delta") == "a😀\ufffdb"
    assert "kept" in str(told[-3]["extra"])
    assert "None" not in str(told[-3]["extra"])
    assert told[-1]["type"] == "done"


ODD = ("\ud83d", {"kept": [1, float("nan")]}, {"kept": 10**5000}, {1, 2}, object())


def odd_events(value: Any) -> list[ev.Event]:
    """Events with half characters in each text, and `value` where anything may be."""
    half = "x\ud83d"
    return [
        ev.MessageStart(half, half),
        ev.ReasoningDelta(half, value),
        ev.ToolCallDelta(0, "of no call"),
        ev.ToolCallStart(0, half, half),
        ev.ToolCallDelta(0, f'{{"a": "{half}"'),
        ev.ToolCallDelta(7, "of no call"),
        ev.ToolCallEnd(0, value),
        ev.ToolCallEnd(7, value),
        ev.ToolRunStart(half, half),
        ToolResult(half, f"[NaN, {half}", half),
        ProviderTool(half, half, half, value),
        Source(half, half),
        File(f"data:text/plain,{half}", "text/plain", f"{half}.txt"),
        Usage(1, 2, raw=value),
        ev.ApprovalRequest(half, half, half, "answer"),
        ev.Warning(half, half),
        ev.Error(ErrorInfo("unknown", half, raw=value)),
    ]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("road", ["sse", "ndjson", "ag-ui", "ui messages"])
async def test_every_road_takes_events_that_hold_what_no_json_can(road: str, value: Any) -> None:
    async def telling(*_: Any) -> AsyncIterator[Any]:
        for event in odd_events(value):
            yield event
        yield "the end"

    asked = ag_ui.parse_request(b'{"threadId":"t","runId":"r","messages":[]}')
    roads = {
        "sse": lambda: to_sse_response(telling()),
        "ndjson": lambda: to_ndjson_response(telling()),
        "ag-ui": lambda: to_ag_ui_response(telling(), asked),
        "ui messages": lambda: to_ui_message_response(telling()),
    }
    body = b"".join([chunk async for chunk in roads[road]().body]).decode()
    rows = [row.removeprefix("data: ") for row in body.splitlines()]
    told = [json.loads(row, parse_constant=pytest.fail) for row in rows if row.startswith("{")]
    assert "the end" in str(told)
    assert told[-1]["type"] in ("done", "RUN_FINISHED", "finish", "RUN_ERROR")
    assert not re.search(r'kept\\*":\s*\[1,\s*null', body)


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
async def test_a_function_behind_a_chat_may_give_them_too(value: Any) -> None:
    async def telling(*_: Any) -> AsyncIterator[Any]:
        for event in odd_events(value):
            yield event
        yield "the end"

    connection = stream(telling)
    message = await Chat(connection.endpoint, "m", transport=connection.transport).ask("Hi")
    assert message.text.endswith("the end")
