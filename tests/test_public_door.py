"""Names of `from tokenfall import …`; the package is called `app` in this folder.

The type checker reads this file as it would a user's: without the door's types it finds `Any`.
"""

import ast
import asyncio
import subprocess
import sys
from pathlib import Path
from typing import assert_type

import pytest

import app
from app import (
    PROVIDERS,
    Chat,
    Config,
    Deadlines,
    File,
    Gateway,
    Message,
    Options,
    Output,
    Retries,
    Run,
    StreamConfig,
    Text,
    Tool,
    Toolbox,
    Usage,
    decoder,
    http_error,
    provider,
    tool,
    user,
)
from app.core.wire import transport
from app.errors import AnswerError, ErrorInfo, UsageError
from app.events import Done, Event
from app.scripted import demo
from app.scripted.transport import ScriptedTransport
from app.serving import StreamResponse, to_sse_response
from app.transports import Transport, use

# Where errors stand.
_SAYING = ("app.core.errors", "app.core.messages")
MODULES = ("errors", "events", "serving", "transports")
SERVING = ("app", "serve")  # which no tab does


@tool
def word(length: int) -> str:
    """Give a word."""
    return "x" * length


async def typed() -> None:
    chat = Chat(
        provider("openai", key="k"),
        "m",
        tools=[word],
        options=Options(temperature=1),
        deadlines=Deadlines(idle_s=1),
        retries=Retries(attempts=0),
        stream_config=StreamConfig(),
    )
    run = chat.stream([Text("Hi"), File("https://example.org/a.png")])
    assert_type(run, Run)
    async for event in run:
        assert_type(event, Event)
        if isinstance(event, Done):
            assert_type(event.usage, Usage | None)
    assert_type(await chat.ask("Hi"), Message)
    assert_type(to_sse_response(run), StreamResponse)
    assert_type(Config.from_env().chat(), Chat)
    assert_type(Gateway.builder().openai("k").build().chat("m"), Chat)
    assert_type(Output(int).parse("1"), int)
    assert_type(decoder("gemini").feed(b""), list[Event])
    assert_type(http_error("gemini", 500, {}, b""), ErrorInfo)
    assert_type(word, Tool)
    assert_type(Toolbox([word]).limit, int)
    assert_type(user("Hi"), Message)
    assert_type(PROVIDERS["openai"].needs_key, bool)
    chosen: Transport = app.transports.HTTPTransport()
    use(chosen)
    try:
        (await chat.ask("Hi", raises=True)).raise_for_error()
    except AnswerError as error:
        assert_type(error.answer, Message)


def declared() -> set[str]:
    """The names that a type checker is shown."""
    tree = ast.parse(Path(app.__file__).read_text("utf-8"))
    condition = next(node for node in tree.body if isinstance(node, ast.If))
    shown = (node for node in condition.body if isinstance(node, ast.ImportFrom))
    return {alias.name for node in shown for alias in node.names}


def test_the_door_gives_what_it_says() -> None:
    promised = (
        "Chat Run Message user Text File tool Tool Toolbox Options Output Deadlines Retries "
        "StreamConfig Usage provider PROVIDERS Config Gateway decoder http_error Request step "
        "app serve"
    )
    assert set(app.__all__) == {*promised.split(), *MODULES} == declared()
    assert set(app.__all__) <= set(dir(app))
    for name in app.__all__:
        if sys.platform != "emscripten" or name not in SERVING:
            assert getattr(app, name) is getattr(app, name)


@pytest.mark.parametrize("name", MODULES)
def test_its_modules_give_what_they_say(name: str) -> None:
    module = getattr(app, name)
    assert module is sys.modules[f"app.{name}"]
    for one in module.__all__:
        if sys.platform != "emscripten" or one != "HTTPTransport":
            assert getattr(module, one) is not None
    with pytest.raises(AttributeError):
        module.nonsense  # noqa: B018


def test_events_and_errors_are_all_there() -> None:
    from app.core import errors, events

    own = {
        name
        for name, one in vars(events).items()
        if getattr(one, "__module__", "") == events.__name__
    }
    assert {name for name in own if not name.startswith("_")} <= set(app.events.__all__)
    found = [errors.TokenfallError]
    for error in found:  # grows
        found += [one for one in error.__subclasses__() if not one.__name__.startswith("_")]
    core = {error.__name__ for error in found if error.__module__ in _SAYING}
    assert core <= set(app.errors.__all__)
    assert {"RateLimitError", "CorsError"} <= core


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(ImportError, match="nonsense"):
        exec("from app import nonsense")


@pytest.mark.skipif(sys.platform == "emscripten", reason="no processes there")
def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    """In particular no module of Python's own: the folder one stands in may hold its like."""
    program = """
import sys
before = set(sys.modules)
import app
assert set(sys.modules) - before == {"app"}, set(sys.modules) - before
import app.setup.console
assert not any(name.startswith(("app.core", "app.native")) for name in sys.modules)
from app import Message
assert "app.core.running.chat" not in sys.modules and "httpx2" not in sys.modules
from app import Chat
assert "httpx2" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(app.__file__).parents[1])


@pytest.fixture
def no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_default", None)


def test_a_chat_that_names_no_transport_goes_over_what_is_used(no_default: None) -> None:
    use(ScriptedTransport(demo.reply_for))
    answer = asyncio.run(Chat(provider("demo"), demo.MODEL).ask("Hi"))
    assert answer.status == "complete"


def test_without_httpx2_it_says_what_to_install(
    no_default: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.delitem(sys.modules, "app.native.http", raising=False)
    with pytest.raises(UsageError, match=r"pip install httpx2"):
        Chat(provider("ollama"), "m").stream("Hi")
