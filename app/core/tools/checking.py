"""A model's JSON -> typed values, or words with which the model can mend it.

Models write `"5"` for 5 and a list as a string that holds JSON; where the type leaves no doubt what
was meant, it is taken. Everything else is told with its place, what was expected and what came.
"""

import json
import re
from typing import Any

import msgspec

from ..errors import TokenfallError
from ..nesting import MAX_DEPTH, is_too_deep
from .schema import Schema
from .shapes import NO_MEMBER, convert

# In characters. A model remembers what it wrote; this is enough to find it again.
_SHOWN = 80
# Beyond this the list of choices would bury the sentence.
_MOST_CHOICES = 30

_EXPECTED = re.compile(r"Expected (?P<expected>.*?)(?:, got (?P<got>.*))?", re.DOTALL)
_AT = re.compile(r"(?P<message>.*?) - at (?:`key` in )?`\$(?P<path>[^`]*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_JSON_NAMES = {"int": "integer", "str": "string", "float": "number", "bool": "boolean"}
_PYTHON_NAME = re.compile(rf"\b({'|'.join(_JSON_NAMES)})\b")
_UNKNOWN_VALUE = object()


class Mismatch(TokenfallError):
    """Values that do not fit; `str(error)` tells the model all that is wrong with them.

    `problems` are the single sentences, each naming its place; `text` is the whole answer, where
    it was one that did not fit.
    """

    text = ""

    def __init__(self, what: str, problems: list[str]) -> None:
        self.problems = problems
        lines = "".join(f"\n- {problem}" for problem in problems)
        super().__init__(f"{what}:{lines}")


def checked(value: Any, type: Any, place: str, schema: Schema) -> Any:
    """Convert a JSON value to an adapted type. `schema` is the type's, for the words only.

    Raises:
        ValueError: It does not fit; the message is for the model, and begins with `place`.
    """
    failure: msgspec.ValidationError | None = None
    # First as it is: "5" for `int | str` is a string.
    for strict in (True, False):
        try:
            return convert(value, type, strict=strict)
        except msgspec.ValidationError as error:
            failure = error
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and not _is_too_deep(value):
        try:
            return convert(msgspec.json.decode(value), type, strict=False)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            pass  # what came first says it better
    raise ValueError(_explained(str(failure), value, place, schema)) from failure


def decoded_object(text: str) -> dict[str, Any]:
    """Read arguments as JSON; nothing at all counts as none, as several providers write it, and
    so does an empty list: to PHP, in which gateways are written, an empty object is the same.

    Line ends and the like inside of strings are taken as they are, though JSON wants them escaped.

    Raises:
        ValueError: This is no JSON object; the message is for the model.
    """
    if text.strip() in ("", "null", "[]", '""'):
        return {}
    if _is_too_deep(text):
        raise ValueError(
            f"more than {MAX_DEPTH} lists and objects within each other: {shown(text)}"
        )
    value: Any = text
    # Some gateways encode the object twice.
    for _ in range(2):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            try:
                value = json.loads(value, strict=False)
            except ValueError:
                raise ValueError(f"not valid JSON ({error}): {shown(text)}") from error
        if isinstance(value, dict):
            return value
        if not isinstance(value, str) or _is_too_deep(value):
            break
    raise ValueError(f"expected a JSON object, got {shown(value)}")


def shown(value: Any) -> str:
    """A value as the model wrote it, shortened."""
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def expectation(schema: Schema) -> str:
    """Say in a word or two what a schema asks for; empty where it takes anything."""
    if choices := schema.get("enum"):
        some = ", ".join(shown(choice) for choice in choices[:_MOST_CHOICES])
        more = len(choices) - _MOST_CHOICES
        tail = f" and {more} more" if more > 0 else ""
        return some if len(choices) == 1 else f"one of {some}{tail}"
    if members := schema.get("anyOf"):
        return " or ".join(filter(None, map(expectation, members)))
    kind = schema.get("type", "")
    if kind == "array" and (items := expectation(schema.get("items", {}))):
        return f"array of {items}"
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def _is_too_deep(text: str) -> bool:
    return is_too_deep(text.encode("utf-8", "replace"))


def _explained(message: str, value: Any, place: str, schema: Schema) -> str:
    """Put msgspec's message into the model's terms: JSON's names, the place, what came."""
    path = ""
    if match := _AT.fullmatch(message):
        message, path = match["message"], match["path"]
    place += path
    value, schema = _inside(value, schema, path)
    if match := _MISSING.fullmatch(message):
        return f"{place}: {shown(match['field'])} is missing"
    got = "" if value is _UNKNOWN_VALUE else f", got {shown(value)}"
    if message.startswith("Invalid enum value") and (wanted := expectation(schema)):
        return f"{place}: expected {wanted}{got}"
    if match := _EXPECTED.fullmatch(message):
        expected = _PYTHON_NAME.sub(lambda name: _JSON_NAMES[name[0]], match["expected"])
        if not got and match["got"]:
            got = f", got {match['got'].replace('`', '')}"
        return f"{place}: expected {expected.replace('`', '').replace(' | ', ' or ')}{got}"
    wanted = "" if message.startswith(NO_MEMBER) else expectation(schema)
    return f"{place}: {f'expected {wanted}; ' if wanted else ''}{message}{got}"


def _inside(value: Any, schema: Schema, path: str) -> tuple[Any, Schema]:
    """Follow a path of msgspec's as far as it tells where it leads."""
    for step in _STEP.finditer(path):
        name, index = step["name"], step["index"]
        if name is not None:
            value = value.get(name, _UNKNOWN_VALUE) if isinstance(value, dict) else _UNKNOWN_VALUE
            schema = _member(schema, "properties").get("properties", {}).get(name, {})
        elif index == "...":
            value, schema = _UNKNOWN_VALUE, _member(schema, "additionalProperties")
            schema = schema.get("additionalProperties", {})
        else:
            at = int(index)
            is_there = isinstance(value, list) and at < len(value)
            value = value[at] if is_there else _UNKNOWN_VALUE
            prefix = _member(schema, "prefixItems").get("prefixItems", [])
            schema = prefix[at] if at < len(prefix) else _member(schema, "items").get("items", {})
    return value, schema


def _member(schema: Schema, key: str) -> Schema:
    members: list[Schema] = [schema, *schema.get("anyOf", [])]
    return next((member for member in members if key in member), {})
