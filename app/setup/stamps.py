"""Stamps: which inputs a finished step was made from, and what came out.

A stamp lies beside what it vouches for, so removing one removes both. It is written last
and in one move: a step that was interrupted has none.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


def digest(*parts: bytes | str) -> str:
    """Return one SHA-256, in hex, of all parts and of where one ends."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """The record of one step.

    `inputs` is a digest of everything the result depends on. `outputs` names files whose
    hashes are taken when the step is done and compared at every start, so a damaged file
    is made anew instead of served. Hashing costs about a millisecond a megabyte: name
    files of a few megabytes, and of a large tree those that matter most.
    """

    file: Path
    inputs: str
    outputs: Callable[[], Iterable[Path]] = tuple

    def matches(self) -> bool:
        """Tell whether the step was finished with these inputs and its outputs are untouched."""
        try:
            recorded = json.loads(self.file.read_bytes())
            return bool(recorded == self._record())
        except (OSError, ValueError):
            return False

    def clear(self) -> None:
        """Take the stamp away before the step begins."""
        self.file.unlink(missing_ok=True)

    def write(self) -> None:
        """Record the step as finished.

        Raises:
            OSError: an output is missing or the disk is full.
        """
        write_atomically(self.file, json.dumps(self._record()).encode())

    def _record(self) -> dict[str, object]:
        return {
            "inputs": self.inputs,
            "outputs": {
                os.path.relpath(output, self.file.parent): file_digest(output)
                for output in self.outputs()
            },
        }


def recorded(file: Path) -> dict[str, str]:
    """Give the hashes that a stamp holds, by the paths of the outputs from its folder on."""
    try:
        outputs = json.loads(file.read_bytes())["outputs"]
        return {str(name): str(digest) for name, digest in outputs.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_atomically(file: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new, never half of them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_bytes(data)
    part.replace(file)
