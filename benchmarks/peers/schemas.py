"""Writes `tests/core/tools/peer_schemas.json`: what four packages make of our test functions.

Each is asked in the way that it documents. A package that refuses a function is recorded with its
reason. Types are put in the package's words where it has other ones than ours for the same thing
(see `_in_their_words`). How to run it is said in `benchmarks.peers`.
"""

import functools
import json
import operator
import types
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, is_typeddict

import agents
import chatlas
import msgspec
import pydantic
import pydantic_ai
import typing_extensions
from ollama._utils import convert_function_to_tool

from tests.core.tools.tool_functions import FUNCTIONS

_TARGET = Path(__file__).resolve().parents[2] / "tests" / "core" / "tools" / "peer_schemas.json"
_BOUNDS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length")

Definition = dict[str, Any]


def main() -> None:
    record = {
        "versions": {name: version(name) for name in (*_PEERS, "pydantic")},
        "functions": {name: _of_all(function) for name, function in FUNCTIONS.items()},
    }
    text = json.dumps(record, indent=1, sort_keys=True, default=str)
    _TARGET.write_text(f"{text}\n", encoding="utf-8")


def _of_all(function: Callable[..., Any]) -> dict[str, Definition]:
    function.__annotations__ = {
        name: _in_their_words(annotation) for name, annotation in function.__annotations__.items()
    }
    return {name: _attempt(make, function) for name, make in _PEERS.items()}


def _attempt(make: Callable[[Any], Definition], function: Callable[..., Any]) -> Definition:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return make(function)
        # Whatever they raise is what they make of it.
        except Exception as error:
            first, *_ = str(error).splitlines() or [""]
            return {"error": f"{type(error).__name__}: {first}"}


def _ollama(function: Any) -> Definition:
    made = convert_function_to_tool(function).model_dump(exclude_none=True)["function"]
    for schema in made["parameters"].get("properties", {}).values():
        # It joins a set, whose order differs from run to run.
        schema["type"] = ", ".join(sorted(schema["type"].split(", ")))
    return _definition(made["name"], made["description"], made["parameters"])


def _openai_agents(function: Any) -> Definition:
    # Its strict mode makes every parameter required, whatever the function says.
    made = agents.function_tool(function, strict_mode=False)
    return _definition(made.name, made.description, made.params_json_schema)


def _pydantic_ai(function: Any) -> Definition:
    made = pydantic_ai.Tool(function).tool_def
    return _definition(made.name, made.description or "", made.parameters_json_schema)


def _chatlas(function: Any) -> Definition:
    made: Any = chatlas.Tool.from_func(function).schema["function"]
    return _definition(made["name"], made["description"], made["parameters"])


def _definition(name: str, description: str, parameters: Mapping[str, Any]) -> Definition:
    return {"name": name, "description": description, "parameters": parameters}


_PEERS: dict[str, Callable[[Any], Definition]] = {
    "ollama": _ollama,
    "openai-agents": _openai_agents,
    "pydantic-ai-slim": _pydantic_ai,
    "chatlas": _chatlas,
}


def _in_their_words(annotation: Any) -> Any:
    """Bounds and descriptions as pydantic's `Field`, `TypedDict` as that of typing_extensions,
    which is the only one that pydantic takes on Python 3.11.
    """
    if is_typeddict(annotation):
        fields = typing_extensions.get_type_hints(annotation, include_extras=True)
        optional = annotation.__optional_keys__
        made: Any = typing_extensions.TypedDict(  # type: ignore[misc]
            annotation.__name__,
            {
                name: typing_extensions.NotRequired[hint] if name in optional else hint
                for name, hint in fields.items()
            },
        )
        made.__doc__ = annotation.__doc__
        return made
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        notes = [_field(note) for note in annotation.__metadata__]
        return Annotated[(_in_their_words(arguments[0]), *notes)]
    if origin is Union or origin is types.UnionType:
        members = tuple(map(_in_their_words, arguments))
        is_same = members == arguments
        return annotation if is_same else functools.reduce(operator.or_, members)
    if origin in (list, dict, tuple, set, frozenset):
        return origin[tuple(map(_in_their_words, arguments))]
    return annotation


def _field(note: Any) -> Any:
    if not isinstance(note, msgspec.Meta):
        return note
    words = {name: getattr(note, name) for name in (*_BOUNDS, "description")}
    return pydantic.Field(**{name: value for name, value in words.items() if value is not None})


if __name__ == "__main__":
    main()
