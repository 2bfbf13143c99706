"""The tools of a Python file as its text tells of them: nothing of the file runs.

Functions are made of the syntax tree, with the types that can be told from it (`type_outline`), and
go the way of those that have run. So the outline agrees with the result of running.
"""

import ast
import inspect
import io
import keyword
import tokenize
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..errors import UsageError
from .function_tool import Tool, tool
from .tool_source import refuse_twins
from .type_outline import Names, Unknown, literal, names_in

# Parsing what nests much deeper ends the interpreter of the tab, and so do 1,500 `elif`.
_DEEPEST = 300
# More would hold up who types. Their tools are known when they run.
_MOST_CHARACTERS = 50_000
_MOST_FUNCTIONS = 100

Function = ast.FunctionDef | ast.AsyncFunctionDef
_Kind = inspect.Parameter
# A default that only running tells. JSON has nothing for it, so no schema names it.
_SOME_DEFAULT = object()


class Outline(NamedTuple):
    """`tools` have no function to call. `unknown` names, by tool, the parameters of which the type
    or the default is known only when the file has run. `is_whole`: running gives these tools and no
    others.
    """

    tools: list[Tool]
    unknown: dict[str, list[str]]
    is_whole: bool


class _Read(NamedTuple):
    """A function: the tool it is, or why it is none. `is_marked` with `@tool`; where it is not
    `is_sure`, another decorator may make anything of it.
    """

    tool: Tool | UsageError
    unknown: list[str]
    is_marked: bool
    is_sure: bool


def outline(source: str) -> Outline:
    """Read the tools of a source.

    Raises:
        SyntaxError: It is no Python.
        UsageError: It has no tools, two have one name, or a model cannot call one of them.
    """
    if len(source) > _MOST_CHARACTERS or is_too_deep(source):
        return Outline([], {}, is_whole=False)
    try:
        body = _parsed(source)
    except (RecursionError, MemoryError):
        return Outline([], {}, is_whole=False)
    functions = {node.name: node for node in body if isinstance(node, Function)}
    if len(functions) > _MOST_FUNCTIONS:
        return Outline([], {}, is_whole=False)
    names = names_in(body)
    read = [_read(node, names) for name, node in functions.items() if not name.startswith("_")]
    is_whole = all(each.is_sure for each in read) and not any(map(_may_make_tools, body))
    tools = []
    unknown = {}
    for each in [each for each in read if each.is_marked] or read:
        if isinstance(each.tool, Tool):
            tools.append(each.tool)
            unknown[each.tool.name] = each.unknown
        elif each.is_sure:
            raise each.tool
    if not tools and is_whole:
        raise UsageError("there is no public function")
    refuse_twins(tools)
    return Outline(tools, {name: some for name, some in unknown.items() if some}, is_whole)


def _parsed(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except ValueError as error:  # null bytes, for one
        raise SyntaxError(str(error)) from None


def is_too_deep(source: str) -> bool:
    """Tell whether the parser could be led deeper than it can go, by what each token may open."""
    opened = [0]  # by bracket: what may lie in one another since the last comma
    branches = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.string == "elif":
                branches += 1
            if token.type == tokenize.NEWLINE:
                opened = [0]
            elif token.string == ",":
                opened[-1] = 0
            elif token.type == tokenize.OP or keyword.iskeyword(token.string):
                opened[-1] += 1
            if token.string in ("(", "[", "{"):
                opened.append(0)
            elif token.string in (")", "]", "}") and len(opened) > 1:
                opened.pop()
            if sum(opened) > _DEEPEST or branches > _DEEPEST:
                return True
    except (tokenize.TokenError, SyntaxError):
        pass  # so far the parser comes too
    return False


def _may_make_tools(node: ast.stmt) -> bool:
    """Tell whether running this may leave functions that are not seen here."""
    match node:
        case ast.Assign(value=value) | ast.AnnAssign(value=value):
            return not isinstance(value, ast.Constant | None)
        case ast.ImportFrom() | ast.Import() | ast.ClassDef() | ast.Expr(value=ast.Constant()):
            return False
    return not isinstance(node, Function)


def _read(node: Function, names: Names) -> _Read:
    marks = [_mark(each, names) for each in node.decorator_list]
    is_sure = None not in marks
    is_marked = bool(marks) and marks[0] is not None
    stub, unknown = _stub(node, names)
    made: Tool | UsageError
    try:
        if _yields(node):
            raise UsageError(f"{node.name} yields; a tool returns one value")
        made = tool(**next((mark for mark in marks if mark is not None), {}))(stub)
    except UsageError as error:
        made = error
    except TypeError as error:
        made = UsageError(f"TypeError: {error}")
    if not is_sure:
        unknown = [each.arg for each, *_ in _arguments(node.args)]
    return _Read(made, unknown, is_marked, is_sure)


def _mark(decorator: ast.expr, names: Names) -> dict[str, Any] | None:
    """Read the arguments of `@tool(…)`; None where it is another decorator or can't be told."""
    call = decorator if isinstance(decorator, ast.Call) else None
    try:
        if names.type(call.func if call else decorator) is not tool or (call and call.args):
            return None
        return {str(each.arg): literal(each.value) for each in (call.keywords if call else ())}
    except Unknown:
        return None


def _stub(node: Function, names: Names) -> tuple[Callable[..., Any], list[str]]:
    """A function with the signature of this one, and the parameters that are not known."""
    inner = names.without(each.name for each in getattr(node, "type_params", ()))
    parameters, unknown = [], []
    hints = {}
    for argument, kind, default in _arguments(node.args):
        try:
            if argument.annotation is not None:
                hints[argument.arg] = inner.type(argument.annotation)
            value = _Kind.empty if default is None else literal(default)
        except Unknown:
            unknown.append(argument.arg)
            value = _Kind.empty if default is None else _SOME_DEFAULT
        parameters.append(_Kind(argument.arg, kind, default=value))

    def stub() -> None: ...

    stub.__name__ = stub.__qualname__ = node.name
    stub.__doc__ = ast.get_docstring(node, clean=False)
    stub.__annotations__ = hints
    stub.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return stub, unknown


def _arguments(of: ast.arguments) -> Iterator[tuple[ast.arg, Any, ast.expr | None]]:
    positional = [*of.posonlyargs, *of.args]
    defaults = [*[None] * (len(positional) - len(of.defaults)), *of.defaults]
    for number, (each, default) in enumerate(zip(positional, defaults, strict=True)):
        is_positional = number < len(of.posonlyargs)
        kind = _Kind.POSITIONAL_ONLY if is_positional else _Kind.POSITIONAL_OR_KEYWORD
        yield each, kind, default
    if of.vararg:
        yield of.vararg, _Kind.VAR_POSITIONAL, None
    for each, default in zip(of.kwonlyargs, of.kw_defaults, strict=True):
        yield each, _Kind.KEYWORD_ONLY, default
    if of.kwarg:
        yield of.kwarg, _Kind.VAR_KEYWORD, None


def _yields(node: ast.AST) -> bool:
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, Function | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(each)
    return False
