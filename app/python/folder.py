"""The folder that a session works in, and a cell's changes in it."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .messages import File, Gone

# Limits of the files kept of a session.
MOST_FILES = 500
MOST_FILE_BYTES = 50_000_000
MOST_BYTES = 200_000_000

_LEFT_OUT = {"__pycache__", "node_modules"}


@dataclass(frozen=True, slots=True)
class _State:
    size: int
    changed_ns: int


class Folder:
    """Looks for changes. Hidden files, links and files that are made anew by themselves are left
    out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, _State] = {}
        self._refused: set[str] = set()

    def place(self, name: str) -> Path:
        """Give the path of a file of this name.

        Raises:
            ValueError: The name leads out of the folder.
        """
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name:
            raise ValueError(f"{name!r} is no name of a file in the folder")
        return self.path.joinpath(*parts)

    def put(self, name: str, data: bytes) -> None:
        """Lay a file into the folder, which is no change of a cell."""
        path = self.place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._known[name] = _state(path.stat())

    def remove(self, name: str) -> None:
        """Take a file out of it, which is no change of a cell either."""
        self.place(name).unlink(missing_ok=True)
        self._known.pop(name, None)

    def changes(self) -> tuple[list[File | Gone], list[str]]:
        """List the changes since the last look, and notes on files that are too large to keep."""
        found = self._found()
        gone: list[File | Gone] = [Gone(name) for name in self._known if name not in found]
        changed = {name: state for name, state in found.items() if self._known.get(name) != state}
        kept, notes = self._within_bounds(found, changed)
        self._known = {name: found[name] for name in found}
        return gone + [File(name, found[name].size) for name in kept], notes

    def _within_bounds(
        self, found: dict[str, _State], changed: dict[str, _State]
    ) -> tuple[list[str], list[str]]:
        total = sum(
            state.size
            for name, state in found.items()
            if name not in changed and name not in self._refused
        )
        kept = []
        refused = []
        count = len(found) - len(changed)
        for name, state in changed.items():
            is_too_much = total + state.size > MOST_BYTES or count >= MOST_FILES
            if state.size > MOST_FILE_BYTES or is_too_much:
                refused.append(name)
                continue
            total += state.size
            count += 1
            kept.append(name)
        self._refused = (self._refused & found.keys()) - set(kept) | set(refused)
        return kept, [_not_kept(refused)] if refused else []

    def _found(self) -> dict[str, _State]:
        found: dict[str, _State] = {}
        for folder, folders, names in os.walk(self.path):
            folders[:] = sorted(
                name for name in folders if name not in _LEFT_OUT and not name.startswith(".")
            )
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith(".") or path.is_symlink() or not path.is_file():
                    continue
                found[path.relative_to(self.path).as_posix()] = _state(path.stat())
        return found


def _state(stat: os.stat_result) -> _State:
    return _State(stat.st_size, stat.st_mtime_ns)


def _not_kept(names: list[str]) -> str:
    some = ", ".join(name[:80] for name in names[:3]) + (", …" if len(names) > 3 else "")
    return (
        f"Too large to be kept beyond this session: {some}. A file may have "
        f"{MOST_FILE_BYTES // 1_000_000} MB, all together {MOST_BYTES // 1_000_000} MB and "
        f"{MOST_FILES} files"
    )
