"""Parameters of a tool as fields that a person fills in, and back. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from ....core.nesting import is_too_deep
from ....core.tools.checking import expectation
from ....core.tools.schema import Schema
from . import words

Kind = Literal["text", "number", "switch", "choice", "json"]


class Field(NamedTuple):
    """One parameter. `takes` says in a word or two what it takes, `default` is what stands for an
    empty field, as JSON; `choices` are what a field of that kind offers, as JSON.
    """

    name: str
    kind: Kind
    takes: str
    about: str = ""
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


class WrongField(Exception):
    """A value that does not fit; `str(error)` says why. `name` is the parameter."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name


def fields(schema: Schema) -> list[Field]:
    """The fields for the parameters of a tool."""
    required = schema.get("required", [])
    return [
        _field(name, one if isinstance(one, dict) else {}, name in required)
        for name, one in schema.get("properties", {}).items()
    ]


def signature(name: str, schema: Schema) -> str:
    """Write the tool's signature: its name, and its parameters with their defaults."""
    known = [
        one.name if one.required else f"{one.name}={one.default or '…'}" for one in fields(schema)
    ]
    return f"{name}({', '.join(known)})"


def arguments(known: list[Field], typed: Mapping[str, str]) -> dict[str, Any]:
    """Make the arguments of a call from the typed fields. An empty field is left out where the
    parameter may be.

    Raises:
        WrongField: Something can't be read.
    """
    values = {}
    for field in known:
        text = typed.get(field.name, "")
        if not text.strip() and (not field.required or field.kind != "text"):
            if field.required:
                raise WrongField(field.name, words.needs_value(field.name))
            continue
        values[field.name] = _value(field, text)
    return values


def _field(name: str, schema: Schema, required: bool) -> Field:
    kind, choices = _kind(schema)
    default = "" if "default" not in schema else json.dumps(schema["default"], ensure_ascii=False)
    about = str(schema.get("description", ""))
    return Field(name, kind, expectation(schema), about, required, default, choices)


def _kind(schema: Schema) -> tuple[Kind, tuple[str, ...]]:
    members = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(members) == 1:
        return _kind(members[0])
    if choices := schema.get("enum"):
        return "choice", tuple(json.dumps(one, ensure_ascii=False) for one in choices)
    match schema.get("type"):
        case "string":
            return "text", ()
        case "integer" | "number":
            return "number", ()
        case "boolean":
            return "switch", ()
    return "json", ()


def _value(field: Field, text: str) -> Any:
    if field.kind == "text":
        return text
    data = text.encode("utf-8", "replace")
    why = words.not_a_number if field.kind == "number" else words.not_json_of
    if is_too_deep(data):
        raise WrongField(field.name, why(field.name))
    try:
        value = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise WrongField(field.name, why(field.name)) from error
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if field.kind == "number" and not is_number:
        raise WrongField(field.name, words.not_a_number(field.name))
    return value
