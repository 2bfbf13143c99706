"""Recordings as files; what they hold is the matter of `core.recording_lines`."""

import os
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import ProtocolError, UsageError
from ..core.recording import Exchange
from ..core.recording_lines import parse_lines, render_lines


def read_recording(path: Path) -> list[Exchange]:
    """Read a file.

    Raises:
        UsageError: It cannot be read, or is no recording.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return parse_lines(lines)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except ProtocolError as error:
        raise UsageError(f"{path}: {error}") from error


def write_recording(path: Path, exchanges: Sequence[Exchange]) -> None:
    """Write a file anew; one that was there stays as it is until the new one is whole.

    Raises:
        UsageError: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    is_special = path.exists() and not path.is_file()  # as /dev/stdout
    target = path if is_special else beside
    try:
        try:
            with target.open("w", encoding="utf-8") as file:
                file.writelines(render_lines(exchanges))
            if not is_special:
                beside.replace(path)
        finally:
            if not is_special:
                beside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
