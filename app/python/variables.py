"""The names of a session, as a list of them shows them."""

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from .messages import Variable, Variables
from .plain import cut, text_of

_MOST = 500
_MOST_TEXT = 120
_MOST_ITEMS = 10


def listed(names: Mapping[str, object]) -> Variables:
    """List the names that a person has given: no modules, and nothing that begins with an
    underscore.
    """
    shown = [
        (name, value)
        for name, value in names.items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    ]
    return Variables([_of(name, value) for name, value in shown[:_MOST]])


def _of(name: str, value: object) -> Variable:
    text = text_of(value, _MOST_TEXT, _MOST_ITEMS) if not _is_large(value) else ""
    line = " ".join(text.split())
    return Variable(cut(name, 200), type(value).__name__, _shape(value), _size(value), line)


def _is_large(value: object) -> bool:
    """Tell whether writing it would take long only to throw it away: large objects have a shape."""
    return bool(_shape_of(value)) and not isinstance(value, str | bytes | list | dict | tuple | set)


def _shape(value: object) -> str:
    if shape := _shape_of(value):
        return " × ".join(f"{side:,}" for side in shape)
    if isinstance(value, str | bytes | bytearray | list | dict | tuple | set | frozenset):
        return f"{len(value):,}"
    return ""


def _shape_of(value: object) -> tuple[int, ...]:
    try:
        shape: Any = getattr(value, "shape", ())
        if isinstance(shape, tuple) and all(isinstance(side, int) for side in shape):
            return shape
    except Exception:
        return ()
    return ()


def _size(value: object) -> int | None:
    """Give the size in bytes, as far as the object itself tells it."""
    if isinstance(value, type):
        return None
    try:
        if hasattr(value, "memory_usage"):  # pandas
            used = value.memory_usage(index=True)
            return int(used if isinstance(used, int) else used.sum())
        if hasattr(value, "estimated_size"):  # polars
            return int(value.estimated_size())
        if isinstance(found := getattr(value, "nbytes", None), int):
            return found
        return sys.getsizeof(value)
    except Exception:
        return None
