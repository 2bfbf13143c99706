"""`python -m app "…"` with pipes: what goes where, and what the shell is told."""

import json
import os
import signal
from pathlib import Path

import msgspec
import pytest

from app.core.events import Done, Event, StepEnd
from app.native.terminal.arguments import parser
from app.native.terminal.program import run
from app.providers.model_facts import ModelFacts
from app.providers.model_servers import ModelServer
from app.scripted.openai_chat import Answer, TokenCount, ToolCall, error_body, records, streamed
from app.scripted.steps import Cut, Gate, Reply, Send
from tests.live_server import LIMIT_S, LiveServer, until
from tests.native.terminal.program import Command

STORY = "Once upon a time,\na café opened."
USAGE = TokenCount(12, 9)


def says(text: str = STORY, **fields: object) -> Reply:
    answer = Answer(text=text, usage=USAGE, **fields)  # type: ignore[arg-type]
    return streamed(records(answer, include_usage=True))


def asked(server: LiveServer, number: int = -1) -> dict[str, object]:
    body: dict[str, object] = json.loads(server.requests()[number].body)
    return body


def events(output: str) -> list[Event]:
    return [msgspec.json.decode(line, type=Event) for line in output.splitlines()]


def untimed(output: str) -> list[object]:
    return [
        msgspec.structs.replace(event, timing=None) if isinstance(event, Done | StepEnd) else event
        for event in events(output)
    ]


def test_the_answer_goes_to_the_output_and_nothing_else_anywhere(
    command: Command, server: LiveServer
) -> None:
    server.queue(says())
    ended = command("Tell", "me", "a", "story")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, STORY + "\n", "")
    body = asked(server)
    assert body["messages"] == [{"role": "user", "content": "Tell me a story"}]
    assert (body["model"], body["stream"]) == ("scripted", True)


def test_options_reach_the_request(command: Command, server: LiveServer) -> None:
    server.queue(says())
    options = ["--system", "Be brief.", "--temperature", "0.5", "--max-tokens", "40"]
    command("Hi", *options, "--effort", "low", "--extra", '{"top_k": 5}', "--sync")
    body = asked(server)
    messages = body["messages"]
    assert isinstance(messages, list)
    assert messages[0] == {"role": "system", "content": "Be brief."}
    assert {name: body[name] for name in ("temperature", "max_tokens", "top_k", "stream")} == {
        "temperature": 0.5,
        "max_tokens": 40,
        "top_k": 5,
        "stream": False,
    }
    assert body["reasoning_effort"] == "low"


def test_a_pipe_is_the_question_or_goes_on_with_it(command: Command, server: LiveServer) -> None:
    server.queue(says(), says())
    command(piped=b"Why?\n")
    command("Explain this:", piped=b"a = 1\n")
    questions = [json.loads(one.body)["messages"][0]["content"] for one in server.requests()]
    assert questions == ["Why?", "Explain this:\n\na = 1"]


def test_the_key_comes_from_the_environment_and_is_shown_nowhere(
    command: Command, server: LiveServer, tmp_path: Path
) -> None:
    server.queue(says(), says())
    recording = tmp_path / "one.ndjson"
    env = {"MY_KEY": "sk-a-long-secret-key"}
    ended = command("Hi", "--key-env", "MY_KEY", "--record", str(recording), "--status", env=env)
    assert server.requests()[0].headers["authorization"] == "(not shown)"
    assert "(hidden)" in recording.read_text()
    assert "sk-a-long" not in recording.read_text() + ended.stdout + ended.stderr
    assert command("Hi", "--key-env", "NOT_SET").stderr.startswith("--key-env names NOT_SET")


def test_the_status_is_told_beside_the_answer(command: Command, server: LiveServer) -> None:
    server.queue(says())
    ended = command("Hi", "--status")
    assert ended.stdout == STORY + "\n"
    assert ended.stderr.startswith("9 tokens, first after ")


# How it ends


@pytest.mark.parametrize(
    ("reply", "code", "output", "errors"),
    [
        (says(finish_reason="length"), 0, STORY, "length limit"),
        (
            Reply(401, {}, (Send(error_body("Wrong key.", type="x")),)),
            1,
            "",
            "Error: Wrong key.",
        ),
        (
            Reply(429, {"retry-after": "3600"}, (Send(error_body("Slow down.", type="x")),)),
            1,
            "",
            "Slow down.\nThe provider asks to wait until ",
        ),
        (Reply(steps=(*says().steps[:3], Cut())), 1, "Once upon", "Error: "),
        (Reply(steps=says().steps[:3]), 3, "Once upon", "Incomplete: "),
    ],
)
def test_exit_codes(
    command: Command, server: LiveServer, reply: Reply, code: int, output: str, errors: str
) -> None:
    server.queue(reply)
    ended = command("Hi")
    assert ended.returncode == code, ended.stderr
    assert ended.stdout.strip() == output
    assert errors in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "there is no question"),
        (["--json"], "there is no question"),
        (["Hi", "--provider", "nobody"], "--provider or TOKENFALL_PROVIDER names no provider"),
        (["Hi", "--provider", "other", "--base-url", ""], "--base-url or TOKENFALL_BASE_URL"),
        (["Hi", "--provider", "openai", "--base-url", ""], "OPENAI_API_KEY"),
        (["Hi", "--max-tokens", "none"], "none is no number of tokens"),
        (["Hi", "--extra", "[1]"], "a JSON object is needed"),
        (["Hi", "--pace", "-1"], "-1 is no pace"),
        (["Hi", "--tools", "/no/such/file.py"], "/no/such/file.py cannot be read"),
        (["Hi", "--replay", "/no/such/file"], "/no/such/file cannot be read"),
        (["Hi", "--record", "/no/such/file"], "/no/such/file cannot be written"),
        (["--api-key", "sk-secret"], "unrecognized arguments"),
    ],
)
def test_what_cannot_begin_says_why(
    server: LiveServer,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [name for name in os.environ if name.startswith(("TOKENFALL", "OPENAI"))]:
        monkeypatch.delenv(name)
    provider = ["--provider", "other", "--base-url", server.url + "/api/demo/v1", "--model", "m"]
    try:
        code = run(parser("app").parse_args([*provider, *arguments]), None)
    except SystemExit as ended:  # the way of argparse
        code = int(ended.code or 0)
    output, errors = capsys.readouterr()
    assert (code, output) == (2, "")
    assert says in errors
    assert server.requests() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_the_answer_and_keeps_it(
    command: Command, server: LiveServer, number: signal.Signals
) -> None:
    server.queue(Reply(steps=(*says().steps[:3], Gate("never"))))
    program = command.start("Hi")
    assert program.stdout is not None
    first = program.stdout.read(9)
    program.send_signal(number)
    output, errors = program.communicate(timeout=LIMIT_S)
    assert (program.returncode, first + output, errors) == (130, b"Once upon\n", b"Stopped.\n")
    server.wait(0, state="disconnected")


def test_a_reader_that_goes_away_ends_the_answer_quietly(
    command: Command, server: LiveServer
) -> None:
    steps = says().steps
    server.queue(Reply(steps=(*steps[:3], Gate("read"), *steps[3:], Gate("never"))))
    program = command.start("Hi")
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.read(9)
    program.stdout.close()
    server.open_gate("read")
    assert program.wait(LIMIT_S) == 141
    assert program.stderr.read() == b""
    server.wait(0, state="disconnected")


def test_output_that_cannot_be_written_is_said(
    command: Command, server: LiveServer, tmp_path: Path
) -> None:
    server.queue(says())
    (tmp_path / "file").touch()
    with (tmp_path / "file").open("rb") as not_for_writing:
        program = command.start("Hi", output=not_for_writing.fileno())
        assert program.stderr is not None
        errors = program.stderr.read()
        assert program.wait(LIMIT_S) == 1
    assert b"The output cannot be written: " in errors
    assert b"Traceback" not in errors


# For programs


def test_json_is_the_events_and_nothing_else(command: Command, server: LiveServer) -> None:
    server.queue(says())
    ended = command("Hi", "--json")
    *_, done = got = events(ended.stdout)
    assert isinstance(done, Done)
    assert (done.status, done.usage and done.usage.output_tokens) == ("complete", 9)
    assert "".join(event.text for event in got if hasattr(event, "text")) == STORY
    server.queue(Reply(steps=says().steps[:3]))
    assert isinstance(events(command("Hi", "--json").stdout)[-1], Done)


def test_control_characters_cannot_drive_the_terminal(command: Command, server: LiveServer) -> None:
    evil = "a\x1b[2Jb\x07\x9bc\u202ed\r\ne\rf\tg"
    server.queue(says(evil), says(evil))
    assert command("Hi").stdout == "a\\x1b[2Jb\\x07\\x9bc\\u202ed\ne\\x0df\tg\n"
    assert evil in "".join(
        event.text for event in events(command("Hi", "--json").stdout) if hasattr(event, "text")
    )


def test_a_replay_gives_the_same_events(
    command: Command, server: LiveServer, tmp_path: Path
) -> None:
    recording = str(tmp_path / "one.ndjson")
    server.queue(says())
    first = command("Hi", "--json", "--record", recording)
    again = command("--json", "--replay", recording, "--pace", "0", "--provider", "openai-chat")
    assert untimed(again.stdout) == untimed(first.stdout)
    assert len(server.requests()) == 1
    plain = command("--replay", recording, "--provider", "openai-chat")
    assert (plain.returncode, plain.stdout) == (0, STORY + "\n")


def test_thinking_is_left_out_of_a_pipe(command: Command, server: LiveServer) -> None:
    server.queue(says("<think>Hm.</think>Yes."))
    assert command("Hi").stdout == "Yes.\n"


# Tools

TOOLS = '''
from pathlib import Path

def note(text: str) -> str:
    """Write a note."""
    Path(__file__).with_name("note").write_text(text)
    return "written"

def _private() -> None: ...
'''


@pytest.fixture
def tools(tmp_path: Path, server: LiveServer) -> Path:
    """A file with a tool, and a model that calls it."""
    asks = (ToolCall("call1", "note", '{"text": "milk"}'),)
    server.queue(says("Sure.", tool_calls=asks, finish_reason="tool_calls"), says("Done."))
    path = tmp_path / "tools.py"
    path.write_text(TOOLS)
    return path


def test_tools_run_where_that_is_allowed(command: Command, server: LiveServer, tools: Path) -> None:
    ended = command("Note milk", "--tools", str(tools), "--yes")
    assert (ended.returncode, ended.stdout) == (0, "Sure.\nDone.\n")
    assert ended.stderr == '→ note(text="milk")\n← written\n'
    assert tools.with_name("note").read_text() == "milk"
    offered = asked(server, 0)["tools"]
    assert isinstance(offered, list)
    assert [tool["function"]["name"] for tool in offered] == ["note"]


def test_without_a_terminal_no_tool_runs_unasked(
    command: Command, server: LiveServer, tools: Path
) -> None:
    ended = command("Note milk", "--tools", str(tools))
    assert ended.returncode == 0
    assert "There is no terminal to ask at; --yes allows all" in ended.stderr
    assert not tools.with_name("note").exists()
    assert "denied" in server.requests()[1].body


def test_a_tool_that_blocks_does_not_keep_a_stopped_program(
    command: Command, server: LiveServer, tools: Path
) -> None:
    tools.write_text(
        "import sys, threading\ndef note(text: str) -> str:\n"
        '    """Wait."""\n    print("waiting", flush=True)\n    threading.Event().wait()\n'
    )
    program = command.start("Hi", "--tools", str(tools), "--yes")
    assert (output := program.stdout) is not None
    until(lambda: b"waiting" in output.readline())
    program.send_signal(signal.SIGINT)
    assert program.wait(LIMIT_S) == 130


def cell(code: str) -> Reply:
    call = ToolCall("call1", "run_python", json.dumps({"code": code}))
    return says("", tool_calls=(call,), finish_reason="tool_calls")


def test_a_model_may_have_a_python_that_keeps_its_state(
    command: Command, server: LiveServer, tmp_path: Path
) -> None:
    (tmp_path / "numbers.csv").write_text("n\n20\n22\n")
    first = cell("import csv\nrows = list(csv.DictReader(open('numbers.csv')))\nrows")
    server.queue(first, cell("print(sum(int(row['n']) for row in rows))\n1 / 0"), says("It is 42."))
    ended = command("Sum?", "--python", "--python-folder", str(tmp_path), "--yes")
    assert (ended.returncode, ended.stdout) == (0, "It is 42.\n")
    assert "no wall" in ended.stderr
    assert "  42\n" in ended.stderr
    results = [json.loads(one.body)["messages"][-1]["content"] for one in server.requests()[1:]]
    assert results[0].startswith("list, 2 rows × 1 columns")
    assert results[1].startswith("42\nTraceback")
    assert results[1].endswith("ZeroDivisionError: division by zero")


def test_without_a_terminal_no_python_runs_unasked(command: Command, server: LiveServer) -> None:
    server.queue(cell("open('written', 'w')"), says("Done."))
    ended = command("Hi", "--python")
    assert "There is no terminal to ask at; --yes allows all" in ended.stderr
    assert "denied" in server.requests()[1].body


def test_ctrl_c_ends_a_python_that_does_not_end(command: Command, server: LiveServer) -> None:
    server.queue(cell("print('waiting', flush=True)\nwhile True: pass"), says("Done."))
    program = command.start("Hi", "--python", "--yes")
    assert (told := program.stderr) is not None
    until(lambda: b"waiting" in told.readline())
    program.send_signal(signal.SIGINT)
    assert program.wait(LIMIT_S) == 130


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--python-folder", "."], "belong to --python"),
        (["--python", "--python-folder", "/no/such"], "/no/such is no folder"),
    ],
)
def test_what_is_wrong_with_the_options_of_python_is_told(
    command: Command, options: list[str], words: str
) -> None:
    ended = command("Hi", *options)
    assert ended.returncode == 2
    assert words in ended.stderr


def test_it_lists_the_model_servers_of_this_computer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        ModelServer(
            "ollama",
            "Ollama",
            "http://localhost:11434",
            ["otter:3b"],
            {"otter:3b": ModelFacts(tools=True, window=8192)},
        ),
        ModelServer("other", "Model server", "http://localhost:1337/v1", ["mole\u202e"]),
    ]

    async def here() -> list[ModelServer]:
        return found

    monkeypatch.setattr("app.native.terminal.program.model_servers_here", here)
    assert run(parser("app").parse_args(["--list-servers"]), None) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Ollama, http://localhost:11434   --provider ollama",
        "  otter:3b                                 tools, 8k tokens",
        "Model server, http://localhost:1337/v1   "
        "--provider other --base-url http://localhost:1337/v1",
        "  mole\\u202e",
    ]
    found.clear()
    assert run(parser("app").parse_args(["--list-servers"]), None) == 0
    assert "No model server answers" in capsys.readouterr().err
