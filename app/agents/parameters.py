"""The values that a function is to be given, as its parameters say it."""

import inspect
from collections.abc import Callable
from functools import partial
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from ..core.errors import UsageError

# The whole request; the other names are those of its attributes.
REQUEST = "request"
_NAMES = ("messages", "message", "history", "files", "state", "user", "tools", REQUEST)


def given(function: Callable[..., Any]) -> tuple[list[str], dict[str, str]]:
    """Choose the value for each parameter, by the names of `Request`: of those that are given by
    their place, and of those by their name.

    Raises:
        UsageError: It needs something that it is not given; the message names it.
    """
    known = _parameters(function)
    named = [one for one in known if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    needed = [one for one in named if _is_needed(one)]
    values = {one.name: _value(one) for one in needed}
    unknown = [one for one in needed if values[one.name] is None]
    if len(unknown) == 1:
        [one] = unknown
        if _kind_name(one.annotation) == "str" and "message" not in values.values():
            values[one.name] = "message"
        elif len(needed) == 1:
            values[one.name] = "messages"
    if lacking := [name for name, value in values.items() if value is None]:
        raise UsageError(
            f"{_name(function)} asks for {lacking[0]!r}, which is not given; what there is: "
            f"{', '.join(_NAMES)}"
        )
    if not needed and any(one.kind is one.VAR_POSITIONAL for one in known):
        raise UsageError(
            f"{_name(function)} takes anything, which does not say what it is to be given: name "
            "its parameters; a decorator keeps those of a function with functools.wraps"
        )
    by_place: list[str] = []
    for one in named:
        if one.name not in values or one.kind is one.KEYWORD_ONLY:
            break
        by_place.append(values.pop(one.name) or "")
    return by_place, {name: value for name, value in values.items() if value}


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters that it has itself; of a decorator that takes anything, those of the function
    in it.
    """
    try:
        own = inspect.signature(function, follow_wrapped=False)
        takes_any = any(one.kind is one.VAR_POSITIONAL for one in own.parameters.values())
        try:
            found = inspect.signature(function, follow_wrapped=takes_any, eval_str=True)
        except Exception:  # an annotation that is there for type checkers alone
            found = inspect.signature(function, follow_wrapped=takes_any)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{function!r} is no function that can be called") from error
    return list(found.parameters.values())


def _is_needed(one: inspect.Parameter) -> bool:
    return one.default is one.empty or one.name in _NAMES or _is_request(one.annotation)


def _value(parameter: inspect.Parameter) -> str | None:
    if _is_request(parameter.annotation):
        return REQUEST
    return parameter.name if parameter.name in _NAMES else None


def _is_request(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_request(get_args(annotation)[0])
    if origin is Union or origin is UnionType:  # `Request | None`
        return any(map(_is_request, get_args(annotation)))
    return _kind_name(annotation) in ("Request", "tokenfall.Request")


def _kind_name(annotation: Any) -> str:
    """The name of a class, or what is written in its place; "" for any other object, which may
    be of any kind and is asked nothing.
    """
    name = annotation.__name__ if isinstance(annotation, type) else annotation
    return name if isinstance(name, str) else ""


def inner(function: Any) -> Any:
    """Give the function in a `functools.partial`, any other object itself."""
    while isinstance(function, partial):
        function = function.func
    return function


def _name(function: Callable[..., Any]) -> str:
    return getattr(inner(function), "__name__", "the function")
