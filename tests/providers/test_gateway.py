"""Several providers behind one door: who is asked for which model, and who stands in."""

import json
from typing import Any

import pytest

from app.core.errors import ConnectError, UsageError
from app.core.events import ContentDelta, Done
from app.core.messages import Message, Text, user
from app.core.running.retries import Retries
from app.core.wire.transport import Request
from app.providers import Provider
from app.providers.gateway import Gateway, GatewayBuilder
from app.scripted.openai_chat import Answer, models_body, records, streamed, whole
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport

MODELS = {"one.example": ["shared", "only-one"], "two.example": ["shared"], "silent.example": []}
NO_RETRIES = Retries(attempts=0)


def provider(name: str, **fields: Any) -> Provider:
    return Provider(
        name, name.title(), f"https://{name}.example/v1", key=f"key-of-{name}", **fields
    )


class World:
    """Three servers; those in `down` do not answer. `asked` is whom a question reached."""

    def __init__(self, *down: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self.requests: list[Request] = []
        self._down = down
        self.transport = ScriptedTransport(self._reply)

    def _reply(self, request: Request) -> Reply:
        name = request.url.split("/")[2].split(".")[0]
        assert f"key-of-{name}" in request.headers["authorization"]
        if name in self._down:
            raise ConnectError("Nothing answers.")
        if request.method == "GET":
            return whole(models_body(MODELS[f"{name}.example"], owned_by="x"))
        self.requests.append(request)
        self.asked.append((name, json.loads(request.body)["model"]))
        return streamed(records(Answer(text=f"I am {name}.")))

    def gateway(self, *names: str) -> Gateway:
        builder = Gateway.builder().transport(self.transport)
        for name in names:
            builder.add(provider(name))
        return builder.build()


async def test_the_model_of_a_named_provider() -> None:
    world = World()
    gateway = world.gateway("one", "two")
    message = await gateway.chat("two/org/some-model").ask("Hi")
    assert message.text == "I am two."
    assert world.asked == [("two", "org/some-model")]


async def test_a_stream_of_events() -> None:
    world = World()
    events = [event async for event in world.gateway("one").chat_stream("Hi", "one/m")]
    assert "".join(e.text for e in events if isinstance(e, ContentDelta)) == "I am one."
    assert isinstance(events[-1], Done)


async def test_a_stream_after_earlier_messages() -> None:
    world = World()
    history = [user("Hi"), Message("assistant", [Text("Hello.")], status="complete"), user("Who?")]
    run = world.gateway("one").chat_stream(history, "one/m", instructions="Be brief.")
    assert (await run.result()).text == "I am one."
    sent = json.loads(world.requests[0].body)["messages"]
    assert [turn["content"] for turn in sent] == ["Be brief.", "Hi", "Hello.", "Who?"]


async def test_a_single_provider_takes_any_name() -> None:
    world = World()
    await world.gateway("one").chat("anthropic/claude").ask("Hi")
    assert world.asked == [("one", "anthropic/claude")]


async def test_a_model_without_its_provider_is_asked_of_those_that_list_it() -> None:
    world = World()
    gateway = world.gateway("one", "two", "silent")
    assert await gateway.list_models() == ["one/shared", "one/only-one", "two/shared"]
    assert [(who.name, model) for who, model in gateway.routes("shared")] == [
        ("one", "shared"),
        ("two", "shared"),
    ]
    assert [who.name for who, _ in gateway.routes("only-one")] == ["one"]
    await gateway.chat("shared").ask("Hi")
    assert world.asked == [("one", "shared")]


async def test_the_next_one_stands_in_before_the_first_output() -> None:
    world = World("one")
    gateway = world.gateway("one", "two", "silent")
    chat = gateway.chat("one/m", fallbacks=["two/n", "silent/o"], retries=NO_RETRIES)
    message = await chat.ask("Hi")
    assert (message.text, message.status) == ("I am two.", "complete")
    assert world.asked == [("two", "n")]


async def test_a_provider_that_is_down_lists_nothing_and_spoils_nothing() -> None:
    world = World("one")
    gateway = world.gateway("one", "two")
    assert await gateway.list_models() == ["two/shared"]
    assert [who.name for who, _ in gateway.routes("shared")] == ["two"]


async def test_a_provider_without_a_list_is_not_asked_for_one() -> None:
    world = World()
    builder = Gateway.builder().transport(world.transport)
    gateway = builder.add(provider("two", models_path="")).build()
    assert await gateway.list_models() == []


def test_it_says_what_to_do_where_it_cannot_tell() -> None:
    gateway = World().gateway("one", "two")
    with pytest.raises(UsageError, match=r"write it as one/shared, or call list_models\(\) before"):
        gateway.chat("shared")
    with pytest.raises(UsageError, match="'two/'"):
        gateway.chat("two/")
    with pytest.raises(UsageError, match="the last message should be the user's"):
        gateway.chat_stream([], "one/m")


def test_the_builder_knows_every_row() -> None:
    builder = Gateway.builder().openrouter("k").ollama().llama_cpp("l")
    gateway = builder.lm_studio(base_url="http://192.0.2.7:1234/v1").build()
    assert {name: (who.base_url, who.key) for name, who in gateway.providers.items()} == {
        "openrouter": ("https://openrouter.ai/api/v1", "k"),
        "ollama": ("http://localhost:11434", ""),
        "llama.cpp": ("http://localhost:8080/v1", "l"),
        "lm-studio": ("http://192.0.2.7:1234/v1", ""),
    }


def test_what_the_builder_does_not_know() -> None:
    with pytest.raises(AttributeError, match="no provider 'opnai'; known: built_in, demo, openai"):
        GatewayBuilder().opnai("k")
    with pytest.raises(UsageError, match="at least one provider"):
        Gateway.builder().build()
