"""Inside the sandbox: runs a person's source, and answers the page. No `js`: `serve` is called by
sandbox_worker.mjs.

Page and sandbox exchange texts, each the JSON of one of the structs below.
"""

import asyncio
import sys
import traceback
from collections.abc import Callable
from itertools import count
from types import ModuleType
from typing import Any

import msgspec

from ....core.errors import UsageError
from ....core.tools.function_tool import Tool, run
from ....core.tools.tool_source import tools_in

# How Python names the source in its tracebacks.
_FILE = "<your tools>"
# Sources that stay loaded, with what their modules hold.
_MOST_LOADED = 16
# Of one answer. Nobody reads more, least of all a model; sandbox.html ends what sends much more.
_MOST_CHARACTERS = 1_000_000


class ToolDescription(msgspec.Struct, frozen=True):
    """A tool of a source, as the page and a model know it. `parameters` is a JSON Schema."""

    name: str
    description: str
    parameters: dict[str, Any]
    timeout_s: float | None = None
    needs_approval: bool = False


class Describe(msgspec.Struct, tag=True):
    """Asks to run a source and list its tools."""

    id: int
    source: str


class Call(msgspec.Struct, tag=True):
    """Asks to call a tool of a source. `arguments` is the object that the model wrote."""

    id: int
    source: str
    name: str
    arguments: dict[str, Any]


class Cancel(msgspec.Struct, tag=True):
    """Ends a call; it is answered all the same."""

    id: int


class Tools(msgspec.Struct, tag=True):
    """The answer to `Describe`."""

    id: int
    tools: list[ToolDescription]


class Unusable(msgspec.Struct, tag=True):
    """The source does not run, or has no tools. `line` is counted from 1, where it is known."""

    id: int
    message: str
    line: int | None = None


class Result(msgspec.Struct, tag=True):
    """The answer to `Call`."""

    id: int
    content: str
    is_error: bool


Question = Describe | Call | Cancel
Answer = Tools | Unusable | Result


class SourceError(Exception):
    """A source cannot be used; the message is a sentence for people."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def load(source: str, name: str) -> list[Tool]:
    """Run a source as a module of this name; return its tools.

    Raises:
        SourceError: It does not run, or has no tools.
    """
    module = ModuleType(name)
    sys.modules[name] = module  # where dataclasses and type hints look their names up
    try:
        exec(compile(source, _FILE, "exec"), vars(module))
        return tools_in(module)
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        if isinstance(error, SyntaxError):
            raise SourceError(f"{type(error).__name__}: {error.msg}", error.lineno) from error
        if isinstance(error, UsageError):
            raise SourceError(str(error)) from error
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == _FILE
        ]
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise SourceError(words, lines[-1] if lines else None) from error


def serve(reply: Callable[[str], None], _tab: object = None) -> Callable[[str], None]:
    """Give the function that takes the page's questions, as texts; `reply` takes the answers."""
    return _Service(reply).take


class _Service:
    def __init__(self, reply: Callable[[str], None]) -> None:
        self._reply = reply
        self._numbers = count()
        self._loaded: dict[str, list[Tool]] = {}
        self._calls: dict[int, asyncio.Task[None]] = {}

    def take(self, text: str) -> None:
        match msgspec.json.decode(text, type=Question):
            case Describe(id, source):
                try:
                    self._say_tools(Tools(id, [described(one) for one in self._tools(source)]))
                except SourceError as error:
                    self._say(Unusable(id, _cut(str(error)), error.line))
                except (TypeError, ValueError, RecursionError) as error:
                    self._say(Unusable(id, f"a model cannot be told of these tools: {error!r}"))
            case Call() as call:
                self._calls[call.id] = asyncio.ensure_future(self._call(call))
            case Cancel(id):
                if id in self._calls:
                    self._calls[id].cancel()

    def _say(self, answer: Answer) -> None:
        self._reply(msgspec.json.encode(answer).decode())

    def _say_tools(self, answer: Tools) -> None:
        if len(msgspec.json.encode(answer)) > _MOST_CHARACTERS:
            raise ValueError("their descriptions are too long")
        self._say(answer)

    def _tools(self, source: str) -> list[Tool]:
        known = self._loaded.pop(source, None)
        if known is None:
            while len(self._loaded) >= _MOST_LOADED:
                del self._loaded[next(iter(self._loaded))]
            known = load(source, f"your_tools_{next(self._numbers)}")
        self._loaded[source] = known  # the last used stays longest
        return known

    async def _call(self, call: Call) -> None:
        answer: Answer = Result(call.id, "The call was ended.", is_error=True)
        try:
            tool = next((one for one in self._tools(call.source) if one.name == call.name), None)
            if tool is None:
                raise SourceError(f"there is no tool {call.name} any more")
            # The page sees to the time that it may take.
            result = await run(tool, call.arguments)
            answer = Result(call.id, _cut(result.content), result.is_error)
        except SourceError as error:
            answer = Unusable(call.id, _cut(str(error)), error.line)
        finally:
            del self._calls[call.id]
            self._say(answer)


def _cut(words: str) -> str:
    if len(words) <= _MOST_CHARACTERS:
        return words
    kept = f"the first {_MOST_CHARACTERS:,} of {len(words):,} characters"
    return f"{words[:_MOST_CHARACTERS]}\n(this was cut: it is {kept})"


def described(tool: Tool) -> ToolDescription:
    """The tool as the page knows it."""
    return ToolDescription(
        tool.name, tool.description, tool.parameters, tool.timeout_s, tool.needs_approval
    )
