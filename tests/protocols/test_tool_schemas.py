"""Schemas of tools: whatever they hold, each provider gets one that its rules accept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.messages import user
from app.core.options import Options, ToolDefinition
from app.core.tools.function_tool import Tool, tool
from app.protocols.tool_schemas import FORMS, Form, shaped
from app.providers import provider

TYPES = {"string", "integer", "number", "boolean", "object", "array", "null"}
SCALARS = {str: "string", int: "integer", float: "number"}


def inner(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema in a schema, itself first."""
    yield schema
    for word in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(word), dict):
            yield from inner(schema[word])
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for one in schema.get(word, []):
            yield from inner(one)
    for word in ("properties", "$defs", "definitions"):
        for one in schema.get(word, {}).values():
            yield from inner(one)


def hold_for_all(root: dict[str, Any]) -> None:
    """Assert that a schema has nothing that OpenAI or Anthropic refuse.

    Sources: https://github.com/sashabaranov/go-openai/pull/373 (items),
    https://github.com/anthropics/claude-code/issues/5319 (the root), and draft 2020-12.
    """
    assert root["type"] == "object"
    assert isinstance(root["properties"], dict)
    assert not root.keys() & {"anyOf", "oneOf", "allOf", "enum", "not", "$ref", "$schema"}
    assert set(root.get("required", [])) <= root["properties"].keys()
    for schema in inner(root):
        assert isinstance(schema, dict)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        assert set(kinds) <= TYPES
        assert len(set(kinds)) == len(kinds)
        if "array" in kinds:
            assert isinstance(schema["items"], dict)
        for word in ("enum", "anyOf", "oneOf", "allOf", "prefixItems", "required"):
            assert isinstance(schema.get(word, []), list)
        for word in ("enum", "anyOf", "oneOf", "allOf", "prefixItems"):
            assert schema.get(word) != []
        for word in ("exclusiveMinimum", "exclusiveMaximum"):
            assert not isinstance(schema.get(word), bool)
        if target := schema.get("$ref"):
            assert target == "#" or target.removeprefix("#/$defs/") in root["$defs"]


def hold_for_one_type(root: dict[str, Any], known: set[str]) -> None:
    for schema in inner(root):
        assert schema.keys() <= known
        assert ("type" in schema) != ("anyOf" in schema)
        assert "anyOf" in schema or isinstance(schema["type"], str)
        assert not any("anyOf" in one for one in schema.get("anyOf", []))
        if "enum" in schema:
            assert {SCALARS[type(one)] for one in schema["enum"]} <= {schema["type"], "integer"}
        assert set(schema.get("required", [])) <= schema.get("properties", {}).keys()


def hold_for_moonshot(root: dict[str, Any]) -> None:
    """https://github.com/MoonshotAI/walle/blob/main/docs/mfjs-spec.md"""
    words = {"type", "description", "default", "anyOf", "properties", "additionalProperties"}
    hold_for_one_type(root, words | {"items", "enum", "required"})


def hold_for_gemini(root: dict[str, Any]) -> None:
    """https://ai.google.dev/api/generate-content (`responseJsonSchema`)"""
    words = {"type", "format", "title", "description", "enum", "items", "minItems", "maxItems"}
    words |= {"minimum", "maximum", "anyOf", "properties", "additionalProperties", "required"}
    hold_for_one_type(root, words)


def hold_for_openapi(root: dict[str, Any]) -> None:
    """https://ai.google.dev/api/caching#Schema"""
    words = {"type", "format", "title", "description", "nullable", "enum", "items", "maxItems"}
    words |= {"minItems", "properties", "required", "minProperties", "maxProperties", "minimum"}
    words |= {"maximum", "minLength", "maxLength", "pattern", "anyOf", "default"}
    hold_for_one_type(root, words)
    for schema in inner(root):
        assert all(isinstance(one, str) for one in schema.get("enum", []))
        assert "anyOf" not in schema or schema.keys() == {"anyOf"}
        assert len(schema.get("anyOf", [{}, {}])) > 1


RULES = {
    "json": hold_for_all,
    "moonshot": hold_for_moonshot,
    "gemini": hold_for_gemini,
    "openapi": hold_for_openapi,
}

NODE = {
    "type": "object",
    "properties": {"v": {"type": "number"}, "next": {"$ref": "#/$defs/Node"}},
    "required": ["v"],
}
# By name, a property as some generator writes it.
PROPERTIES: dict[str, Any] = {
    "list": {"type": "array"},
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
    "tuple of draft 7": {"type": "array", "items": [{"type": "integer"}, {"type": "integer"}]},
    "anything": {},
    "anything with words": {"description": "Any."},
    "anything in draft 2020-12": True,
    "const": {"const": "x"},
    "const null": {"const": None},
    "enum without type": {"enum": ["a", "b"]},
    "enum of several types": {"enum": ["a", 1, None, True, [1]]},
    "enum with null": {"type": ["string", "null"], "enum": ["a", None]},
    "enum of numbers": {"type": "integer", "enum": [1, 2]},
    "enum of booleans": {"type": "boolean", "enum": [True]},
    "reference": {"$ref": "#/$defs/Node", "description": "The first."},
    "reference in allOf": {"allOf": [{"$ref": "#/$defs/Node"}], "description": "The first."},
    "reference to the whole": {"$ref": "#"},
    "reference to nothing": {"$ref": "#/$defs/None"},
    "reference to elsewhere": {"$ref": "https://schemas.example/x.json"},
    "null union": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    "type list": {"type": ["string", "integer", "null"], "minLength": 1, "minimum": 1},
    "nullable": {"type": "string", "nullable": True},
    "map": {"type": "object", "additionalProperties": {"type": "array"}},
    "closed": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    "empty object": {"type": "object"},
    "object without type": {"properties": {"a": {"type": "array"}}, "required": ["a", "b"]},
    "nested choice": {"anyOf": [{"oneOf": [{"type": "null"}, {"const": 1}]}, {"type": "array"}]},
    "choice beside type": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "condition": {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "bounds of draft 4": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
    "required of draft 3": {"type": "string", "required": True},
    "types of Python": {"type": "list", "items": {"type": "str"}},
    "a type that is none": {"type": "any"},
    "format": {"type": "string", "format": "uuid", "pattern": "^a", "maxLength": 36},
    "nonsense": {"type": "object", "properties": [], "enum": [], "anyOf": [], "items": 3},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PROPERTIES)
def test_every_shape_is_one_that_the_provider_takes(name: str, form: Form) -> None:
    schema = {
        "type": "object",
        "properties": {"p": PROPERTIES[name], "in": {"type": "array", "items": PROPERTIES[name]}},
        "required": ["p", "q"],
        "$defs": {"Node": NODE},
    }
    before = json.dumps(schema)
    hold_for_all(shaped(schema, form))
    RULES[form](shaped(schema, form))
    assert json.dumps(schema) == before
    at_root = {"$defs": {"Node": NODE}} | (
        PROPERTIES[name] if name != "anything in draft 2020-12" else {}
    )
    hold_for_all(shaped(at_root, form))
    RULES[form](shaped(at_root, form))


class Colour(Enum):
    RED = 1
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Tree:
    value: Any
    children: "list[Tree]"


@tool
def everything(
    some: list,
    pair: tuple[int, str],
    named: Pair,
    none: tuple[()],
    point: Point | None,
    colour: Colour | None,
    tree: Tree,
    value: Any,
    choice: Literal["a", 1, None],
    names: dict[str, int | None],
    more: dict[str, Any] | list[list[Any]] = [],  # noqa: B006
) -> str:
    return ""


@pytest.mark.parametrize("form", FORMS)
def test_a_function_of_any_types_can_be_told_to_any_provider(form: Form) -> None:
    hold_for_all(shaped(everything.parameters, form))
    RULES[form](shaped(everything.parameters, form))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("abc", max_size=3),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text("ab"), inside, max_size=3)
    ),
    max_leaves=5,
)
KINDS = st.sampled_from([*TYPES, "any", "int"])


def schemas(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inside, max_size=3)
    named = st.dictionaries(st.sampled_from("abcd"), inside, max_size=3)
    words: dict[str, Any] = {
        "type": KINDS | st.lists(KINDS, max_size=3),
        "enum": st.lists(JSON, max_size=3),
        "const": JSON,
        "items": inside | some | JSON,
        "prefixItems": some,
        "properties": named | JSON,
        "required": st.lists(st.sampled_from("abcd")) | JSON,
        "additionalProperties": inside,
        "anyOf": some | JSON,
        "oneOf": some,
        "allOf": some,
        "not": inside,
        "nullable": st.booleans(),
        "description": st.text(),
        "default": JSON,
        "minimum": st.integers(),
        "exclusiveMinimum": st.booleans() | st.integers(),
        "format": st.sampled_from(["uuid", "date-time"]),
        "$ref": st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/properties/a", "x"]),
        "$defs": named,
    }
    return st.fixed_dictionaries({}, optional=words) | JSON


@given(st.recursive(JSON, schemas, max_leaves=12))
def test_whatever_a_schema_holds(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    for form in FORMS:
        made = shaped(schema, form)
        RULES[form](made) if form != "json" else None
        assert made["type"] == "object"
        assert not made.keys() & {"anyOf", "oneOf", "allOf", "enum", "$ref"}
        for one in inner(made):
            if one.get("type") == "array":
                assert isinstance(one["items"], dict)


def test_a_sound_schema_stays_as_it_is() -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "default": 3},
            "of": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            "to": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        },
        "required": ["n"],
        "additionalProperties": False,
        "$defs": {"Node": NODE},
    }
    assert json.dumps(shaped(schema)) == json.dumps(schema)


def test_what_a_form_has_no_word_for_is_told() -> None:
    schema = {"type": "object", "properties": {"n": PROPERTIES["format"] | {"description": "Id."}}}
    told = "Id. (format: uuid, pattern: ^a, maxLength: 36)"
    n = shaped(schema, "moonshot")["properties"]["n"]
    assert n == {"type": "string", "description": told}


def test_choices_at_the_root_become_one_object() -> None:
    add = {
        "properties": {"do": {"const": "add"}, "text": {"type": "string"}},
        "required": ["do", "text"],
    }
    drop = {"properties": {"do": {"const": "drop"}, "id": {"type": "integer"}}, "required": ["do"]}
    assert shaped({"oneOf": [add, drop]}, "gemini") == {
        "type": "object",
        "properties": {
            "do": {
                "anyOf": [{"type": "string", "enum": ["add"]}, {"type": "string", "enum": ["drop"]}]
            },
            "text": {"type": "string"},
            "id": {"type": "integer"},
        },
        "required": ["do"],
    }


def test_references_that_multiply_or_never_end_stay_small() -> None:
    doubled = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/n1"}, "b": {"$ref": "#/$defs/n1"}},
    }
    bomb: dict[str, Any] = {
        f"n{n}": json.loads(json.dumps(doubled).replace("n1", f"n{n + 1}")) for n in range(60)
    }
    for form in FORMS:
        made = shaped(
            {"type": "object", "properties": {"x": {"$ref": "#/$defs/n0"}}, "$defs": bomb}, form
        )
        assert len(json.dumps(made)) < 1_000_000
    deep: dict[str, Any] = {"type": "object", "properties": {}}
    # No parser lets more through; and thousands would end the tab's Python when they are freed.
    for _ in range(300):
        deep = {"type": "object", "properties": {"a": deep}}
    assert shaped(deep) == {"type": "object", "properties": {}}


MOVED = "https://generativelanguage.googleapis.com/v1beta/openai"


@pytest.mark.parametrize(
    ("who", "base_url", "model", "rule"),
    [
        ("openai", "", "gpt-5-mini", hold_for_all),
        ("openai-chat", "", "gpt-5-mini", hold_for_all),
        ("anthropic", "", "claude-haiku-4-5", hold_for_all),
        ("ollama", "", "llama3.2", hold_for_all),
        ("google", "", "gemini-2.5-flash", hold_for_gemini),
        ("other", MOVED, "gemini-2.5-flash", hold_for_openapi),
        ("openrouter", "", "google/gemini-2.5-flash", hold_for_openapi),
        ("other", "https://api.moonshot.ai/v1", "kimi-k2.6", hold_for_moonshot),
        ("openrouter", "", "moonshotai/kimi-k2.6", hold_for_moonshot),
    ],
)
def test_each_provider_is_told_in_its_form(who: str, base_url: str, model: str, rule: Any) -> None:
    schema = {"properties": PROPERTIES, "$defs": {"Node": NODE}}
    brought = Tool.from_schema("brought", "From a file.", {"type": "object"} | schema)
    tools = [brought.definition, everything.definition, ToolDefinition("bare", "", {})]
    asked = provider(who, base_url=base_url, key="k")
    request = asked.render([user("Hi")], model=model, options=Options(tools=tools), stream=True)
    told = json.loads(request.body)["tools"]
    told = told[0].get("functionDeclarations", told)
    assert len(told) == 3
    for one in told:
        one = one.get("function", one)
        words = ("parameters", "input_schema", "parametersJsonSchema")
        made = next(one[word] for word in words if word in one)
        hold_for_all(made)
        rule(made)


@pytest.mark.parametrize("form", FORMS)
def test_references_that_hold_at_once_do_not_multiply(form: Form) -> None:
    itself = {"allOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"a": {"type": "string"}}}
    assert "a" in shaped(itself, form)["properties"]
    chain: dict[str, Any] = {
        f"n{n}": {"allOf": [{"$ref": f"#/$defs/n{n + 1}"}] * 2} for n in range(60)
    }
    shaped({"allOf": [{"$ref": "#/$defs/n0"}] * 2, "$defs": chain}, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [["x"], {"x": 1}, 7, None])
def test_a_format_that_is_no_word_raises_nothing(form: Form, value: Any) -> None:
    made = shaped({"properties": {"a": {"type": "string", "format": value}}}, form)
    assert "a" in made["properties"]


def test_items_that_are_no_schemas_are_anything() -> None:
    tuples = {"type": "array", "items": [None, 3]}
    made = shaped({"type": "object", "properties": {"a": tuples}}, "json")
    assert made["properties"]["a"]["items"] == {}


@pytest.mark.parametrize("form", [form for form, words in FORMS.items() if words is not None])
def test_so_deep_and_so_large_a_schema_is_told_whole(form: Form) -> None:
    def cuts(properties: dict[str, Any]) -> int:
        told = shaped({"type": "object", "properties": properties}, form)
        return json.dumps(told).count("(the same again)")

    def nested(levels: int) -> dict[str, Any]:
        return {"type": "array", "items": nested(levels - 1)} if levels else {"type": "string"}

    assert [cuts({"a": nested(levels)}) for levels in (31, 32)] == [0, 1]
    many = {f"p{number}": {"type": "string"} for number in range(3000)}
    assert cuts(many) == 1  # with what holds them it is the 3,001st
    del many["p0"]
    assert cuts(many) == 0
