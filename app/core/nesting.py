"""Depth of JSON, told without parsing it, and of a value before it becomes JSON.

Parsers and writers of JSON call themselves for each level. CPython raises `RecursionError`; in the
tab some thousands of levels end the interpreter for good. So every text from outside is asked here
first, and every value of a tool.
"""

from collections.abc import Iterable
from typing import Any

# No provider nests deeper than its tools' schemas, and Python can't follow much deeper.
MAX_DEPTH = 128

_NO_MARK = bytes(set(range(256)) - set(b'[]{}"'))
# So many brackets are counted at a time where they can't lead too deep.
_AT_ONCE = MAX_DEPTH // 2


def is_too_deep(data: bytes) -> bool:
    """Tell whether a parser that begins at the first byte would go deeper than anybody means.

    Brackets inside strings do not count. Where `data` is not JSON, the answer holds for the part
    before the first mistake, which is all that a parser reads. Millions of brackets cost little:
    all but the last step is done by functions that are written in C.
    """
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return False
    marks = data.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NO_MARK)
    # Two quotes side by side are an empty string, or have nothing between two strings.
    brackets = b"".join(marks.replace(b'""', b"").split(b'"')[::2])
    depth = 0
    for at in range(0, len(brackets), _AT_ONCE):
        some = brackets[at : at + _AT_ONCE]
        if depth + len(some) > MAX_DEPTH and _goes_too_deep(some, depth):
            return True
        depth += 2 * (some.count(b"[") + some.count(b"{")) - len(some)
    return False


def _goes_too_deep(brackets: bytes, depth: int) -> bool:
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def nests_too_deep(value: Any) -> bool:
    """Tell whether writing a value as JSON would go deeper; one that holds itself does."""
    level = {id(value): value}
    for _ in range(MAX_DEPTH):
        level = {id(child): child for one in level.values() for child in _children(one)}
        if not level:
            return False
    return True


def repeats_too_often(value: Any, most: int) -> bool:
    """Tell whether parts that stand in a value more than once come again more than so often where
    it is written: parts that are shared over many levels come along all ways that lead to them.
    """
    seen: dict[int, Any] = {}
    repeats = 0
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if children := list(_children(one)):
            repeats += id(one) in seen
            if repeats > most:
                return True
            seen[id(one)] = one
            waiting += children
    return False


def _children(value: Any) -> Iterable[Any]:
    """List the values inside of a value, leaves left out."""
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


# Leaves of most values.
_LEAVES = (str, bytes, int, float, type, type(None))
