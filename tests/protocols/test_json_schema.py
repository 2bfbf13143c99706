"""One schema put into the words of draft 2020-12, whatever wrote it."""

from typing import Any

import pytest

from app.protocols.json_schema import mended


@pytest.mark.parametrize(
    ("written", "node"),
    [
        ({"type": "string"}, {"type": "string"}),
        ({"const": 1}, {"enum": [1]}),
        ({"enum": []}, {}),
        ({"enum": ["a"]}, {"enum": ["a"]}),
        ({"type": "object", "required": True}, {"type": "object"}),
        ({"type": "object", "required": ["a", 1]}, {"type": "object", "required": ["a"]}),
        (
            {"type": "array", "items": [{"type": "string"}]},
            # The members of a tuple are of this kind, also for who knows no `prefixItems`.
            {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}},
        ),
        ({"type": "object", "properties": []}, {"type": "object"}),
        ("no schema", {}),
        (None, {}),
    ],
)
def test_mended(written: Any, node: dict[str, Any]) -> None:
    assert mended(written) == node
