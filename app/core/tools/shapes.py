"""Annotations as people write them, made into types that msgspec can carry.

msgspec refuses some unions (two dataclasses, a date or a string), mixed enumerations and paths, and
passes over a string in `Annotated`. Here each becomes a type that it takes: a string becomes
`Meta(description=…)`, the rest a class of this module whose `read` and `schema` do what is missing.
Types inside the fields of a dataclass, TypedDict, NamedTuple or Struct stay as they are.
"""

import functools
import operator
import types
from collections import abc
from collections.abc import Callable
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Literal, LiteralString, Union, get_args, get_origin

import msgspec
from msgspec.inspect import type_info

_CONTAINERS: dict[Any, Any] = {
    **{kind: kind for kind in (list, set, frozenset, tuple, dict)},
    **{kind: kind for kind in (abc.Collection, abc.Sequence, abc.MutableSequence)},
    **{kind: kind for kind in (abc.Set, abc.MutableSet, abc.Mapping, abc.MutableMapping)},
    # Types that can be gone through once: a list is one.
    abc.Iterable: abc.Sequence,
    abc.Iterator: abc.Sequence,
}
_BOUNDS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz")
# How the message begins where a value is of no type of a union; the reasons follow.
NO_MEMBER = "none of the possible types fits"
_NOTES = ("title", "description", "examples", "extra_json_schema")


class _TakesAnyInstance(type):
    # msgspec checks what a hook made against the class; what ours make is no instance of it.
    def __instancecheck__(cls, value: object) -> bool:
        return True


class Shape(metaclass=_TakesAnyInstance):
    """A type that msgspec leaves to us. Each one is a class of its own, as msgspec wants it."""

    @classmethod
    def read(cls, value: Any, strict: bool) -> Any:
        """Convert a JSON value.

        Raises:
            ValueError: It does not fit; the message says what would.
        """
        raise NotImplementedError

    @classmethod
    def schema(cls, schema_of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        raise NotImplementedError


class OneOf(Shape):
    """A union that msgspec does not take: of the members that fit, the one that fits best."""

    members: ClassVar[tuple[Any, ...]]

    @classmethod
    def read(cls, value: Any, strict: bool) -> Any:
        fitting = []
        reasons = []
        for member in cls.members:
            # msgspec passes over fields that it does not know; the member that knows most is meant.
            unknown = _unknown_fields(value, member)
            for is_strict in (True, False):
                try:
                    read = convert(value, member, strict=is_strict)
                except msgspec.ValidationError as error:
                    reason = f"{_name(member)}: {error}"
                else:
                    fitting.append((unknown, not is_strict, read))
                    break
            else:
                reasons.append(reason)
        if not fitting:
            raise ValueError(f"{NO_MEMBER} ({'; '.join(reasons)})")
        return min(fitting, key=lambda found: found[:2])[2]

    @classmethod
    def schema(cls, schema_of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {"anyOf": [schema_of(member) for member in cls.members]}


class MixedEnum(Shape):
    """An enumeration whose values are neither all strings nor all integers."""

    enum: ClassVar[type[Enum]]

    @classmethod
    def read(cls, value: Any, strict: bool) -> Any:
        for member in cls.enum:
            # 1 == True == 1.0, and only one of them is meant.
            if member.value == value and type(member.value) is type(value):
                return member
        raise ValueError(f"Invalid enum value {value!r}")

    @classmethod
    def schema(cls, schema_of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {"enum": [msgspec.to_builtins(member.value) for member in cls.enum]}


class FilePath(Shape):
    """A path, written as a string."""

    path: ClassVar[type[PurePath]]

    @classmethod
    def read(cls, value: Any, strict: bool) -> Any:
        if isinstance(value, str | PurePath):
            return cls.path(value)
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")

    @classmethod
    def schema(cls, schema_of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {"type": "string", "format": "path"}


def adapted(annotation: Any) -> Any:
    """Return the type that msgspec carries for an annotation.

    Raises:
        TypeError, NameError: JSON has nothing for it, or a name in it is unknown.
    """
    return _adapted(annotation, ())


def convert(value: Any, type: Any, *, strict: bool) -> Any:
    """Convert a JSON value to an adapted type.

    Raises:
        msgspec.ValidationError: It does not fit.
    """

    def hook(shape: Any, value: Any) -> Any:
        if issubclass(shape, Shape):
            return shape.read(value, strict)
        raise ValueError(f"Expected `{shape.__name__}`, which JSON cannot carry")

    return msgspec.convert(value, type, strict=strict, dec_hook=hook)


def _adapted(annotation: Any, aliases: tuple[Any, ...]) -> Any:
    if annotation is object or annotation in aliases:
        return Any  # an alias inside itself has no end
    if annotation is LiteralString:
        return str
    if (supertype := getattr(annotation, "__supertype__", None)) is not None:
        return _adapted(supertype, aliases)
    if type(annotation).__name__ == "TypeAliasType":
        return _adapted(annotation.__value__, (*aliases, annotation))
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        return _annotated(_adapted(arguments[0], aliases), annotation.__metadata__)
    if origin is Union or origin is types.UnionType:
        return _union(tuple(_adapted(member, aliases) for member in arguments))
    if origin is Literal:
        # msgspec sorts the values; their order may matter to the model.
        noted = msgspec.Meta(extra_json_schema={"enum": list(arguments)})
        return Annotated[annotation, noted]
    if origin in _CONTAINERS:
        items = tuple(item if item is ... else _adapted(item, aliases) for item in arguments)
        return _CONTAINERS[origin][items]
    if isinstance(annotation, type):
        return _adapted_class(annotation)
    return annotation


def _adapted_class(annotation: type) -> Any:
    if issubclass(annotation, PurePath):
        return _made(FilePath, path=annotation)
    if issubclass(annotation, Enum):
        kinds = {type(member.value) for member in annotation}
        return annotation if kinds in ({str}, {int}) else _made(MixedEnum, enum=annotation)
    return _CONTAINERS.get(annotation, annotation)


def _annotated(annotation: Any, metadata: tuple[Any, ...]) -> Any:
    notes = [msgspec.Meta(description=note) if isinstance(note, str) else note for note in metadata]
    for note in notes:
        if isinstance(note, msgspec.Meta):
            annotation = _noted(annotation, note)
    return annotation


def _noted(annotation: Any, note: msgspec.Meta) -> Any:
    """`Annotated`, also where the bounds are meant for one member of a union only."""
    noted = Annotated[annotation, note]
    try:
        type_info(noted)
    except TypeError:
        bounds = _part(note, _BOUNDS)
        members = annotation.members if _is_one_of(annotation) else get_args(annotation)
        if bounds is None or len(members) < 2:
            raise
        bounded = tuple(_bounded(member, bounds) for member in members)
        if bounded == tuple(members):
            raise
        union = _union(bounded)
        words = _part(note, _NOTES)
        return union if words is None else Annotated[union, words]
    return noted


def _bounded(member: Any, bounds: msgspec.Meta) -> Any:
    noted = Annotated[member, bounds]
    try:
        type_info(noted)
    except TypeError:
        return member
    return noted


def _part(note: msgspec.Meta, names: tuple[str, ...]) -> msgspec.Meta | None:
    values = {name: value for name in names if (value := getattr(note, name)) is not None}
    return msgspec.Meta(**values) if values else None


def _union(members: tuple[Any, ...]) -> Any:
    union: Any = functools.reduce(operator.or_, members)
    try:
        type_info(union)
    except TypeError:
        for member in members:
            type_info(member)
        flat = (each.members if _is_one_of(each) else (each,) for each in members)
        return _made(OneOf, members=tuple(member for group in flat for member in group))
    return union


def _is_one_of(annotation: Any) -> bool:
    # Every value is an instance of a shape, so `isinstance` says nothing here.
    return type(annotation) is _TakesAnyInstance and OneOf in annotation.__mro__


def _made(shape: type[Shape], **values: Any) -> Any:
    return _TakesAnyInstance(shape.__name__, (shape,), values)


def _unknown_fields(value: Any, member: Any) -> int:
    if not isinstance(value, dict):
        return 0
    info = type_info(member)
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    fields = getattr(info, "fields", None)
    if fields is None:
        return 0
    known = {field.encode_name for field in fields} | {getattr(info, "tag_field", None)}
    return len(value.keys() - known)


def _name(member: Any) -> str:
    origin = get_origin(member)
    if origin is Annotated:
        return _name(get_args(member)[0])
    if origin is not None or not isinstance(member, type):
        return str(member).replace("typing.", "")
    return "null" if member is type(None) else member.__name__
