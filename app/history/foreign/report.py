"""Progress of an import. Small: the page loads it before there is a file."""

from collections import Counter

import msgspec


class Report(msgspec.Struct):
    """Result of an import so far. Of `found` conversations some are here already (`known`), say
    nothing (`empty`), or can't be read: `damaged`, of which the first are `named`, and `too_large`.
    `left_out` counts what does not come along with the others, by its kind. `share` of the file has
    been read, from 0 to 1.
    """

    found: int = 0
    known: int = 0
    empty: int = 0
    damaged: int = 0
    named: list[str] = []
    too_large: int = 0
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    is_cut: bool = False
    share: float = 0.0
