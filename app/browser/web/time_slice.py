"""Amounts of work that never hold the page up for long. Pure."""

# Milliseconds from one drawing of what grows to the next: so many times as long as one takes, but
# within these. What is open is drawn again each time, so this is also what part of the time goes
# into it.
_TIMES = 6
_SHORTEST_MS = 21
_LONGEST_MS = 1000


class Pause:
    """The wait before growing text is drawn again."""

    def __init__(self) -> None:
        self._average_ms = 0.0

    def after(self, taken_ms: float) -> float:
        """Give the wait after a drawing that took so long, with its layout."""
        self._average_ms = 0.7 * self._average_ms + 0.3 * taken_ms
        return min(max(_TIMES * self._average_ms, _SHORTEST_MS), _LONGEST_MS)


class TimeSlice:
    """An amount whose work should take `wanted_ms`: it shrinks where it took longer, on a slow or
    busy computer, and grows where it took less, between `least` and `most`.
    """

    def __init__(self, least: float, most: float, wanted_ms: float) -> None:
        self.amount = most
        self._least = least
        self._most = most
        self._wanted_ms = wanted_ms

    def learn(self, took_ms: float) -> None:
        """Take in the time of the last amount; one out of the ordinary does not decide alone."""
        factor = min(max(self._wanted_ms / max(took_ms, 0.1), 0.5), 2.0)
        self.amount = min(max(self.amount * factor, self._least), self._most)
