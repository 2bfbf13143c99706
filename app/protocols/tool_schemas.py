"""The schema of a tool's arguments in the form that a provider takes; a bad one fails the request.

All get an object at the root and `items` in every array. Some read less of JSON Schema than others:
`FORMS` says which words. For them references are put in their place, every schema has one type, a
choice stands alone, and what has no word there is told in the description.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from ..core.nesting import nests_too_deep
from .json_schema import PLACE, References, Schema, alternatives, joined, mended
from .tolerant import as_list

Form = Literal["json", "moonshot", "gemini", "openapi"]


class Words(NamedTuple):
    """The words of JSON Schema that a provider reads, and the types whose values it may choose."""

    known: set[str]
    choices: set[str]
    formats: set[str] | None = None  # None: any
    has_null: bool = True  # as a type; else there is the word `nullable`


_COMMON = {"type", "description", "properties", "required", "items", "anyOf", "enum"}
_BOUNDS = {"minItems", "maxItems", "minimum", "maximum", "format", "title"}
_LENGTHS = {"pattern", "minLength", "maxLength", "minProperties", "maxProperties"}

FORMS: Mapping[Form, Words | None] = {
    "json": None,  # draft 2020-12
    # https://github.com/MoonshotAI/walle/blob/main/docs/mfjs-spec.md (2026-11-29)
    "moonshot": Words(
        _COMMON | {"default", "additionalProperties"}, {"string", "integer", "number"}
    ),
    # https://ai.google.dev/api/generate-content, `responseJsonSchema` (2026-11-29)
    "gemini": Words(_COMMON | _BOUNDS | {"additionalProperties"}, {"string", "integer", "number"}),
    # https://ai.google.dev/api/caching#Schema, which Gemini has behind OpenAI's form (2026-11-29)
    "openapi": Words(
        _COMMON | _BOUNDS | _LENGTHS | {"default", "nullable"},
        {"string"},
        {"date-time", "enum", "float", "double", "int32", "int64"},
        has_null=False,
    ),
}

# Told in words where a form has none for it.
_TOLD = {
    *("format", "pattern", "minLength", "maxLength", "exclusiveMinimum", "exclusiveMaximum"),
    *("minimum", "maximum", "multipleOf", "minItems", "maxItems"),
    *("minProperties", "maxProperties", "additionalProperties", "propertyNames", "default"),
}
# The words that mean something for one type only.
_WORDS_OF = {
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"},
    "string": {"pattern", "minLength", "maxLength", "format", "contentEncoding"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
_ANY: list[Schema] = [
    *({"type": kind} for kind in ("string", "number", "boolean", "object")),
    {"type": "array", "items": {"type": "string"}},
]
_NULL: Schema = {"type": "null"}

# References put in their place may multiply; nobody means a schema larger than this.
_MOST_NODES = 3000
_DEEPEST = 32
_AGAIN = {"type": "object", "description": "(the same again)"}


def shaped(schema: Schema, form: Form = "json") -> Schema:
    """The schema of a tool's arguments in this form. Never raises, whatever the schema holds."""
    if nests_too_deep(schema):
        return {"type": "object", "properties": {}}
    references = References(schema)
    words = FORMS[form]
    if words is None:
        return references.sound(references.root())
    return _Plain(references, words).shape(references.root())


class _Plain:
    """Shapes one schema with no more words than these."""

    def __init__(self, references: References, words: Words) -> None:
        self._references = references
        self._words = words
        self._left = _MOST_NODES
        self._open: list[str] = []  # the references that are being put in their place

    def shape(self, node: Any, depth: int = 0) -> Schema:
        self._left -= 1
        node = mended(node)
        name = str(node.get("$ref", ""))
        if name in self._open or depth > _DEEPEST or self._left < 0:
            return dict(_AGAIN)
        if not name:
            return self._shape(self._references.gathered(node), depth)
        self._open.append(name)
        shape = self.shape(self._references.step(node), depth + 1)
        self._open.pop()
        return shape

    def _shape(self, node: Schema, depth: int) -> Schema:
        place = {word: node[word] for word in PLACE if word in node}
        rest = {
            word: value
            for word, value in node.items()
            if word not in (*PLACE, "anyOf", "oneOf", "nullable")
        }
        if chosen := alternatives(node):
            shapes = [self.shape(joined(rest, mended(one)), depth + 1) for one in chosen]
        else:
            kinds = _kinds(rest)
            if len(kinds) == 1 and not node.get("nullable"):
                return self._of_one_type(place | _of_kind(rest, kinds[0]), depth)
            shapes = [self._of_one_type(_of_kind(rest, kind), depth) for kind in kinds]
            shapes = shapes or [*_ANY]
        if node.get("nullable"):
            shapes.append(_NULL)
        return self._choice(shapes, place)

    def _choice(self, shapes: list[Schema], place: Schema) -> Schema:
        """A choice between these, with the words of its place beside it; none inside another."""
        different: list[Schema] = []
        for shape in shapes:
            for one in shape.get("anyOf", [shape]):
                inner = {word: value for word, value in one.items() if word != "nullable"}
                both = [inner, _NULL] if "nullable" in one else [inner]
                different += [each for each in both if each not in different]
        beside = {word: value for word, value in place.items() if word in self._words.known}
        if self._words.has_null:
            return (different[0] if len(different) == 1 else {"anyOf": different}) | beside
        if _NULL in different and len(different) > 1:
            different.remove(_NULL)
            beside["nullable"] = True
        if len(different) == 1:
            return different[0] | beside
        return {"anyOf": [beside | one for one in different]}  # nothing may stand beside it

    def _of_one_type(self, node: Schema, depth: int) -> Schema:
        known, choices, formats, _ = self._words
        shape: Schema = {}
        told: list[str] = []
        for word, value in node.items():
            is_known = word in known
            if word == "properties":
                value = {
                    name: self.shape(one, depth + 1)
                    for name, one in value.items()
                    if one is not False
                }
            elif word == "items" or (word == "additionalProperties" and isinstance(value, dict)):
                value = self.shape(value, depth + 1)
            elif word == "enum":
                is_known = node["type"] in choices
            elif word == "format":
                is_told = isinstance(value, str) and (formats is None or value in formats)
                is_known = is_known and is_told
            elif word == "required":
                value = [name for name in value if name in node.get("properties", {})]
            if is_known:
                shape[word] = value
            elif word == "enum" or (word in _TOLD and not isinstance(value, bool)):
                told.append(f"{word}: {value if isinstance(value, str) else _json(value)}")
        if told:
            said = shape.get("description")
            shape["description"] = " ".join([*([said] if said else []), f"({', '.join(told)})"])
        return shape


def _kinds(node: Schema) -> list[str]:
    """The types that a schema allows, told or meant; empty where that is any."""
    if kinds := node.get("type"):
        return [kinds] if isinstance(kinds, str) else kinds
    if values := node.get("enum"):
        return list(dict.fromkeys(map(_kind_of, values)))
    return [kind for kind, words in _WORDS_OF.items() if not words.isdisjoint(node)][:1]


def _of_kind(node: Schema, kind: str) -> Schema:
    """Reduce a schema to its words on one type."""
    if kind == "null":
        return dict(_NULL)
    own = "number" if kind == "integer" else kind
    others = {word for other, words in _WORDS_OF.items() if other != own for word in words}
    of_kind = {word: value for word, value in node.items() if word not in others}
    fitting = ("integer", "number") if kind == "number" else (kind,)
    values = [one for one in as_list(of_kind.pop("enum", None)) if _kind_of(one) in fitting]
    return mended(of_kind | {"type": kind} | ({"enum": values} if values else {}))


def _kind_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return "null" if value is None else kinds.get(type(value), "object")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
