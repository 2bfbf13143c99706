"""A plain function -> what a model must know to call it, and the call's arguments in Python.

The names are the parameters', the types their annotations', the words the docstring's (Google,
NumPy or reST style) or those in `Annotated`, which win.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import msgspec

from ..errors import UsageError
from .checking import Mismatch, checked, expectation
from .schema import Schema, json_default, schemas
from .shapes import adapted

_Kind = inspect.Parameter
_MISSING = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a function's call."""

    positional: list[Any] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    type: Any
    default: Any
    is_positional: bool
    schema: Schema

    @property
    def is_required(self) -> bool:
        return self.default is _MISSING


class Signature:
    """The parameters of one function.

    Raises:
        UsageError: JSON cannot carry a call of this function; the message says why.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = getattr(function, "__name__", "")
        self.description, words = _documentation(function)
        self._parameters, definitions = _parameters(function, self.name, words)
        self.schema = _object(self._parameters, definitions)

    def bind(self, arguments: Mapping[str, Any]) -> Call:
        """Check and convert what a model wrote.

        Raises:
            Mismatch: It does not fit; all that is wrong with it, at once.
        """
        problems = [*_strangers(arguments, self._parameters)]
        call = Call()
        for parameter in self._parameters:
            if parameter.name not in arguments:
                value = parameter.default
                if parameter.is_required:
                    problems.append(_is_missing(parameter))
                elif not parameter.is_positional:
                    continue
            else:
                try:
                    value = _read(arguments[parameter.name], parameter)
                except ValueError as error:
                    problems.append(str(error))
                    continue
            if parameter.is_positional:
                call.positional.append(value)
            else:
                call.named[parameter.name] = value
        if problems:
            raise Mismatch("The arguments do not fit", problems)
        return call


def _read(value: Any, parameter: _Parameter) -> Any:
    try:
        return checked(value, parameter.type, parameter.name, parameter.schema)
    except ValueError:
        # Models that must name every parameter write null for those they leave out.
        if value is None and not parameter.is_required:
            return parameter.default
        raise


def _strangers(arguments: Mapping[str, Any], parameters: tuple[_Parameter, ...]) -> list[str]:
    known = [parameter.name for parameter in parameters]
    names = ", ".join(known)
    there = f"the parameters are: {names}" if names else "there are no parameters"
    return [f"{name}: unknown parameter; {there}" for name in arguments if name not in known]


def _is_missing(parameter: _Parameter) -> str:
    wanted = expectation(parameter.schema)
    return f"{parameter.name}: missing" + (f"; expected {wanted}" if wanted else "")


def _object(parameters: tuple[_Parameter, ...], definitions: dict[str, Schema]) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {parameter.name: parameter.schema for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.is_required],
        "additionalProperties": False,
    }
    return schema | ({"$defs": definitions} if definitions else {})


def _parameters(
    function: Callable[..., Any], name: str, words: Mapping[str, str]
) -> tuple[tuple[_Parameter, ...], dict[str, Schema]]:
    raw = _raw_parameters(function, name)
    hints = _hints(function, name)
    types = [_type(hints.get(each.name, Any), each.name, name) for each in raw]
    try:
        bare, definitions = schemas(types)
    except (TypeError, NameError) as error:
        raise UsageError(f"the types of {name} have no JSON Schema: {error}") from error
    return tuple(
        _Parameter(
            each.name,
            type,
            each.default,
            each.kind is _Kind.POSITIONAL_ONLY,
            _worded(type, schema, words.get(each.name, ""), each.default),
        )
        for each, type, schema in zip(raw, types, bare, strict=True)
    ), definitions


def _raw_parameters(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name or function!r} has no signature that can be read") from error
    for each in parameters:
        if each.kind in (_Kind.VAR_POSITIONAL, _Kind.VAR_KEYWORD):
            stars = "*" if each.kind is _Kind.VAR_POSITIONAL else "**"
            raise UsageError(
                f"{name} takes {stars}{each.name}, of which a model cannot be told: name each "
                f"parameter, or take one list or dict"
            )
    if isinstance(function, functools.partial):
        # Given already, and perhaps not for the model's eyes.
        parameters = [each for each in parameters if each.name not in function.keywords]
    if parameters and parameters[0].name in ("self", "cls"):
        raise UsageError(
            f"{name} is a method without its object: make the tool of the bound method"
        )
    return parameters


def _hints(function: Callable[..., Any], name: str) -> dict[str, Any]:
    while isinstance(function, functools.partial):
        function = function.func
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        function = type(function).__call__
    if inspect.isclass(function):
        function = function.__init__  # its parameters, not its fields
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise UsageError(f"an annotation of {name} cannot be read: {error}") from error
    except TypeError:
        return {}  # builtins have no annotations


def _type(annotation: Any, parameter: str, name: str) -> Any:
    try:
        type = adapted(annotation)
        schemas([type])
    except (TypeError, NameError) as error:
        raise UsageError(
            f"{name} cannot be called by a model, because of the type of {parameter}: {error}"
        ) from error
    return type


def _worded(type: Any, schema: Schema, words: str, default: Any) -> Schema:
    worded = dict(schema)
    # A class may bring words of its own, which are about the class.
    own = getattr(msgspec.inspect.type_info(type), "extra_json_schema", None) or {}
    if words and "description" not in own:
        worded["description"] = words
    if default is not _MISSING and (value := json_default(default)) is not msgspec.UNSET:
        worded["default"] = value
    return worded


def _documentation(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """The description of a function and of its parameters, from its docstring."""
    # Read when it is needed: the page starts without tools.
    import docstring_parser

    text = inspect.getdoc(function.func if isinstance(function, functools.partial) else function)
    if not text:
        return "", {}
    if _is_slow_to_parse(text):
        return text, {}
    # A blank first line lets the parser find the headings of a text that begins with one.
    parsed = docstring_parser.parse(f"\n{text}")
    words = {
        name.strip().lstrip("*"): (each.description or "").strip()
        for each in parsed.params
        for name in each.arg_name.split(",")
    }
    return (parsed.description or "").strip(), words


def _is_slow_to_parse(text: str) -> bool:
    """docstring-parser goes over the rest of a line, squared, for each bracket that opens in it."""
    return sum(line.count("(") * len(line) ** 2 for line in text.splitlines()) > 2_000_000
