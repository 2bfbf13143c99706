"""The built-in model itself, through the proxy: what must hold for any model.

What it says is not looked at, for that differs between builds and processors.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from app.core.messages import Message, Reasoning, Text, ToolCall, ToolResult, user
from app.core.options import Options
from app.core.running.chat import Chat
from app.native.http import HTTPTransport
from app.native.local_model import MODEL_ID, LocalModel
from app.providers import provider
from app.providers.check import check
from tests.live_server import LIMIT_S, RUNTIME, live_server

CHAT = "/api/model/v1/chat/completions"
# Loading and speaking on a machine that is busy with other tests, in seconds.
PATIENCE_S = 120.0


@dataclass
class Running:
    client: httpx2.Client
    model: LocalModel
    base_url: str


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    model = LocalModel(RUNTIME)
    with (
        live_server(model=model) as server,
        httpx2.Client(base_url=server.url, timeout=PATIENCE_S, trust_env=False) as client,
    ):
        while (status := client.get("/api/status").json()["model"])["state"] != "ready":
            assert status["state"] != "failed", status["message"]
        yield Running(client, model, f"{server.url}/api/model/v1")


def question(said: str, **fields: object) -> dict[str, object]:
    messages = [{"role": "user", "content": said}]
    return {"model": MODEL_ID, "messages": messages, "temperature": 0} | fields


def streamed(client: httpx2.Client, asked: dict[str, object]) -> tuple[list[str], Any]:
    """The text deltas, and the last chunk with a usage."""
    asked = asked | {"stream": True, "stream_options": {"include_usage": True}}
    deltas, usage = [], None
    with client.stream("POST", CHAT, json=asked) as answer:
        assert answer.status_code == 200
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
    assert lines[-1] == "data: [DONE]"
    for line in lines[:-1]:
        chunk = json.loads(line[6:])
        usage = chunk.get("usage") or usage
        deltas += [choice["delta"].get("content") or "" for choice in chunk["choices"]]
    return [delta for delta in deltas if delta], usage


def test_a_stream_comes_in_pieces_and_is_as_long_as_was_allowed(running: Running) -> None:
    deltas, usage = streamed(running.client, question("Tell me a story.", max_tokens=17))
    assert len(deltas) > 8
    assert usage["completion_tokens"] == 17


def test_streamed_and_whole_answers_are_the_same_at_temperature_0(running: Running) -> None:
    asked = question("Write one sentence about the sea.", max_tokens=24)
    deltas, usage = streamed(running.client, asked)
    whole = running.client.post(CHAT, json=asked).json()
    assert whole["choices"][0]["message"]["content"] == "".join(deltas)
    assert whole["choices"][0]["finish_reason"] in ("length", "stop")
    assert whole["usage"]["completion_tokens"] == usage["completion_tokens"]


def test_a_browser_that_leaves_frees_the_model_for_the_next_question(running: Running) -> None:
    running.model.log.clear()
    endless = question("Count to ten thousand.", max_tokens=4000, stream=True, ignore_eos=True)
    with running.client.stream("POST", CHAT, json=endless) as answer:
        assert next(answer.iter_raw())
    # There is one slot, so this one waits for the other's end: 4000 tokens, or the abort.
    deltas, _ = streamed(running.client, question("Say hello.", max_tokens=4))
    assert deltas
    # The log comes by a pipe of its own, so it may be a little behind.
    asked = 0
    while not any("cancel task" in line for line in running.model.log):
        running.client.get("/api/status")
        asked += 1
        assert asked < 1000, list(running.model.log)


def test_a_question_that_is_too_long_is_refused_in_json(running: Running) -> None:
    answer = running.client.post(CHAT, json=question("word " * 6000))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "exceed_context_size_error"
    assert error["n_ctx"] == 4096


def test_the_model_is_listed_by_the_name_that_the_status_tells(running: Running) -> None:
    models = running.client.get("/api/model/v1/models").json()
    assert [model["id"] for model in models["data"]] == [MODEL_ID]
    assert running.client.get("/api/status").json()["model"]["id"] == MODEL_ID


def test_without_the_key_the_model_answers_nobody(running: Running) -> None:
    assert running.model.endpoint is not None
    base_url = running.model.endpoint.base_url
    with httpx2.Client(base_url=base_url, timeout=LIMIT_S, trust_env=False) as stranger:
        assert stranger.post("/v1/chat/completions", json=question("hi")).status_code == 401
        assert stranger.get("/slots").status_code in (401, 404, 501)


# The rows by which a person would reach it.
ROWS = {
    "openai-chat": "other",
    "openai-responses": "other-responses",
    "anthropic-messages": "other-anthropic",
}
PROTOCOLS = list(ROWS)


async def answered(
    running: Running,
    protocol: str,
    *messages: Message,
    stream: bool,
    tools: Sequence[Callable[..., Any]] = (),
    **options: Any,
) -> Message:
    """The model's answer by one of the protocols that its server speaks."""
    async with httpx2.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
        chat = Chat(
            provider(ROWS[protocol], base_url=running.base_url),
            MODEL_ID,
            options=Options(temperature=0, **options),
            transport=HTTPTransport(client),
            tools=tools,
            messages=messages[:-1],
        )
        return await chat.ask(messages[-1].parts, streaming=stream)


# Thoughts as the protocols keep them, to be sent back.
THOUGHTS: dict[str, dict[str, Any]] = {
    "openai-responses": {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": "Hm."}],
    },
    "anthropic-messages": {"signature": "s"},
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_every_protocol_that_it_speaks_is_understood(running: Running, protocol: str) -> None:
    asked = user("Write one sentence about the sea.")
    streamed, whole = [
        await answered(running, protocol, asked, stream=stream, max_tokens=24)
        for stream in (True, False)
    ]
    for message in (streamed, whole):
        assert message.text
        assert (message.status, message.error, message.warnings) == ("complete", None, [])
        assert message.protocol == protocol
        assert message.usage is not None
        assert message.usage.output_tokens
    assert streamed.text == whole.text


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("stream", [True, False])
async def test_every_protocol_takes_a_history_with_all_that_it_may_hold(
    running: Running, protocol: str, stream: bool
) -> None:
    """Thoughts, calls and their results, also of other protocols; and a tool to call."""

    def look(place: str) -> str:
        """Looks at a place."""
        return place

    history = [
        Message("system", [Text("Be kind.")]),
        user("What is there?"),
        Message(
            "assistant",
            [Reasoning("Hm.", THOUGHTS.get(protocol)), ToolCall("c1", "look", '{"place": "sea"}')],
            protocol=protocol,
            status="complete",
        ),
        Message("tool", [ToolResult("c1", "Water.")]),
        Message("assistant", [Text("Water.")], protocol="other", status="aborted"),
        user("And then?"),
    ]
    message = await answered(running, protocol, *history, stream=stream, max_tokens=8, tools=[look])
    assert (message.status, message.error) == ("complete", None)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("stream", [True, False])
async def test_every_protocol_tells_that_a_question_is_too_long(
    running: Running, protocol: str, stream: bool
) -> None:
    message = await answered(running, protocol, user("word " * 6000), stream=stream)
    assert (message.status, message.text) == ("error", "")
    assert message.error is not None
    assert (message.error.kind, message.error.retryable) == ("context_length", False)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_connection_test_finds_the_model(running: Running, protocol: str) -> None:
    who = provider(ROWS[protocol], base_url=running.base_url)
    async with httpx2.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
        found = await check(who, MODEL_ID, HTTPTransport(client), "")
        assert (found.problem, found.models) == ("", [MODEL_ID])
        found = await check(who, "no-such-model", HTTPTransport(client), "")
        assert (found.problem, found.models) == ("model", [MODEL_ID])
