"""Types that the annotations of a file mean, as far as its text tells: nothing of the file runs.

Known are the builtin types, those of a few modules of the standard library, and msgspec's `Meta`.
Names are looked up among these alone.
"""

import ast
import builtins
import collections.abc
import datetime
import decimal
import pathlib
import typing
import uuid
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from . import function_tool

_TYPES = (
    "bool bytearray bytes complex dict float frozenset int list memoryview object set str tuple"
)
_BUILTINS = {name: getattr(builtins, name) for name in _TYPES.split()}
_MODULES: dict[str, dict[str, Any]] = {
    **{
        module.__name__: {name: getattr(module, name) for name in names or module.__all__}
        for module, names in (
            (typing, ()),
            (collections.abc, ()),
            (datetime, ()),
            (decimal, ("Decimal",)),
            (pathlib, ("Path", "PurePath", "PosixPath", "PurePosixPath")),
            (uuid, ("UUID",)),
        )
    },
    "msgspec": {"Meta": msgspec.Meta},
    "app.core.tools": {"tool": function_tool.tool},
}


class Unknown(Exception):
    """A type or value that only running tells."""


class _Module(str):
    """The dotted name of a module that was imported."""


class Names:
    """The names of a file with their meanings; others only running tells."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known

    def without(self, names: Iterable[str]) -> "Names":
        gone = set(names)
        return Names({name: value for name, value in self._known.items() if name not in gone})

    def type(self, node: ast.expr) -> Any:
        """The type that an annotation means.

        Raises:
            Unknown: Only running tells.
        """
        try:
            return self._type(node)
        except (RecursionError, TypeError, ValueError, SyntaxError):
            raise Unknown from None

    def _type(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=None):
                return None
            case ast.Constant(value=str(text)):
                return self._type(ast.parse(text.strip(), mode="eval").body)
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right) if not _is_text(left, right):
                return self._type(left) | self._type(right)
            case ast.Subscript(value=of, slice=inside):
                return self._subscript(self._type(of), inside)
        raise Unknown

    def _named(self, name: str) -> Any:
        found = self._known.get(name, Unknown)
        if found is Unknown or isinstance(found, _Module):
            raise Unknown
        return found

    def _attribute(self, node: ast.Attribute) -> Any:
        path = [node.attr]
        of = node.value
        while isinstance(of, ast.Attribute):
            path.append(of.attr)
            of = of.value
        module = self._known.get(of.id) if isinstance(of, ast.Name) else None
        if not isinstance(module, _Module):
            raise Unknown
        folder = ".".join([module, *reversed(path[1:])])
        if path[0] not in _MODULES.get(folder, ()):
            raise Unknown
        return _MODULES[folder][path[0]]

    def _subscript(self, of: Any, inside: ast.expr) -> Any:
        items = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if of is Literal:
            return Literal[tuple(literal(item) for item in items)]
        if of is Annotated:
            notes = tuple(self._note(item) for item in items[1:])
            return Annotated[(self._type(items[0]), *notes)]
        types = tuple(self._item(item) for item in items)
        return of[types if isinstance(inside, ast.Tuple) else types[0]]

    def _item(self, node: ast.expr) -> Any:
        is_dots = isinstance(node, ast.Constant) and node.value is ...
        return ... if is_dots else self._type(node)

    def _note(self, node: ast.expr) -> Any:
        if not isinstance(node, ast.Call):
            return literal(node)
        if node.args or self._type(node.func) is not msgspec.Meta:
            raise Unknown
        return msgspec.Meta(**{str(each.arg): literal(each.value) for each in node.keywords})


def _is_text(*nodes: ast.expr) -> bool:
    # `"Name" | None` raises when it runs.
    return any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes)


def literal(node: ast.expr) -> Any:
    """The value of an expression that is written out.

    Raises:
        Unknown: Only running tells.
    """
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise Unknown from None


def names_in(body: list[ast.stmt]) -> Names:
    """Read the names of a module, as they stand at its end."""
    known: dict[str, Any] = dict(_BUILTINS)
    for node in body:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    top = alias.name.partition(".")[0]
                    known[alias.asname or top] = _Module(alias.name if alias.asname else top)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                _import_from(known, "" if level else module or "", aliases)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                try:
                    known[name] = Names(known).type(value)
                except Unknown:
                    known.pop(name, None)
            case _:
                for name in _bound(node):
                    known.pop(name, None)
    return Names(known)


def _import_from(known: dict[str, Any], module: str, aliases: list[ast.alias]) -> None:
    given = _MODULES.get(module, {})
    for alias in aliases:
        name = alias.asname or alias.name
        if alias.name == "*":
            if not given:
                known.clear()  # it may have brought any name
            known.update(given)
        elif alias.name in given:
            known[name] = given[alias.name]
        elif f"{module}.{alias.name}" in _MODULES:
            known[name] = _Module(f"{module}.{alias.name}")
        else:
            known.pop(name, None)


def _bound(node: ast.stmt) -> list[str]:
    """Names that a statement may bind, and some that it binds inside of functions only."""
    found = []
    for each in ast.walk(node):
        match each:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.append(name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.append(name)
            case ast.alias(name=name, asname=alias):
                found.append(alias or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)):
                found.append(name)
    return found
