"""Our tools beside those that published packages make of the same functions.

`peer_schemas.json` is what they made (`benchmarks/peers` says how); where they agree, so do we,
but for what is named here with its reason.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.tools.function_tool import tool

from .peer_agreement import agreed, normalised
from .tool_functions import FUNCTIONS

RECORD: dict[str, Any] = json.loads(
    Path(__file__).with_name("peer_schemas.json").read_text(encoding="utf-8")
)

# Function and facet -> why ours differs.
OURS = {
    ("raw_bytes", "data: schema"): "bytes are base64 here, as msgspec reads them, and it says so",
}


def ours(name: str) -> dict[str, Any]:
    definition = tool(FUNCTIONS[name]).definition
    return normalised(
        {
            "name": definition.name,
            "description": definition.description,
            "parameters": definition.parameters,
        }
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_where_the_peers_agree_so_do_we(name: str) -> None:
    facets = ours(name)
    for facet, value in agreed(RECORD["functions"][name]).items():
        if (name, facet) not in OURS:
            assert facets.get(facet) == value, facet


def test_every_difference_that_is_excused_is_one() -> None:
    for name, facet in OURS:
        assert ours(name).get(facet) != agreed(RECORD["functions"][name])[facet]


def test_the_record_is_of_these_functions_and_says_much() -> None:
    assert RECORD["functions"].keys() == FUNCTIONS.keys()
    counts = [len(agreed(said)) for said in RECORD["functions"].values()]
    assert sum(count > 2 for count in counts) > 60
    assert sum(counts) > 400
