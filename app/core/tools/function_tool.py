"""Tools: functions that a model may call.

    @tool(timeout_s=10)
    async def weather(city: str, unit: Literal["celsius", "kelvin"] = "celsius") -> Report:
        '''Tell the weather of a city.'''

What a model sees of it is made from its signature and docstring; what a model writes is checked and
converted before the call; what goes wrong comes back as a result that the model can act on.

Long, because making, calling and ending a tool share what can go wrong.
"""

import asyncio
import inspect
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, overload

import msgspec

from ..errors import TokenfallError, UsageError
from ..json_values import loses_numbers, paired, plain
from ..messages import ToolResult
from ..nesting import nests_too_deep
from ..options import ToolDefinition
from .checking import Mismatch, decoded_object, expectation, shown
from .schema import Schema
from .signature import Call, Signature

# Names that every provider takes; OpenAI's rule is the narrowest.
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

# How long a tool that is told to end may take for that, in seconds.
PATIENCE_S = 0.25

# The id of the call that runs, for a tool that shows elsewhere what it does.
running_call: ContextVar[str] = ContextVar("running_call", default="")

_F = TypeVar("_F", bound=Callable[..., Any])


class ToolError(TokenfallError):
    """Raised by a tool to tell the model why it did not work, in these words and no others."""


class Arguments(Protocol):
    """Reader of the arguments that a model wrote."""

    schema: Schema

    def bind(self, arguments: Mapping[str, Any]) -> Call: ...


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A function with its description for a model. Calling it calls the function.

    `timeout_s` is how many seconds a call may take; None leaves that to the caller.
    `needs_approval` says that a person is asked before each call. Where `function` is None, the
    answer comes from elsewhere: a person, or the page.
    """

    name: str
    description: str
    arguments: Arguments
    function: Callable[..., Any] | None = None
    timeout_s: float | None = None
    needs_approval: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                f"no provider takes {self.name!r} as the name of a tool: "
                f"give one of up to 64 letters A-Z, digits, - and _, with name=…"
            )
        if self.timeout_s is not None and self.timeout_s <= 0:
            raise UsageError(f"{self.name} has no time to run: timeout_s is {self.timeout_s}")
        if inspect.isgeneratorfunction(self.function) or inspect.isasyncgenfunction(self.function):
            raise UsageError(f"{self.name} yields; a tool returns one value")

    def __call__(self, *positional: Any, **named: Any) -> Any:
        if self.function is None:
            raise UsageError(f"{self.name} has no function: its answer comes from elsewhere")
        return self.function(*positional, **named)

    @property
    def parameters(self) -> Schema:
        """The JSON Schema of the arguments, an object."""
        return self.arguments.schema

    @property
    def definition(self) -> ToolDefinition:
        """The tool as the model is told of it."""
        return ToolDefinition(self.name, self.description, self.parameters)

    def bind(self, arguments: str | Mapping[str, Any]) -> Call:
        """Check and convert what a model wrote: JSON text, or what that text says.

        Raises:
            Mismatch: It does not fit; the message is for the model.
        """
        if isinstance(arguments, str):
            try:
                arguments = decoded_object(arguments)
            except ValueError as error:
                raise Mismatch("The arguments do not fit", [str(error)]) from error
        return self.arguments.bind(arguments)

    @classmethod
    def from_schema(
        cls,
        name: str,
        description: str,
        parameters: Schema,
        function: Callable[..., Any] | None = None,
        *,
        timeout_s: float | None = None,
        needs_approval: bool = False,
    ) -> "Tool":
        """Make a tool from a JSON Schema written by hand. The function gets plain JSON values, each
        under the name of its property.

        Raises:
            UsageError: The schema is not that of an object, or no provider takes the name.
        """
        arguments = _HandMade(parameters)
        return cls(name, description, arguments, function, timeout_s, needs_approval)


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float | None = None,
    needs_approval: bool = False,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float | None = None,
    needs_approval: bool = False,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a tool of a plain function, sync or async; a decorator with or without arguments.

    Raises:
        UsageError: A model cannot call this function; the message says why.
    """

    def make(function: Callable[..., Any]) -> Tool:
        signature = Signature(function)
        return Tool(
            signature.name if name is None else name,
            signature.description if description is None else description,
            signature,
            function,
            timeout_s,
            needs_approval,
        )

    return make if function is None else make(function)


async def run(
    tool: Tool,
    arguments: str | Mapping[str, Any],
    *,
    call_id: str = "",
    timeout_s: float | None = None,
) -> ToolResult:
    """Call a tool as a model asked for it. Every outcome of the tool becomes a result; only
    cancellation is raised. A sync function runs in a thread; in the tab, which has none, it holds
    up everything until it returns.

    Args:
        timeout_s: For a tool that names no time of its own; None for no limit. A thread cannot be
            stopped, nor a coroutine that ignores its cancellation: after its time, or when the run
            is cancelled, its outcome is not waited for.

    Raises:
        UsageError: The tool has no function.
    """
    if tool.function is None:
        raise UsageError(f"{tool.name} has no function: its answer comes from elsewhere")
    limit_s = timeout_s if tool.timeout_s is None else tool.timeout_s
    running_call.set(call_id)
    try:
        call = tool.bind(arguments)
        content = rendered(await _limited(tool.function, call, limit_s))
    except (ToolError, Mismatch) as error:
        return _failed(tool, call_id, str(error))
    except _TimeIsUp:
        return _failed(tool, call_id, f"{tool.name} did not finish within {limit_s:g} seconds.")
    # A tool may end the thread it runs in, not the program.
    except (Exception, SystemExit) as error:
        return _failed(tool, call_id, _described(error))
    return ToolResult(call_id, content, tool.name)


def rendered(value: Any) -> str:
    """Write a tool's result as the text that the model reads: a string as it is, else JSON, where
    what JSON can't hold is marked, else its `repr`, and a note that it is one.
    """
    if isinstance(value, str):
        return paired(str(value))
    try:
        written = plain(value) if nests_too_deep(value) else value
        data = msgspec.json.encode(written)
        if loses_numbers(written, data):
            data = msgspec.json.encode(plain(msgspec.to_builtins(written, str_keys=True)))
        return paired(data.decode())
    except (TypeError, ValueError, OverflowError, RecursionError):
        note = f"(a value of type {type(value).__name__}, shown as Python writes it)"
        return paired(f"{value!r}\n{note}")


class _TimeIsUp(Exception):
    """Our limit, not a `TimeoutError` of the tool's own."""


class _HandMade:
    """Checks each parameter against a schema written by hand; values inside of them are the
    function's matter.
    """

    def __init__(self, schema: Schema) -> None:
        if schema.get("type", "object") != "object":
            raise UsageError(f"a tool takes an object, not type {schema['type']!r}")
        if not isinstance(schema.get("properties", {}), dict):
            raise UsageError("the properties of a tool's parameters are an object")
        if not isinstance(schema.get("required", []), list | tuple):
            raise UsageError("what is required of a tool's parameters is a list of names")
        # Some providers refuse an object without properties.
        self.schema: Schema = {"type": "object", "properties": {}, **schema}

    def bind(self, arguments: Mapping[str, Any]) -> Call:
        known = self.schema["properties"]
        problems = [
            f"{name}: missing" for name in self.schema.get("required", []) if name not in arguments
        ]
        if self.schema.get("additionalProperties") is False:
            names = ", ".join(known)
            there = f"the parameters are: {names}" if names else "there are no parameters"
            problems += [f"{name}: unknown parameter; {there}" for name in arguments.keys() - known]
        for name, value in arguments.items():
            schema = known.get(name)
            if isinstance(schema, dict) and not _fits(value, schema):
                problems.append(f"{name}: expected {expectation(schema)}, got {shown(value)}")
        if problems:
            raise Mismatch("The arguments do not fit", problems)
        return Call(named=dict(arguments))


def _fits(value: Any, schema: Schema) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return not kinds or any(_is(value, kind) for kind in kinds)


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return is_whole and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return True


async def _limited(function: Callable[..., Any], call: Call, limit_s: float | None) -> Any:
    """Call in a task of its own: a tool that is told to end and goes on is left behind."""
    task = asyncio.ensure_future(_outcome(function, call))
    try:
        done, _ = await asyncio.wait({task}, timeout=limit_s)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=PATIENCE_S)
    if not done:
        raise _TimeIsUp
    return task.result().get()


async def _outcome(function: Callable[..., Any], call: Call) -> "_Outcome":
    try:
        return _Outcome(await _called(function, call))
    except (Exception, SystemExit) as error:
        return _Outcome(error=error)


async def _called(function: Callable[..., Any], call: Call) -> Any:
    if _is_async(function):
        outcome = function(*call.positional, **call.named)
    elif sys.platform == "emscripten":
        outcome = _Outcome.of(function, call).get()
    else:
        outcome = (await asyncio.to_thread(_Outcome.of, function, call)).get()
    if not inspect.isawaitable(outcome):
        return outcome
    return await _awaited(outcome)


async def _awaited(outcome: Awaitable[Any]) -> Any:
    try:
        return await outcome
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Something inside the tool was cancelled; nobody cancelled the run.
        raise ToolError(_described(error)) from error


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A function's result or error, carried out of its thread or task as a value: asyncio's futures
    take neither `StopIteration` nor `SystemExit`.
    """

    value: Any = None
    error: BaseException | None = None

    @classmethod
    def of(cls, function: Callable[..., Any], call: Call) -> "_Outcome":
        try:
            return cls(function(*call.positional, **call.named))
        except (Exception, SystemExit) as error:
            return cls(error=error)
        except asyncio.CancelledError as error:
            return cls(error=ToolError(_described(error)))

    def get(self) -> Any:
        if isinstance(self.error, StopIteration):
            raise ToolError(_described(self.error)) from self.error
        if self.error is not None:
            raise self.error
        return self.value


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # an object with an async __call__
    )


def _described(error: BaseException) -> str:
    try:
        words = str(error)
    except Exception as broken:  # as of a number of thousands of digits
        words = f"(without words: {type(broken).__name__})"
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _failed(tool: Tool, call_id: str, words: str) -> ToolResult:
    return ToolResult(call_id, rendered(words), tool.name, is_error=True)
