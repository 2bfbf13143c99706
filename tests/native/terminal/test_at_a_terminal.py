"""`python -m app` at a terminal: conversations, Ctrl+C, tools that ask, thinking that is dimmed."""

import json
from pathlib import Path

import msgspec
import pytest

from app.core.messages import Message
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Gate, Reply
from tests.live_server import LiveServer
from tests.native.terminal.program import Command

DIM, PLAIN = "\x1b[2m", "\x1b[0m"


def says(text: str, **fields: object) -> Reply:
    return streamed(records(Answer(text=text, **fields)))  # type: ignore[arg-type]


def questions(server: LiveServer) -> list[list[str]]:
    """List the texts of each request's messages."""
    bodies = [json.loads(one.body) for one in server.requests() if one.method == "POST"]
    return [[message["content"] for message in body["messages"]] for body in bodies]


def test_a_conversation_remembers(command: Command, server: LiveServer) -> None:
    server.queue(says("Hello."), says("You said hi."))
    at = command.at_terminal()
    assert "/help lists commands" in at.until("\n")
    at.until("> ")
    at.type("hi\n")
    at.until("Hello.\n")
    at.until("> ")
    at.type("what did\\\n")
    at.until(". ")
    at.type("I say?\n")
    at.until("You said hi.\n")
    at.until("> ")
    at.type("\x04")
    assert at.end() == 0
    assert questions(server) == [["hi"], ["hi", "Hello.", "what did\nI say?"]]


def test_the_commands_of_a_conversation(
    command: Command, server: LiveServer, tmp_path: Path
) -> None:
    server.queue(says("One."), says("Two."), says("Three."))
    file = tmp_path / "saved.json"
    at = command.at_terminal()

    def line(text: str) -> str:
        at.until("> ")
        at.type(text + "\n")
        at.until("\n")  # the echo
        return at.until("\n")

    assert "nothing to save" in line(f"/save {file}")
    assert "/retry" in line("/help") + at.until("stays.\n")
    assert line("first") == "One.\n"
    assert line("/retry") == "Two.\n"
    assert "From now on: other" in line("/model other")
    assert "Written to" in line(f"/save {file}")
    assert "is there already" in line(f"/save {file}")
    saved = msgspec.json.decode(file.read_bytes(), type=list[Message])
    assert [message.text for message in saved] == ["first", "Two."]
    assert "Written to" in line(f"/save {tmp_path / 'saved.md'}")
    assert (tmp_path / "saved.md").read_text() == "## You\n\nfirst\n\n## scripted\n\nTwo.\n"
    assert "no command /wat. /help lists them; a question that" in line("/wat")
    assert "new conversation" in line("/new")
    assert line("//slash") == "Three.\n"
    at.until("> ")
    at.type("/quit\n")
    assert at.end() == 0
    assert questions(server) == [["first"], ["first"], ["/slash"]]
    assert json.loads(server.requests()[-1].body)["model"] == "other"


def test_ctrl_c_in_a_conversation(command: Command, server: LiveServer) -> None:
    steps = says("Once upon a time.").steps
    server.queue(Reply(steps=(*steps[:3], Gate("never"))), says("Go on."))
    at = command.at_terminal()
    at.until("> ")
    at.type("story\n")
    at.until("Once upon")
    at.type("\x03")
    at.until("Stopped.\n")
    server.wait(0, state="disconnected")
    at.until("> ")
    at.type("and?\n")
    at.until("Go on.\n")
    assert questions(server)[1] == ["story", "Once upon", "and?"]
    at.until("> ")
    at.press_ctrl_c("once more")
    at.until("once more leaves.)\n> ")
    at.press_ctrl_c("\n")
    assert at.end() == 130


def test_a_failed_question_leaves_the_conversation_going(
    command: Command, server: LiveServer
) -> None:
    server.queue(Reply(400, {}, ()), says("Now."))
    at = command.at_terminal()
    at.until("> ")
    at.type("hi\n")
    at.until("Error: ")
    at.until("> ")
    at.type("/retry\n")
    at.until("Now.\n> ")
    at.type("\x04")
    assert at.end() == 0


def test_thinking_is_dimmed_and_set_apart(command: Command, server: LiveServer) -> None:
    server.queue(says("<think>Hm.</think>\n\nYes."))
    at = command.at_terminal("Really?")
    assert at.end() == 0
    assert at.shown == f"{DIM}Hm.{PLAIN}\nYes.\n"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    path = tmp_path / "tools.py"
    path.write_text('def note(text: str) -> str:\n    """Note."""\n    return "noted " + text\n')
    return path


def asks(*texts: str) -> Reply:
    calls = tuple(
        ToolCall(f"call{n}", "note", json.dumps({"text": text})) for n, text in enumerate(texts)
    )
    return says("", tool_calls=calls, finish_reason="tool_calls")


@pytest.mark.parametrize(
    ("reply", "result"), [("y", "noted milk"), ("", "denied"), ("n", "denied")]
)
def test_a_person_is_asked_before_a_tool_runs(
    command: Command, server: LiveServer, tools: Path, reply: str, result: str
) -> None:
    server.queue(asks("milk"), says("Done."))
    at = command.at_terminal("Note it", "--tools", str(tools))
    at.until('Run note({"text": "milk"})? yes, no, always [no] ')
    at.type(reply + "\n")
    at.until("Done.\n")
    assert at.end() == 0
    assert result in questions(server)[1][-1]


def test_always_is_asked_once(command: Command, server: LiveServer, tools: Path) -> None:
    server.queue(asks("milk"), asks("tea"), says("Done."))
    at = command.at_terminal("Note it", "--tools", str(tools))
    at.until("? yes, no, always [no] ")
    at.type("always\n")
    assert "yes, no" not in at.until("Done.\n")
    assert at.end() == 0
    assert questions(server)[2][-1] == "noted tea"


def test_also_with_a_question_from_a_pipe(
    command: Command, server: LiveServer, tools: Path
) -> None:
    server.queue(asks("milk"), says("Done."))
    at = command.at_terminal("Note:", "--tools", str(tools), piped=b"milk")
    at.until("? yes, no, always [no] ")
    at.type("yes\n")
    at.until("Done.\n")
    assert at.end() == 0
    assert questions(server)[1][0] == "Note:\n\nmilk"


def test_what_a_tool_would_do_is_shown_whole_and_harmless(
    command: Command, server: LiveServer, tools: Path
) -> None:
    server.queue(asks("x" * 500 + "\u202e and delete all"), says("Done."))
    at = command.at_terminal("Note it", "--tools", str(tools))
    asked = at.until("always [no] ")
    assert "and delete all" in asked
    assert "\u202e" not in asked
    at.type("\x03")
    assert at.end() == 130
    assert len(server.requests()) == 1
