"""The parts of the terminal by themselves: who is asked, tools from a file, the built-in model."""

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import UsageError
from app.core.messages import Source
from app.core.running.chat import Chat
from app.core.text.stream_chunks import Progress
from app.core.wire.recording import Exchange
from app.core.wire.transport import Request
from app.native.local_model import LocalModel
from app.native.recording_file import read_recording, write_recording
from app.native.terminal import arguments, built_in, command, who
from app.native.terminal.answer import Answer, asks_to_wait
from app.native.terminal.arguments import parser
from app.native.terminal.built_in import BuiltIn
from app.native.terminal.person import Person
from app.native.terminal.screen import Screen
from app.native.terminal.tool_file import tools_from
from app.native.terminal.waiting_line import WaitingLine
from app.protocols.takes import EFFORTS
from app.providers import PROVIDERS, Provider
from app.providers.config import Config
from app.scripted.openai_chat import streamed
from app.scripted.steps import Reply, Send
from app.scripted.transport import ScriptedTransport
from app.server import options as serving
from app.setup.errors import SetupError
from tests.native.engine import prepared
from tests.setup.fakes import ROOT
from tests.setup.test_gguf import gguf


def options(*arguments: str) -> Any:
    return parser("app").parse_args(arguments)


class TTY(io.StringIO):
    def isatty(self) -> bool:
        return True


# Who is asked


def test_a_key_in_the_environment_sends_nothing_away() -> None:
    assert who.chosen_name(options(), {"OPENAI_API_KEY": "sk"}) == "built-in"
    assert who.chosen_name(options(), {"TOKENFALL_PROVIDER": "ollama"}) == "ollama"
    assert who.chosen_name(options("--provider", "x"), {"TOKENFALL_PROVIDER": "ollama"}) == "x"


def test_options_go_over_the_environment() -> None:
    environ = {"OPENAI_API_KEY": "sk-1", "TOKENFALL_MODEL": "a", "TOKENFALL_TEMPERATURE": "0.3"}
    config = who.config_of(options("--provider", "openai", "--max-tokens", "5"), None, environ)
    assert (config.provider.name, config.provider.key, config.model) == ("openai", "sk-1", "a")
    assert (config.options.temperature, config.options.max_tokens) == (0.3, 5)
    given = options("--provider", "openai", "--model", "b", "--temperature", "1")
    config = who.config_of(given, None, environ)
    assert (config.model, config.options.temperature) == ("b", 1)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file of weights, of which there is one."""
    file = tmp_path / "mine.gguf"
    file.write_bytes(gguf())
    return file


def test_weights_of_ones_own_go_over_the_environment(weights: Path) -> None:
    environ = {
        "TOKENFALL_PROVIDER": "ollama",
        "TOKENFALL_MODEL": "llama3.2",
        "TOKENFALL_BASE_URL": "http://192.0.2.1/v1",
    }
    given = options("--gguf", str(weights))
    assert given.gguf == weights
    assert who.chosen_name(given, environ) == "built-in"
    ours = Provider("built-in", "Built-in", "http://127.0.0.1:1/v1", default_model="mine")
    config = who.config_of(given, ours, environ)
    assert (config.provider, config.model) == (ours, "mine")


@pytest.mark.parametrize(
    "command_line", [parser("app"), serving._parser("serve.py")], ids=["ask", "serve"]
)
def test_what_is_no_file_of_weights_is_told(
    command_line: Any, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.parse_args(["--gguf", str(weights)]).gguf == weights
    other = weights.with_name("notes.txt")
    other.write_text("GGU")
    for name, words in (other, "is no GGUF file"), (weights.parent / "none", "No such file"):
        with pytest.raises(SystemExit):
            command_line.parse_args(["--gguf", str(name)])
        assert words in capsys.readouterr().err


def test_weights_are_run_here_and_by_nobody_else(
    weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        options("--gguf", str(weights), "--provider", "ollama")
    assert "not allowed with" in capsys.readouterr().err
    with pytest.raises(UsageError, match="give one"):
        who.config_of(options("--gguf", str(weights), "--base-url", "http://a/v1"), None, {})


def test_the_command_line_knows_all_efforts() -> None:
    """The command line is read before anything is installed, so it cannot ask the protocols for
    them.
    """
    for effort in EFFORTS:
        assert options("--effort", effort).effort == effort
    assert set(arguments._EFFORTS) == set(EFFORTS)


def test_the_usual_model_of_a_provider() -> None:
    config = who.config_of(options("--provider", "openai"), None, {"OPENAI_API_KEY": "sk-1"})
    assert config.model == PROVIDERS["openai"].default_model != ""
    assert who.config_of(options("--provider", "ollama"), None, {}).model == ""


def test_a_usual_key_goes_to_its_own_address_only() -> None:
    there = options("--provider", "openai", "--base-url", "https://else.example/v1")
    environ = {"OPENAI_API_KEY": "sk-1", "MINE": "sk-2"}
    assert who.config_of(there, None, environ).provider.key == ""
    there.key_env = "MINE"
    assert who.config_of(there, None, environ).provider.key == "sk-2"


@pytest.mark.parametrize(
    ("models", "outcome"), [(["one"], "one"), (["a", "b"], "a, b"), ([], "not with a list")]
)
async def test_the_only_model_is_taken(models: list[str], outcome: str) -> None:
    listed = ",".join(f'{{"id": "{model}"}}' for model in models)
    reply = Reply(200, {}, (Send(f'{{"object": "list", "data": [{listed}]}}'.encode()),))
    transport = ScriptedTransport(lambda request: reply)
    if len(models) == 1:
        assert await who.only_model(PROVIDERS["lm-studio"], transport) == outcome
    else:
        with pytest.raises(UsageError, match=outcome):
            await who.only_model(PROVIDERS["lm-studio"], transport)


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/v1/chat/completions", "openai-chat"),
        ("/v1/responses", "openai-responses"),
        ("/v1/messages", "anthropic-messages"),
        ("/v1beta/models/m:streamGenerateContent?alt=sse", "gemini"),
        ("/v1beta/interactions", "gemini-interactions"),
        ("/api/chat", "ollama"),
    ],
)
def test_a_recording_tells_its_protocol(path: str, protocol: str) -> None:
    exchanges = [Exchange(Request("POST", f"https://a.example{path}", {}))]
    assert who.recorded(options(), exchanges).provider.protocol == protocol
    named = who.recorded(options("--provider", "anthropic"), exchanges)
    assert named.provider.protocol == "anthropic-messages"


def test_a_recording_that_does_not_tell() -> None:
    with pytest.raises(UsageError, match="--provider"):
        who.recorded(options(), [])


# Tools from a file


def file_with(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


def test_public_functions_are_tools(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("UNIT = 'cm'")
    path = file_with(
        tmp_path,
        "from math import floor\nfrom pathlib import Path\nfrom dataclasses import dataclass\n"
        "from beside import UNIT\n@dataclass\nclass Size:\n    width: int\n"
        "def size(of: Size) -> str:\n    return f'{of.width} {UNIT}'\ndef _hidden() -> int: ...\n",
    )
    (tool,) = tools_from(path, needs_approval=True)
    assert (tool.name, tool.needs_approval) == ("size", True)


def test_marked_functions_are_the_only_tools(tmp_path: Path) -> None:
    path = file_with(
        tmp_path,
        "from app.core.tools import tool\n@tool(needs_approval=True)\ndef a() -> int: ...\n"
        "def b() -> int: ...\n",
    )
    (tool,) = tools_from(path, needs_approval=False)
    assert (tool.name, tool.needs_approval) == ("a", False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1", "no public function"),
        ("def f(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; sys.exit(3)", "SystemExit"),
    ],
)
def test_files_without_tools(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        tools_from(file_with(tmp_path, text), needs_approval=False)
    with pytest.raises(UsageError, match="ends in .py"):
        tools_from(tmp_path / "tools.txt", needs_approval=False)


# Recordings as files


def test_a_recording_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "one.ndjson"
    exchange = Exchange(Request("GET", "https://a.example", {}), end="aborted")
    write_recording(path, [exchange])
    assert read_recording(path) == [exchange]
    assert [left.name for left in tmp_path.iterdir()] == ["one.ndjson"]
    path.write_text("Dear diary")
    with pytest.raises(UsageError, match="not a recording"):
        read_recording(path)


# The screen


def shown(*batch: ev.Event, terminal: bool = False) -> tuple[str, str]:
    output, errors = TTY() if terminal else io.StringIO(), io.StringIO()
    screen = Screen(output, errors)
    for event in batch:
        screen.show([event])
    screen.end_line()
    return output.getvalue(), errors.getvalue()


def test_line_ends_in_pieces() -> None:
    assert shown(ev.ContentDelta("a\r"), ev.ContentDelta("\nb\r"), ev.ContentDelta("c")) == (
        "a\nb\\x0dc\n",
        "",
    )


def test_what_is_beside_the_answer() -> None:
    source = Source("https://a.example", "A\x1b[31m")
    assert shown(ev.ContentDelta("a"), source) == ("a\n", "(A\\x1b[31m https://a.example)\n")


def test_without_colours_thinking_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    events = ev.ReasoningDelta("Hm."), ev.ContentDelta("\n\nYes.")
    assert shown(*events, terminal=True) == ("Thinking: Hm.\nYes.\n", "")


def test_a_live_status_gives_way_to_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    errors = TTY()
    screen = Screen(io.StringIO(), errors)
    screen.status(Progress(10, 1.0, 0.5))
    screen.say("Stopped.")
    assert errors.getvalue().startswith("\r\x1b[K~10 tokens, first after 0.50 s")
    assert errors.getvalue().endswith("\r\x1b[KStopped.\n")


# The built-in model


def waiting_line() -> tuple[WaitingLine, io.StringIO]:
    written = io.StringIO()
    return WaitingLine(written), written


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the usual port, where a person's own server may run."""
    monkeypatch.setattr(built_in, "_USUAL_PORT", 1)


@pytest.mark.usefixtures("nobody_there")
async def test_without_a_server_the_model_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(runtime: Path, gguf: Path | None) -> LocalModel:
        return LocalModel(runtime, gguf=gguf, prepare=prepared(tmp_path, port=4711))

    monkeypatch.setattr(built_in, "LocalModel", fake)
    line, written = waiting_line()
    own = BuiltIn(tmp_path, line)
    provider, _ = await own.provider()
    assert provider.base_url == "http://127.0.0.1:4711/v1"
    assert len(provider.key) >= 32
    assert written.getvalue() == ""  # it takes a second
    assert provider.default_model == "smollm2-135m"
    await own.close()


async def test_weights_of_ones_own_are_run_even_where_a_server_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(runtime: Path, gguf: Path | None) -> LocalModel:
        return LocalModel(runtime, gguf=gguf, prepare=prepared(tmp_path, port=4711))

    def nobody(runtime: Path) -> None:
        raise AssertionError("the server was looked for")

    monkeypatch.setattr(built_in, "LocalModel", fake)
    monkeypatch.setattr(built_in, "announced", nobody)
    own = BuiltIn(tmp_path, waiting_line()[0], tmp_path / "mine.gguf")
    provider, _ = await own.provider()
    assert (provider.base_url, provider.default_model) == ("http://127.0.0.1:4711/v1", "mine")
    await own.close()


@pytest.mark.usefixtures("nobody_there")
async def test_a_model_that_cannot_be_had_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(*_: Any, **__: Any) -> Any:
        raise SetupError("No wheel fits.")

    monkeypatch.setattr(
        built_in, "LocalModel", lambda runtime, **_: LocalModel(runtime, prepare=prepare)
    )
    for runtime, says in (tmp_path, "No wheel fits"), (None, "comes with the folder"):
        own = BuiltIn(runtime, waiting_line()[0])
        with pytest.raises(UsageError, match=says):
            await own.provider()
        await own.close()


def test_a_download_is_one_line_that_is_drawn_over() -> None:
    terminal = TTY()
    with WaitingLine(terminal) as line:
        line.show("Downloading", "30 of 92 MB")
        line.show("Downloading", "31 of 92 MB")
    drawn = "\r\x1b[KDownloading, 30 of 92 MB\r\x1b[KDownloading, 31 of 92 MB\r\x1b[K"
    assert terminal.getvalue() == drawn


# Before the program


class FakePreparation:
    """Stands for all the preparing; is its own environment."""

    def __init__(self) -> None:
        self.current = False
        self.problem: Exception | None = None
        self.handed_over: list[str] = []
        self.runtime = ROOT / ".runtime"
        self.environment = self

    def __call__(self, root: Path, console: object) -> "FakePreparation":
        return self

    def for_terminal(self) -> None:
        if self.problem:
            raise self.problem

    def is_current(self) -> bool:
        return self.current

    def hand_over(self, arguments: list[str]) -> int:
        self.handed_over = arguments
        return 7


@pytest.fixture
def preparation(monkeypatch: pytest.MonkeyPatch) -> FakePreparation:
    fake = FakePreparation()
    monkeypatch.setattr(command, "Preparation", fake)
    return fake


def test_outside_the_environment_it_goes_on_inside(preparation: FakePreparation) -> None:
    assert command.main(["Hi", "--sync"]) == 7
    assert preparation.handed_over == ["-m", "app", "Hi", "--sync"]


def test_a_set_up_that_fails_is_one_sentence(
    preparation: FakePreparation, capsys: pytest.CaptureFixture[str]
) -> None:
    preparation.problem = SetupError("The disk is full.")
    assert command.main(["Hi"]) == 2
    assert capsys.readouterr() == ("", "\nThe disk is full.\n")


def test_installed_with_pip_nothing_is_prepared(
    preparation: FakePreparation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def ask(options: Any, runtime: Path | None) -> int:
        asked.append((options.question, runtime))
        return 0

    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "_ask", ask)
    assert command.main(["Hi"]) == 0
    assert asked == [(["Hi"], None)]


def test_tools_of_the_provider_are_asked_for_or_refused_with_the_reason() -> None:
    def config(*words: str) -> Config:
        options = parser("app").parse_args(["Hi", "--provider", *words])
        return who.with_provider_tools(options, who.config_of(options, None, KEYS))

    claude = config("anthropic", "--model", "claude-sonnet-5", "--web-search", "--code-execution")
    assert claude.options.provider_tools == ["web_search", "code_execution"]
    assert config("anthropic").options.provider_tools == []
    with pytest.raises(UsageError, match="--web-search: Mistral does this only in"):
        config("mistral", "--web-search")
    with pytest.raises(UsageError, match="--code-execution: Gemini 2 takes its own tools or yours"):
        config("google", "--model", "gemini-2.5-flash", "--code-execution", "--tools", "x.py")


KEYS = {f"{name}_API_KEY": "k" for name in ("ANTHROPIC", "MISTRAL", "GEMINI")}


def test_how_much_of_the_question_was_read_is_shown_until_the_first_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    batch: list[ev.Event] = [
        ev.Heartbeat("prompt_progress", 0.4),
        ev.Heartbeat("prompt_progress", 1.0),
        ev.ContentDelta("Hi."),
    ]
    output, errors = TTY(), io.StringIO()
    Screen(output, errors).show(batch)
    assert output.getvalue() == "\r\x1b[KReading your prompt, 40 %\r\x1b[KHi."
    assert errors.getvalue() == ""
    piped, beside = io.StringIO(), TTY()
    Screen(piped, beside).show(batch)
    assert piped.getvalue() == "Hi."
    assert beside.getvalue() == "\r\x1b[KReading your prompt, 40 %\r\x1b[K"
    piped, nowhere = io.StringIO(), io.StringIO()
    Screen(piped, nowhere).show(batch)
    assert (piped.getvalue(), nowhere.getvalue()) == ("Hi.", "")


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        ({"content": "Hi"}, ""),
        ({"content": ""}, "The answer is empty.\n"),
        ({"content": " \n"}, "The answer is empty.\n"),
        ({"reasoning": "Hm."}, "The model thought, and then said nothing.\n"),
        ({"refusal": "No."}, ""),
    ],
)
async def test_an_answer_without_a_word_is_told_beside_it(
    monkeypatch: pytest.MonkeyPatch, delta: dict[str, str], words: str
) -> None:
    errors = io.StringIO()
    monkeypatch.setattr("sys.stderr", errors)
    record = {"choices": [{"index": 0, "delta": delta, "finish_reason": "stop"}]}
    reply = streamed([json.dumps(record).encode()])
    chat = Chat(PROVIDERS["llama.cpp"], "m", transport=ScriptedTransport(lambda _: reply))
    screen = Screen(io.StringIO())
    code = await Answer(screen, Person(screen)).show(chat.stream("Hi"))
    assert (code, errors.getvalue()) == (0, words)


def test_a_wait_that_a_provider_asks_for() -> None:
    now = datetime(2026, 11, 29, 16, 10)
    assert asks_to_wait(12, now) == "The provider asks to wait 12 s."
    assert asks_to_wait(9000, now) == "The provider asks to wait until 18:40."
    assert asks_to_wait(9 * 3600, now) == "The provider asks to wait until 2026-11-30 01:10."
    assert asks_to_wait(1e300, now).endswith("until 2027-11-30 16:10.")
