"""JSON Schemas as people and programs write them, in one draft and without what leads nowhere.

They come from Python functions, which write them well, and from tools that people bring along,
which hold what any generator and any draft makes.
"""

from typing import Any

from .tolerant import as_dict, as_list

Schema = dict[str, Any]

# Words whose value is a schema, a list of schemas, schemas by name.
_ONE = ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames")
_SEVERAL = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
# Words of a place, and not of what stands there.
PLACE = ("title", "description", "default")
_NOT_FOR_A_MODEL = ("$schema", "$id", "$comment")
_NOT_AT_THE_ROOT = (
    *("anyOf", "oneOf", "enum", "nullable", "not", "if", "then", "else", "dependentSchemas"),
)

_TYPES = {
    **{
        kind: kind for kind in ("string", "integer", "number", "boolean", "object", "array", "null")
    },
    **{"str": "string", "int": "integer", "float": "number", "bool": "boolean"},
    **{"list": "array", "tuple": "array", "dict": "object", "none": "null"},
}
_MOST_STEPS = 32


class References:
    """The references inside one schema, with the schemas they lead to."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def target(self, name: object) -> Any:
        """Find the schema that a reference names; None where there is none, or in another
        document.
        """
        if not isinstance(name, str) or not name.startswith("#"):
            return None
        found: Any = self._schema
        for step in name.split("/")[1:]:
            found = as_dict(found).get(step.replace("~1", "/").replace("~0", "~"))
        return found

    def step(self, node: Schema) -> Schema:
        """Follow a schema's reference; join its target with the words beside it."""
        beside = {word: value for word, value in node.items() if word != "$ref"}
        place = {word: beside[word] for word in PLACE if word in beside}
        return joined(beside, mended(self.target(node["$ref"]))) | place

    def gathered(self, written: Any) -> Schema:
        """A schema with all that must hold at once (`$ref`, `allOf`) in one."""
        node, known = mended(written), set[str]()
        for _ in range(_MOST_STEPS):
            if "$ref" in node:
                node = self.step(node)
            elif parts := node.pop("allOf", None):
                for part in map(mended, parts):
                    name = str(part.get("$ref", ""))
                    if name in known:  # what holds twice holds once; else they would multiply
                        del part["$ref"]
                    elif name:
                        known.add(name)
                        part = self.step(part)
                    node = joined(node, part)
            else:
                return node
        return {word: value for word, value in node.items() if word not in ("$ref", "allOf")}

    def root(self) -> Schema:
        """Give the schema as one object: providers take no choice there, so it has the properties
        of all choices.
        """
        node = self.gathered(self._schema)
        choices = [self.gathered(one) for one in alternatives(node)]
        properties: Schema = {}
        for one in (node, *choices):
            for name, value in as_dict(one.get("properties")).items():
                known = properties.setdefault(name, value)
                if known != value:
                    properties[name] = {"anyOf": [known, value]}
        required = set(as_list(node.get("required")))
        if choices:
            required |= set.intersection(*(set(as_list(one.get("required"))) for one in choices))
        root = {word: value for word, value in node.items() if word not in _NOT_AT_THE_ROOT}
        if "required" in root or required:
            root["required"] = [name for name in properties if name in required]
        return root | {"type": "object", "properties": properties}

    def sound(self, node: Any) -> Schema:
        """A schema, and all in it, with nothing that a strict reader stumbles over."""
        node = mended(node)
        if self.target(node.get("$ref")) is None:
            node.pop("$ref", None)
        return {word: self._sound(word, value) for word, value in node.items()}

    def _sound(self, word: str, value: Any) -> Any:
        if word in _ONE and isinstance(value, dict):
            return self.sound(value)
        if word in _SEVERAL:
            return [self.sound(one) for one in value]
        if word in _NAMED:
            return {name: self.sound(one) for name, one in value.items() if one is not False}
        return value


def alternatives(node: Schema) -> list[Any]:
    """The schemas that a schema lets choose between."""
    return [*node.get("anyOf", ()), *node.get("oneOf", ())]


def joined(outer: Schema, inner: Schema) -> Schema:
    """One schema of two that hold at once; where they differ, the inner one says more."""
    both = outer | inner
    if "properties" in outer and "properties" in inner:
        both["properties"] = outer["properties"] | inner["properties"]
    if "required" in outer and "required" in inner:
        both["required"] = list(dict.fromkeys([*outer["required"], *inner["required"]]))
    if "allOf" in outer and "allOf" in inner:
        both["allOf"] = [*outer["allOf"], *inner["allOf"]]
    return both


def mended(written: Any) -> Schema:
    """A copy of one schema in the words of draft 2020-12: not of those inside of it."""
    words = as_dict(written).items()
    node = {word: value for word, value in words if word not in _NOT_FOR_A_MODEL}
    if isinstance(items := node.get("items"), list):  # a tuple, in earlier drafts
        node["prefixItems"] = items
        del node["items"]
    for word in _SEVERAL:
        if word in node and not as_list(node[word]):
            del node[word]
    for word in _NAMED:
        if word in node and not isinstance(node[word], dict):
            del node[word]
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if "enum" in node and not as_list(node["enum"]):
        del node["enum"]
    if "required" in node and not isinstance(node["required"], list):
        del node["required"]  # in earlier drafts a word of the property
    elif "required" in node:
        node["required"] = [name for name in node["required"] if isinstance(name, str)]
    _mend_type(node)
    _mend_bounds(node)
    return node


def _mend_type(node: Schema) -> None:
    if "type" not in node:
        return
    told = node["type"] if isinstance(node["type"], list) else [node["type"]]
    kinds = list(dict.fromkeys(_TYPES.get(str(one).lower(), "") for one in told))
    if "" in kinds or not kinds:  # such as "any"
        del node["type"]
    else:
        node["type"] = kinds if len(kinds) > 1 else kinds[0]
    if "array" in kinds and not isinstance(node.get("items"), dict):
        # OpenAI and Gemini want it told in any case.
        different: list[Any] = []
        for one in map(as_dict, as_list(node.get("prefixItems"))):
            different += [one] if one not in different else []
        choice = different[0] if len(different) == 1 else {"anyOf": different}
        node["items"] = choice if different else {}


def _mend_bounds(node: Schema) -> None:
    """Turn exclusive bounds of draft 4, told by a word beside the number, into those of today."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(is_exclusive := node.get(exclusive), bool):
            del node[exclusive]
            if is_exclusive and bound in node:
                node[exclusive] = node.pop(bound)
