"""Any value as JSON: what JSON, or the records of ours, can't hold is marked, all else stays."""

import json
import math
from typing import Any

import msgspec

from .nesting import nests_too_deep, repeats_too_often

# What a value in a value in … is not shown any more; whoever reads JSON of ours stops later.
_MOST_DEPTH = 100
_MOST_CHARACTERS = 20_000
# So many times something is shown that was shown before.
_MOST_REPEATS = 5000
_HOLDS_ITSELF = "(holds itself)"
_SHOWN = "(shown before)"


def paired(text: str) -> str:
    """Mark the halves of characters that stand alone, which UTF-8 has no form for."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encoded(value: Any) -> bytes:
    """JSON of a value of ours; half characters, which a page may hold, as U+FFFD."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(plain(msgspec.to_builtins(value)))


def json_text(value: Any) -> str:
    """Write any value as JSON."""
    try:
        if _is_soon_written(value):
            return paired(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str))
    except Exception:  # a key, a number, or the text that an object gives of itself
        pass
    return json.dumps(plain(value), ensure_ascii=False, default=said)


def plain(value: Any) -> Any:
    """The same value, of what JSON and the records of ours can hold."""
    return _Plain().of(value, ())


class _Plain:
    """Makes one value plain. What stands in it again and again is written some times only: values
    that hold each other would be written along all ways through them.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._repeats = 0

    def of(self, value: Any, holders: tuple[int, ...]) -> Any:
        match value:
            case None | bool():
                return value
            case str():
                return paired(str(value))
            case int() if value.bit_length() <= 64:
                return int(value)
            case float() if math.isfinite(value):
                return float(value)
            case dict() | list() | tuple() if not value:
                return value
            case dict() | list() | tuple() | msgspec.Struct():
                if id(value) in holders:
                    return _HOLDS_ITSELF
                is_known = id(value) in self._seen
                self._repeats += is_known
                if self._repeats > _MOST_REPEATS and is_known:
                    return _SHOWN
                if len(holders) >= _MOST_DEPTH:
                    return _too_deep(value)
                self._seen.add(id(value))
                return self._container(value, (*holders, id(value)))
        return said(value)

    def _container(self, value: Any, holders: tuple[int, ...]) -> Any:
        if isinstance(value, dict):
            found: dict[str, Any] = {}
            for key, one in value.items():
                name = paired(str(key)) if isinstance(key, str) else said(key)
                while name in found:  # two keys that differ in what can't be written
                    name += "′"
                found[name] = self.of(one, holders)
            return found
        if isinstance(value, msgspec.Struct):
            fields = msgspec.structs.asdict(value)
            sound = {name: self.of(one, holders) for name, one in fields.items()}
            return msgspec.structs.replace(value, **sound)
        items = [self.of(one, holders) for one in value]
        return tuple(items) if isinstance(value, tuple) else items


def said(value: Any) -> str:
    """Text that Python makes of a value, also of one that it can make none of."""
    if not _is_soon_written(value):
        return _too_deep(value)
    try:
        text = repr(value)
    except Exception as error:
        kind = type(value).__name__
        if isinstance(value, int):
            return f"<int of {value.bit_length():,} bits>"
        return f"<{kind} object, whose repr raised {type(error).__name__}>"
    more = len(text) - _MOST_CHARACTERS
    return paired(f"{text[:_MOST_CHARACTERS]}… ({more:,} characters more)" if more > 0 else text)


def _is_soon_written(value: Any) -> bool:
    """Tell whether writing a value comes to an end that one can wait for."""
    return not nests_too_deep(value) and not repeats_too_often(value, _MOST_REPEATS)


def _too_deep(value: Any) -> str:
    return f"<{type(value).__name__} object, which nests too deep>"


def loses_numbers(value: Any, data: bytes) -> bool:
    """Tell whether `data`, which msgspec wrote of a value, has `null` in the place of a NaN or an
    infinite number.
    """
    return b"null" in data and _has_no_number(msgspec.to_builtins(value, str_keys=True))


def _has_no_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_no_number, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_no_number, value))
    return isinstance(value, float) and not math.isfinite(value)
