"""One schema put into the words of draft 2020-12, whatever wrote it."""

from typing import Any

import pytest

from app.protocols.json_schema import References, mended


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


def test_references_to_references_are_followed_so_far_and_no_further() -> None:
    chain = {f"a{number}": {"$ref": f"#/$defs/a{number + 1}"} for number in range(40)}
    references = References({"$defs": {**chain, "a40": {"type": "string"}}})
    assert references.gathered({"$ref": "#/$defs/a9"}) == {"type": "string"}  # the 32nd
    assert references.gathered({"$ref": "#/$defs/a8"}) == {}
