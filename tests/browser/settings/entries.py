"""Entries that the tabs of a browser share, without a browser."""


class SharedEntries:
    """Entries that are kept, `most` of them. A tab that is given a `seen` copy reads that alone: it
    has not heard yet of what others wrote since.
    """

    def __init__(self, kept: dict[str, str] | None = None, *, most: int | None = None) -> None:
        self.kept = {} if kept is None else kept
        self.seen = self.kept
        self._most = most

    def stale(self) -> "SharedEntries":
        """The same entries for a tab that hears nothing from now on."""
        other = SharedEntries(self.kept)
        other.seen = dict(self.kept)
        return other

    def get(self, name: str) -> str | None:
        return self.seen.get(name)

    def names(self, prefix: str) -> list[str]:
        return sorted(name for name in self.seen if name.startswith(prefix))

    def put(self, name: str, value: str) -> bool:
        if self._most is not None and name not in self.kept and len(self.kept) >= self._most:
            return False
        self.kept[name] = self.seen[name] = value
        return True

    def remove(self, name: str) -> None:
        self.kept.pop(name, None)
        self.seen.pop(name, None)
