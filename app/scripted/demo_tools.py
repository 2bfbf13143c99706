"""The Demo's use of tools: which it calls, and its words when their results are there."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from . import demo_texts as texts
from .openai_chat import ToolCall

_SHOWN_CHARACTERS = 400
# Longer than any that a result of the Demo's own tools has.
_FENCE = "~" * 8
# Links to places of documents, as `search_files` gives them.
_PLACE = re.compile(r"^\[[^\]\n]+\]\(#file:[^)\s]+\)", re.MULTILINE)
_MOST_PLACES = 5


class Calls(msgspec.Struct, frozen=True):
    """A text, and the tools called behind it; their ids are given later."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""


def offered(tools: Sequence[dict[str, Any]]) -> set[str]:
    """The names of the tools that a request offers."""
    functions = (one.get("function") for one in tools)
    return {str(one.get("name")) for one in functions if isinstance(one, dict)}


def calls_for(said: str, offered: set[str]) -> Calls | None:
    """The calls that a question leads to, None where it leads to none."""
    command, _, argument = said.partition(" ")
    if command == "/tools" and argument.strip() == "fail":
        failing = (_call("calculate", '{"expression": "1 / 0"}'), _call("weather_on_mars", "{}"))
        return Calls(texts.TOOLS_FAIL, failing) if offered else Calls(texts.NO_TOOLS)
    if command == "/tools":
        wanted = (
            _call("current_time", "{}"),
            _call("roll_dice", '{"count": 2, "sides": 6}'),
            _call("calculate", '{"expression": "(3 + 4) * 2 ** 10"}'),
        )
        usable = tuple(call for call in wanted if call.name in offered)[:2]
        if not usable:
            return Calls(texts.NO_TOOLS)
        return Calls(texts.TOOLS_CALL, usable, texts.TOOLS_REASONING)
    if "what time is it" in said.lower() and "current_time" in offered:
        return Calls(texts.TIME_CALL, (_call("current_time", "{}"),))
    if "run_python" in offered and (code := _cell_for(said)):
        asked = msgspec.json.encode({"code": code}).decode()
        return Calls(texts.CELL_CALL, (_call("run_python", asked),))
    # A document stands before what is asked of it.
    question = said.rpartition("\n")[2].strip()
    if "search_files" in offered and question and not question.startswith("/"):
        asked = msgspec.json.encode({"words": question}).decode()
        return Calls(texts.FILES_CALL, (_call("search_files", asked),))
    return None


def _cell_for(said: str) -> str:
    """The cell of the script for one of the page's sample files, where the question has it."""
    if said.startswith("/"):
        return ""
    return next((cell for name, cell in texts.CELLS.items() if f"File: {name} (" in said), "")


def results(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The results of tools after the last question, in order."""
    found: list[str] = []
    for message in reversed(messages):
        if message.get("role") == "tool":
            found.append(str(message.get("content")))
        elif found and message.get("tool_calls"):
            return found[::-1]
        elif message.get("role") == "user":
            break
    return []


def told(results: Sequence[str]) -> str:
    """Say the results in words."""
    if places := [place for one in results for place in _PLACE.findall(one)][:_MOST_PLACES]:
        return texts.FILES_FOUND.format(places="\n".join(f"- {place}" for place in places))
    return texts.TOLD.format(results="\n".join(map(_shown, results)))


def _shown(result: str) -> str:
    """A result as an item of a list; one of several lines, as a cell's summary is, as it came."""
    text = result.strip()[:_SHOWN_CHARACTERS]
    return f"{_FENCE}text\n{text}\n{_FENCE}" if "\n" in text else f"- {text}"


def _call(name: str, arguments: str) -> ToolCall:
    return ToolCall("", name, arguments)
