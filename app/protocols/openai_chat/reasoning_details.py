"""OpenRouter's form of reasoning: fragments by type and index, to be sent back whole.

https://openrouter.ai/docs/use-cases/reasoning-tokens
"""

from typing import Any

from ..tolerant import as_int, as_str, clean

_GROWING = ("text", "summary", "data")


class ReasoningDetails:
    """The details of one answer."""

    def __init__(self) -> None:
        self._fields: dict[tuple[str, int], dict[str, Any]] = {}
        self._fragments: dict[tuple[str, int], dict[str, list[str]]] = {}

    def add(self, place: int, detail: dict[str, Any]) -> str:
        """Take the fragment at this place of its list; return what of it can be read."""
        index = as_int(detail.get("index"))
        key = as_str(detail.get("type")), place if index is None else index
        fields = self._fields.setdefault(key, {})
        fragments = self._fragments.setdefault(key, {})
        for name, value in detail.items():
            if name in _GROWING and isinstance(value, str):
                fields.setdefault(name, "")  # in the order in which the provider names them
                fragments.setdefault(name, []).append(value)
            elif value is not None and value != "":
                fields[name] = clean(value)
        text = detail.get("text") or detail.get("summary")
        return text if isinstance(text, str) else ""

    def whole(self) -> list[dict[str, Any]]:
        """Give the details as they are to be sent back."""
        return [
            fields | {name: clean("".join(texts)) for name, texts in self._fragments[key].items()}
            for key, fields in self._fields.items()
        ]

    def __bool__(self) -> bool:
        return bool(self._fields)
