"""Answering objects of a file, other than functions: how they are found, as far as that needs no
package.

The frameworks themselves are met in `tests/peers`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app import transports
from app.agents import Answer, Function, step
from app.agents.frameworks import function_of, is_agent, is_known
from app.agents.loading import LoadError, load
from app.agents.request import texts
from app.core.errors import ConnectError, UsageError
from app.core.events import ApprovalRequest, ContentDelta, Done, Event, MessageStart
from app.core.fold import Fold
from app.core.messages import Message, Text, ToolCall, ToolResult
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.core.wire.transport import Request
from app.protocols.ag_ui import Writer
from app.providers import provider
from app.scripted.openai_chat import Answer as Said
from app.scripted.openai_chat import ToolCall as SaidCall
from app.scripted.openai_chat import records, streamed
from app.scripted.steps import Reply, Send
from app.scripted.transport import ScriptedTransport


def file(folder: Path, source: str) -> Path:
    path = folder / "my_agent.py"
    path.write_text(source)
    return path


# --- how it is found ---------------------------------------------------------------------------

# Two agents that need no package and are told apart by their answers' provider.
CHATS = """
from app import Chat, provider
one = Chat(provider("ollama"), "one")
two = Chat(provider("ollama"), "two")
"""


def chosen(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    found: list[Any] = []

    def note(thing: Any) -> Any:
        found.append(thing)
        return lambda: ""

    monkeypatch.setattr("app.agents.loading.function_of", note)
    load(path)
    return found[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("agent = one\nanswer = two", "two"),
        ("app = one\nagent = two", "two"),
        ("graph = one\napp = two", "two"),
        ("chat = one\ngraph = two", "two"),
        ("model = one\nchat = two", "two"),
        ("model = two\ndel one", "two"),
        ("bot = two\ndel one", "two"),
        ("also = two\ndel one", "two"),
        ("agent = 3\napp = print\nmodel = two", "two"),
        ("def chat(message): ...\nmodel = two", "two"),
    ],
)
def test_an_agent_is_found_by_its_name_or_as_the_only_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, expected: str
) -> None:
    assert chosen(file(tmp_path, CHATS + source), monkeypatch).model == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('agent = "http://localhost:8000/v1"', "http://localhost:8000/v1"),
        ('answer = "https://agent.example"', "https://agent.example"),
    ],
)
def test_an_address_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, expected: str
) -> None:
    assert chosen(file(tmp_path, source), monkeypatch) == expected


def test_a_function_may_have_one_of_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = chosen(file(tmp_path, "def chat(message): return message"), monkeypatch)
    assert found.__name__ == "chat"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (CHATS, "which of these is to answer.*one, two"),
        ("HELP = 'https://example.org'", "no function 'answer', and no agent"),
        ("from pathlib import Path as agent", "no function 'answer', and no agent"),
        ("from textwrap import dedent as chat", "no function 'answer', and no agent"),
        ("agent = 'my agent'", "no function 'answer', and no agent"),
    ],
)
def test_what_cannot_answer_is_said(tmp_path: Path, source: str, words: str) -> None:
    with pytest.raises(LoadError, match=words):
        load(file(tmp_path, source))


def test_an_agent_is_described_by_the_file_and_not_by_its_class(tmp_path: Path) -> None:
    agent = load(file(tmp_path, '"""Talks of otters."""\n' + CHATS + "agent = one"))
    assert (agent.title, agent.description) == ("My agent", "Talks of otters.")


def made_in(module: str, name: str) -> Any:
    return type(name, (), {"__module__": module})


@pytest.mark.parametrize(
    ("module", "name", "is_one"),
    [
        ("pydantic_ai.agent.abstract", "AbstractAgent", True),
        ("langgraph.pregel.main", "Pregel", True),
        ("langgraph.graph.state", "StateGraph", True),
        ("agents.agent", "Agent", True),
        ("chatlas._chat", "Chat", True),
        ("llm.models", "_BaseModel", True),
        ("llm.models", "_BaseConversation", True),
        ("agents.mine", "Agent", False),  # a package of one's own by that name
        ("pydantic_ai_extras", "AbstractAgent", False),
        ("chatlas._chat", "ChatResponse", False),
        ("fastapi.applications", "FastAPI", False),
    ],
)
def test_what_it_is_is_told_by_its_class_and_those_below(
    module: str, name: str, is_one: bool
) -> None:
    made = made_in(module, name)
    own = type("Mine", (made,), {"__module__": "tokenfall_agent"})
    for thing in (made(), own()):
        assert (is_agent(thing), is_known(thing)) == (is_one, is_one)
    assert not is_agent(made)  # the class itself is none


def test_nothing_is_imported_before_it_is_met() -> None:
    assert function_of(print) is print
    ours = {name for name in sys.modules if name.startswith("app.agents.frameworks.")}
    assert not ours & {f"app.agents.frameworks.{name}" for name in ("pydantic_ai", "langgraph")}
    with pytest.raises(UsageError, match="version is not known here"):
        function_of(made_in("chatlas._chat", "Chat")())  # which is not installed here


# --- a chat of ours, and addresses -------------------------------------------------------------


async def message_of(thing: Any, messages: list[Message], decision: str = "once") -> Message:
    fold, events = Fold(), list[Event]()
    one = Answer(Function(function_of(thing)), messages, id="a1", shows_errors=True)
    async for batch in one.batches():
        events += batch
        fold.add(batch)
        for event in batch:
            if isinstance(event, ApprovalRequest):
                assert event.arguments == (
                    '{"question": "May delete run?", "arguments": {"table": "otters"}}'
                )
                assert one.decide(event.call_id, decision)
    assert events[0] == MessageStart("a1")
    assert sum(type(event).__name__ == "Done" for event in events) == 1
    return fold.message


def asked(transport: ScriptedTransport, place: int = -1) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(transport.exchanges[place].request.body)
    return body


@pytest.mark.parametrize(("decision", "result"), [("once", "deleted otters"), ("deny", "")])
async def test_a_chat_of_ours_answers_with_its_tools_and_settings(
    decision: str, result: str
) -> None:
    call = SaidCall("c1", "delete", '{"table": "otters"}')
    replies = iter(
        [
            streamed(records(Said(text="Let me.", tool_calls=(call,), finish_reason="tool_calls"))),
            streamed(records(Said(text="So."))),
        ]
    )
    transport = ScriptedTransport(lambda request: next(replies))

    @tool(needs_approval=True)
    def delete(table: str) -> str:
        """Delete a table."""
        with step("lock"):
            return f"deleted {table}"

    chat = Chat(
        provider("other", base_url="http://x.test/v1"),
        "m",
        tools=[delete],
        instructions="Be kind.",
        transport=transport,
    )
    system = Message("system", [Text("Be brief.")])
    message = await message_of(chat, [system, *texts("Hi", "Hello", "Delete")], decision)
    assert message.status == "complete"
    said = [one for one in message.parts if isinstance(one, ToolResult) and one.name == "delete"]
    assert (said[0].content == result) == (decision == "once")
    assert said[0].is_error == (decision == "deny")
    names = [one.name for one in message.parts if isinstance(one, ToolCall)]
    assert names == (["delete", "lock"] if decision == "once" else ["delete"])
    assert message.text == "Let me.So."
    first = asked(transport, 0)
    assert [one["content"] for one in first["messages"]] == [
        "Be kind.\n\nBe brief.",
        "Hi",
        "Hello",
        "Delete",
    ]
    assert chat.messages == []  # each chat of the page has its own


MESSAGE: list[Event] = [ContentDelta("from an agent"), Done("complete", "stop")]


def reply(data: bytes, kind: str) -> Reply:
    return Reply(headers={"content-type": kind}, steps=(Send(data),))


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> ScriptedTransport:
    """A default transport: a server in OpenAI's style, and an agent."""

    def reply_for(request: Request) -> Reply:
        if request.url.endswith("/models"):
            return reply(b'{"data": [{"id": "first"}, {"id": "second"}]}', "application/json")
        if request.url.endswith("/chat/completions"):
            return streamed(records(Said(text="from a model")))
        writer = Writer("t", "r")
        data = writer.begin() + writer.write(MESSAGE)
        return reply(data, "text/event-stream")

    transport = ScriptedTransport(reply_for)
    monkeypatch.setattr(transports, "default", lambda: transport)
    monkeypatch.setattr("app.core.wire.transport.default", lambda: transport)
    return transport


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/v1",
        "http://localhost:8000/v1/",
        "https://x.test/api/v3",
        "https://x.test/v1beta/openai",
        "https://x.test/v1/chat/completions",
    ],
)
async def test_an_address_in_openais_style(url: str, carried: ScriptedTransport) -> None:
    message = await message_of(url, texts("Hi"))
    assert (message.text, message.status) == ("from a model", "complete")
    assert asked(carried)["model"] == "first"
    assert carried.exchanges[-1].request.url.count("/chat/completions") == 1


@pytest.mark.parametrize("url", ["http://localhost:8000", "https://x.test/agents/otter?v=v1"])
async def test_an_address_of_an_agent(url: str, carried: ScriptedTransport) -> None:
    function, state = Function(function_of(url)), dict[str, Any]()
    for words in ("Hi", "And?"):
        fold = Fold()
        async for batch in Answer(function, texts(words), state=state).batches():
            fold.add(batch)
        assert (fold.message.text, fold.message.status) == ("from an agent", "complete")
        assert (fold.message.protocol, fold.message.provider) == ("ag-ui", "ag-ui")
    assert carried.exchanges[0].request.url == url
    assert asked(carried, 0)["threadId"] == asked(carried, 1)["threadId"]


async def test_an_address_without_models_says_so(
    carried: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        carried, "_reply_for", lambda request: reply(b'{"data": []}', "application/json")
    )
    message = await message_of("http://localhost:8000/v1", texts("Hi"))
    assert message.error is not None
    assert "http://localhost:8000/v1 has no model to ask" in message.error.message


async def test_an_address_that_nobody_answers_at_is_said_as_any_provider_s(
    carried: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: Request) -> Reply:
        raise ConnectError("Nobody is there.")

    with monkeypatch.context() as away:
        away.setattr(carried, "_reply_for", refuse)
        message = await message_of("http://localhost:8000/v1", texts("Hi"))
    assert message.error is not None
    assert (message.error.kind, message.error.message) == ("connect", "Nobody is there.")
    assert (await message_of("http://localhost:8000/v1", texts("Hi"))).text == "from a model"
