"""The streams of our own, of every protocol: the same at every cut of their bytes, and wherever
they break off never taken for whole, with all that had come.
"""

import random

import pytest

from tests.cases import records
from tests.cases.cutting import cut_between_records, cut_inside_records

from .growing import STREAMS
from .wire import decode

# Of the core of each; the same stream is longer in `test_linear`.
COUNT = 3
CUTS_INSIDE_RECORDS = 5
# The end of these takes back what they said, or they end in what is no record.
NO_PREFIX = {
    *("messages that lag behind", "citations", "sources told again and again"),
    *("messages one behind the other", "records that are not JSON"),
}
CASES = [
    (protocol, kind)
    for protocol, kinds in STREAMS.items()
    for kind in kinds
    if protocol not in ("openai-chat", "anthropic-messages") or kind not in NO_PREFIX
]


@pytest.mark.parametrize(("protocol", "kind"), CASES)
def test_cut_anywhere(protocol: str, kind: str) -> None:
    body = b"".join(STREAMS[protocol][kind](COUNT))
    decode(body, protocol)
    parts = records.split(body, protocol)
    assert b"".join(parts) == body
    cut_between_records(parts, protocol)
    cut_inside_records(body, protocol, random.Random(kind), CUTS_INSIDE_RECORDS)
