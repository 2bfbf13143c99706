"""The form in which a reader wants an answer, by its `Accept` header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

_Range = tuple[str, float]


def accepted(header: str, kinds: Sequence[str], default: str) -> str:
    """Choose one of these kinds: what is wanted most, of that what is named most exactly. Where
    that is the same for several, or for none, it is the default.
    """
    ranges = [_range(part) for part in header.lower().split(",")]
    ranks = {kind: _rank(kind, ranges) for kind in kinds}
    best = max(kinds, key=ranks.__getitem__)
    return best if ranks[best] > ranks[default] else default


def _range(part: str) -> _Range:
    name, *parameters = (one.strip() for one in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = min(1.0, max(0.0, float(value)))
            except ValueError:
                weight = 1.0
    return name, weight


def _rank(kind: str, ranges: Sequence[_Range]) -> tuple[float, int]:
    """Tell how much a kind is wanted, and how exactly it is named. The most exact range counts."""
    family = "/".join((kind.partition("/")[0], "*"))
    exactness = {kind: 3, family: 2, "/".join("**"): 1}
    named = [(exactness.get(name, 0), weight) for name, weight in ranges]
    exact, weight = max(named)
    return (weight, exact) if exact and weight else (0.0, 0)
