"""Types -> JSON Schema (draft 2020-12), in the form that models are told of tools and answers.

msgspec says what a type is made of; the words are written here, because its own schemas sort the
values of enumerations, give them no `type`, and leave every class a `$ref`. A definition is put in
its place where it is small or needed once: several models and templates do not follow references.
Class names (`title`) are left out; the model pays for each word.
"""

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import inspect as types

from .shapes import Shape

Schema = dict[str, Any]

_PREFIX = "#/$defs/"
# In characters of JSON: about what a reference and its detour cost a reader.
_SMALL = 300

_PLAIN: dict[type[types.Type], Schema] = {
    types.AnyType: {},
    types.RawType: {},
    types.NoneType: {"type": "null"},
    types.BoolType: {"type": "boolean"},
    types.BytesType: {"type": "string", "contentEncoding": "base64"},
    types.ByteArrayType: {"type": "string", "contentEncoding": "base64"},
    types.MemoryViewType: {"type": "string", "contentEncoding": "base64"},
    types.DateTimeType: {"type": "string", "format": "date-time"},
    types.DateType: {"type": "string", "format": "date"},
    types.TimeType: {"type": "string", "format": "time"},
    types.TimeDeltaType: {"type": "string", "format": "duration"},
    types.UUIDType: {"type": "string", "format": "uuid"},
    types.DecimalType: {"anyOf": [{"type": "number"}, {"type": "string"}]},
}
_NUMBERS: dict[type[types.Type], str] = {types.IntType: "integer", types.FloatType: "number"}
_BOUNDS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
}
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def schemas(annotations: Sequence[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Return the schema of each adapted type, and the definitions (`$defs`) they refer to.

    Raises:
        TypeError: JSON has nothing for one of them.
    """
    writer = _Writer()
    written = [writer.schema(annotation) for annotation in annotations]
    return _inlined(written, writer.definitions)


def json_default(value: Any) -> Any:
    """Return a default in its JSON form, or `UNSET` where it has none."""
    try:
        return msgspec.to_builtins(value, str_keys=True)
    except (TypeError, ValueError, RecursionError):
        return msgspec.UNSET


class _Writer:
    """Writes schemas; types with a name go to `definitions`, each once."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._names: dict[Any, str] = {}

    def schema(self, annotation: Any) -> Schema:
        return self._write(types.type_info(annotation))

    def _write(self, info: types.Type) -> Schema:
        match info:
            case types.Metadata():
                return {**self._write(info.type), **(info.extra_json_schema or {})}
            case types.IntType() | types.FloatType():
                return {"type": _NUMBERS[type(info)], **_stated(info, _BOUNDS)}
            case types.StrType():
                return {"type": "string", **_lengths(info, "Length"), **_pattern(info)}
            case types.DictType():
                return self._write_dict(info)
            case types.SetType() | types.FrozenSetType():
                return {**self._write_list(info), "uniqueItems": True}
            case types.ListType() | types.CollectionType() | types.VarTupleType():
                return self._write_list(info)
            case types.TupleType():
                return _tuple([self._write(item) for item in info.item_types])
            case types.UnionType():
                return {"anyOf": [self._write(member) for member in info.types]}
            case types.LiteralType():
                return _choices(list(info.values))
            case types.EnumType():
                return {**_described(info.cls), **_choices([each.value for each in info.cls])}
            case (
                types.StructType()
                | types.DataclassType()
                | types.TypedDictType()
                | types.NamedTupleType()
            ):
                return self._write_class(info)
            case types.CustomType():
                return self._write_shape(info.cls)
        return dict(_PLAIN[type(info)])

    def _write_list(self, info: Any) -> Schema:
        items = self._write(info.item_type)
        return {"type": "array", **({"items": items} if items else {}), **_lengths(info, "Items")}

    def _write_dict(self, info: types.DictType) -> Schema:
        keys, values = self._write(info.key_type), self._write(info.value_type)
        schema: Schema = {"type": "object", **_lengths(info, "Properties")}
        if values:
            schema["additionalProperties"] = values
        if keys.get("type") == "string" and len(keys) > 1:
            schema["propertyNames"] = keys
        return schema

    def _write_class(self, info: Any) -> Schema:
        # Generic classes are the same class with other fields; the fields tell them apart.
        known = (info.cls, repr(getattr(info, "fields", ())))
        name = self._names.get(known)
        if name is None:
            name = self._names[known] = self._free_name(info.cls.__name__)
            self.definitions[name] = {}  # so that a class inside itself finds its name taken
            self.definitions[name] = {**_described(info.cls), **self._write_fields(info)}
        return {"$ref": _PREFIX + name}

    def _write_fields(self, info: Any) -> Schema:
        properties: dict[str, Schema] = {}
        tag = getattr(info, "tag_field", None)
        if tag is not None:
            properties[tag] = _choices([info.tag])
        required = [*properties]
        for field in info.fields:
            schema = self._write(field.type)
            default = _field_default(field)
            if default is not msgspec.UNSET:
                schema = {**schema, "default": default}
            properties[field.encode_name] = schema
            if field.required:
                required.append(field.encode_name)
        if getattr(info, "array_like", False) or isinstance(info, types.NamedTupleType):
            return _tuple(list(properties.values()), len(required))
        schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        if getattr(info, "forbid_unknown_fields", False):
            schema["additionalProperties"] = False
        return schema

    def _write_shape(self, cls: type) -> Schema:
        if issubclass(cls, Shape):
            return cls.schema(self.schema)
        raise TypeError(f"JSON has nothing for {cls.__module__}.{cls.__qualname__}")

    def _free_name(self, name: str) -> str:
        free, number = name, 1
        while free in self.definitions:
            number += 1
            free = f"{name}{number}"
        return free


def _choices(values: list[Any]) -> Schema:
    kinds = {type(value) for value in values}
    names = {_JSON_TYPES.get(kind) for kind in kinds}
    (name,) = names if len(names) == 1 else (None,)
    return {**({"type": name} if name else {}), "enum": values}


def _tuple(items: list[Schema], least: int | None = None) -> Schema:
    least = len(items) if least is None else least
    prefix = {"prefixItems": items} if items else {}
    return {"type": "array", **prefix, "minItems": least, "maxItems": len(items)}


def _field_default(field: types.Field) -> Any:
    if field.default_factory in (list, dict):
        return field.default_factory()
    return msgspec.UNSET if field.default is msgspec.NODEFAULT else json_default(field.default)


def _stated(info: Any, words: dict[str, str]) -> Schema:
    found = {word: getattr(info, name, None) for name, word in words.items()}
    return {word: value for word, value in found.items() if value is not None}


def _lengths(info: Any, of: str) -> Schema:
    return _stated(info, {"min_length": f"min{of}", "max_length": f"max{of}"})


def _pattern(info: types.StrType) -> Schema:
    return _stated(info, {"pattern": "pattern"})


def _described(cls: type) -> Schema:
    """The class's own docstring; the one that dataclasses and named tuples are given says nothing
    that the schema does not.
    """
    text = cls.__dict__.get("__doc__")
    if not text or text.startswith(f"{cls.__name__}("):
        return {}
    return {"description": inspect.cleandoc(text)}


def _inlined(
    written: list[Schema], definitions: dict[str, Schema]
) -> tuple[list[Schema], dict[str, Schema]]:
    """Put definitions in their place, but for what holds itself or is large and shared."""
    inner = {name: _references(schema) for name, schema in definitions.items()}
    uses = [name for schema in (*written, *definitions.values()) for name in _references(schema)]
    shared = {name for name in definitions if uses.count(name) > 1}
    large = {name for name, schema in definitions.items() if len(json.dumps(schema)) > _SMALL}
    kept = [name for name in definitions if name in shared & large or _reaches(name, name, inner)]

    def put(node: Any) -> Any:
        if isinstance(node, list):
            return [put(item) for item in node]
        if not isinstance(node, dict):
            return node
        name = _referred(node)
        if name is None or name in kept:
            return {key: put(value) for key, value in node.items()}
        # Words beside a reference are of the place, and say more than those of the class.
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**put(definitions[name]), **beside}

    return [put(schema) for schema in written], {name: put(definitions[name]) for name in kept}


def _referred(node: Schema) -> str | None:
    target = node.get("$ref")
    if isinstance(target, str) and target.startswith(_PREFIX):
        return target.removeprefix(_PREFIX)
    return None


def _references(node: Any) -> list[str]:
    found: list[str] = []
    _walk(node, lambda each: found.extend([name] if (name := _referred(each)) else []))
    return found


def _walk(node: Any, visit: Callable[[Schema], None]) -> None:
    if isinstance(node, dict):
        visit(node)
    for item in node.values() if isinstance(node, dict) else node:
        if isinstance(item, dict | list):
            _walk(item, visit)


def _reaches(name: str, target: str, inner: dict[str, list[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(inner[name])
    while waiting:
        each = waiting.pop()
        if each == target:
            return True
        if each not in seen:
            seen.add(each)
            waiting += inner[each]
    return False
