"""Schemas of several packages for the same tool, put so that they can be compared."""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Any
Facets = dict[str, Any]

# A facet that a package cannot state: it says the same whatever the function is.
ABSTAINS = {
    # Of a parameter, ollama keeps the type and the words, and nothing of what is inside.
    "ollama": {"schema", "required inside"},
    # openai's strict form, which chatlas uses, requires every parameter and field.
    "chatlas": {"required", "required inside"},
    "openai-agents": set[str](),
    "pydantic-ai-slim": set[str](),
}


def normalised(definition: Mapping[str, Any]) -> Facets:
    """Split a tool into facets that can be equal: the one place that decides what counts.

    What does not count, because it tells a model nothing else: titles, defaults, whether unknown
    fields are refused, `{}` for anything; a definition by reference or in its place; the order of
    an enumeration; `const` for an enumeration of one; a union within a union; how words are broken
    into lines. Who has no words for a parameter is silent, since not all read docstrings.
    """
    parameters = definition["parameters"]
    definitions = parameters.get("$defs", parameters.get("defs", {}))
    required = parameters.get("required") or []
    properties = parameters.get("properties", {})
    facets: Facets = {
        "name": definition["name"],
        "description": inspect.cleandoc(definition["description"] or ""),
        "parameters": sorted(properties),
    }
    for name, raw in properties.items():
        schema = _plain(raw, definitions, ())
        inside: list[Any] = []
        facets[f"{name}: required"] = name in required
        if words := schema.pop("description", ""):
            facets[f"{name}: words"] = " ".join(words.split())
        facets[f"{name}: types"] = sorted(set(_types(schema)))
        facets[f"{name}: schema"] = _without_required(schema, inside)
        facets[f"{name}: required inside"] = inside
    return facets


def agreed(said: Mapping[str, Mapping[str, Any]]) -> Facets:
    """Return the facets in which all packages agree that can state them, at least two."""
    facets = {
        package: normalised(definition)
        for package, definition in said.items()
        if "error" not in definition
    }
    found: Facets = {}
    for name in {name for each in facets.values() for name in each}:
        kind = name.partition(": ")[2] or name
        speakers = [each for package, each in facets.items() if kind not in ABSTAINS[package]]
        values = [each[name] for each in speakers if name in each]
        is_said = len(values) > 1 and (kind == "words" or len(values) == len(speakers))
        if is_said and all(value == values[0] for value in values):
            found[name] = values[0]
    return found


def _plain(node: Schema, definitions: Mapping[str, Schema], inside: tuple[str, ...]) -> Schema:
    if isinstance(node, list):
        return [_plain(item, definitions, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in inside:
            return {"$ref": name}
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _plain({**definitions[name], **beside}, definitions, (*inside, name))
    plain = {}
    for key, value in node.items():
        if key in ("title", "default") or (
            key == "additionalProperties" and value in (True, False)
        ):
            continue
        if key == "properties":
            value = {name: _plain(each, definitions, inside) for name, each in value.items()}
        elif key != "enum":
            value = _plain(value, definitions, inside)
        if value != {}:
            plain[key] = value
    return _same_words(plain)


def _same_words(node: dict[str, Schema]) -> dict[str, Schema]:
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if "enum" in node:
        node["enum"] = sorted(node["enum"], key=json.dumps)
    if "anyOf" in node:
        flat: list[Any] = []
        for member in node["anyOf"]:
            flat += member["anyOf"] if set(member) == {"anyOf"} else [member]
        node["anyOf"] = flat
    return node


def _types(schema: Schema) -> Iterator[str]:
    for member in schema.get("anyOf", []):
        yield from _types(member)
    # ollama writes several types as one string, and leaves null to `required`.
    yield from (name for name in schema.get("type", "").split(", ") if name not in ("", "null"))


def _without_required(node: Schema, found: list[Any]) -> Schema:
    if isinstance(node, list):
        return [_without_required(item, found) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(required := node.get("required"), list):
        found.append(sorted(required))
    return {
        key: _without_required(value, found)
        for key, value in node.items()
        if not (key == "required" and isinstance(value, list))
    }
