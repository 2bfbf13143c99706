"""Familiar names: settings in a chain, chunks with their content and calls."""

import json

import pytest

from app.adapters import Chunk, FluentChat, by_chunk
from app.core import events as ev
from app.core.errors import UsageError
from app.core.messages import ToolCall as ToolCallPart
from app.core.wire.transport import Request
from app.providers import Provider
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport

ONE = Provider("one", "One", "https://one.example/v1")
OTHER = Provider("other", "Other", "https://other.example/v1")


def weather(city: str) -> str:
    """Tell the weather."""
    return f"18 degrees in {city}"


def clock() -> str:
    """Tell the time."""
    return "noon"


def script(*answers: Answer) -> ScriptedTransport:
    queue = list(answers)

    def reply(request: Request) -> Reply:
        return streamed(records(queue.pop(0)))

    return ScriptedTransport(reply)


async def test_settings_in_a_chain() -> None:
    transport = script(Answer(text="Hi."))
    chat = (
        FluentChat(ONE, "a", transport=transport)
        .with_tool(weather)
        .with_tools(clock, weather)
        .with_instructions("Be brief.")
        .with_temperature(0.5)
        .with_options(max_tokens=10)
        .with_model("b", OTHER)
    )
    assert (await chat.ask("Hi")).text == "Hi."
    request = transport.exchanges[0].request
    assert request.url.startswith("https://other.example/")
    sent = json.loads(request.body)
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("b", 0.5, 10)
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["weather", "clock"]
    assert chat.with_model("c").provider is OTHER


def test_a_function_that_no_model_can_call() -> None:
    with pytest.raises(UsageError):
        FluentChat(ONE, "a").with_tool(lambda *, city: city)


async def test_chunks() -> None:
    calls = tuple(
        ToolCall(f"c{n}", "weather", json.dumps({"city": city}))
        for n, city in enumerate(["Berlin", "Paris"])
    )
    transport = script(
        Answer(reasoning="Hm.", tool_calls=calls, finish_reason="tool_calls"),
        Answer(tool_calls=calls[1:], finish_reason="tool_calls"),
        Answer(text="Both mild."),
    )
    chat = FluentChat(ONE, "a", transport=transport).with_tool(weather)
    chunks: list[Chunk] = []
    await chat.ask("Weather?", by_chunk(chunks.append))
    assert "".join(chunk.content or "" for chunk in chunks) == "Both mild."
    assert [chunk.reasoning for chunk in chunks if chunk.reasoning] == ["Hm."]
    heard: list[str] = []
    for chunk in chunks:
        for id, call in (chunk.tool_calls or {}).items():
            assert (call.id, call.name) == (id, "weather")
            heard.append(call.arguments or f"[{id}]")
    assert "".join(heard) == ('[c0]{"city": "Berlin"}[c1]{"city": "Paris"}[c1]{"city": "Paris"}')


def test_chunks_of_a_step_that_began_anew() -> None:
    chunks: list[Chunk] = []
    on_event = by_chunk(chunks.append)
    for id, name in (("c1", "weather"), ("c2", "clock")):
        on_event(ev.ToolCallStart(0, id, name))
        on_event(ev.ToolCallDelta(0, "{}"))
        on_event(ev.StepReset("again"))
    assert chunks[-1] == Chunk(tool_calls={"c2": ToolCallPart("c2", "clock", "{}")})
