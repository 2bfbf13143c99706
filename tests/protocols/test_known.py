"""The known streams and requests are what the files in `known` say, to the last field."""

import json
from typing import Any

import pytest

from tests.protocols import known


def kept(kind: str, protocol: str) -> dict[str, Any]:
    text = known.file_of(kind, protocol).read_text(encoding="utf-8")
    return dict(map(json.loads, text.splitlines()))


@pytest.mark.parametrize("protocol", known.PROTOCOLS)
@pytest.mark.parametrize("kind", known.KEPT)
def test_nothing_has_changed_unseen(kind: str, protocol: str) -> None:
    expected = kept(kind, protocol)
    found = dict(map(json.loads, known.lines(known.KEPT[kind](protocol))))
    for name, value in found.items():
        assert value == expected.get(name), f"{name}: {known.HOW_TO_ACCEPT}"
    assert list(found) == list(expected)
