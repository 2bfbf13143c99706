"""How deep JSON nests, told without parsing it, and how deep a value that is to become JSON.

Parsers and writers of JSON call themselves for each level. CPython raises `RecursionError`; in the
tab some thousands of levels end the interpreter for good. So every text from outside is asked here
first, and every value of a tool.
"""

import re
from collections.abc import Iterable
from typing import Any

# No provider nests deeper than its tools' schemas, and Python can't follow much deeper.
MAX_DEPTH = 128

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def is_too_deep(data: bytes) -> bool:
    """Whether a parser that begins at the first byte would go deeper than anybody means.

    Brackets inside strings do not count. Where `data` is not JSON, the answer holds for the part
    before the first mistake, which is all that a parser reads.
    """
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def nests_too_deep(value: Any) -> bool:
    """Whether writing a value as JSON would go deeper; what holds itself is too deep anyway."""
    level = {id(value): value}
    for _ in range(MAX_DEPTH):
        level = {id(child): child for one in level.values() for child in _children(one)}
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    """What is inside a value and may have an inside of its own."""
    if isinstance(value, dict):
        inside: Iterable[Any] = value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        inside = value
    else:
        fields = getattr(value, "__struct_fields__", ()) or getattr(
            value, "__dataclass_fields__", ()
        )
        inside = [getattr(value, name, None) for name in fields]
    return [one for one in inside if not isinstance(one, _LEAVES)]


# What most values end in.
_LEAVES = (str, bytes, int, float, type, type(None))
