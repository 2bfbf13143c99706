"""How much to do at a time, so that the page is never held up for long. Pure."""


class Pace:
    """An amount whose work should take `wanted_ms`: it shrinks where it took longer, on a slow or
    busy computer, and grows where it took less, between `least` and `most`.
    """

    def __init__(self, least: float, most: float, wanted_ms: float) -> None:
        self.amount = most
        self._least = least
        self._most = most
        self._wanted_ms = wanted_ms

    def learn(self, took_ms: float) -> None:
        """So long the last amount took; one that was out of the ordinary does not decide alone."""
        factor = min(max(self._wanted_ms / max(took_ms, 0.1), 0.5), 2.0)
        self.amount = min(max(self.amount * factor, self._least), self._most)
