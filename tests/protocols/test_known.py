"""The known streams and requests are what the files in `known` say, to the last field."""

import json

import pytest

from tests.protocols import kept, known


@pytest.mark.parametrize("protocol", known.PROTOCOLS)
@pytest.mark.parametrize("kind", known.KEPT)
def test_nothing_has_changed_unseen(kind: str, protocol: str) -> None:
    expected = kept.read(f"{kind}-{protocol}")
    found = json.loads(json.dumps(known.KEPT[kind](protocol)))
    for name, value in found.items():
        assert value == expected.get(name), f"{name}: {kept.HOW_TO_ACCEPT}"
    assert list(found) == list(expected)
