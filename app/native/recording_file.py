"""Recordings as files; their content is the matter of `core.recording_lines`."""

from collections.abc import Sequence
from pathlib import Path

from ..core.errors import ProtocolError, UsageError
from ..core.wire.recording import Exchange
from ..core.wire.recording_lines import parse_lines, render_lines
from . import private_file


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
    """Write a file anew, for its owner only.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        private_file.replace(path, render_lines(exchanges))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
