"""The folder of this user where an installed program keeps what it makes."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Give the folder, as each system has it for programs; it may not be there yet.

    Source: https://specifications.freedesktop.org/basedir-spec (Linux and others).
    """
    if named := environ.get("TOKENFALL_DATA"):
        return Path(named).absolute()
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "Tokenfall"
    if platform == "darwin":
        return Path.home() / "Library/Application Support/Tokenfall"
    named = environ.get("XDG_DATA_HOME", "")
    # A relative one counts as none.
    return (Path(named) if named.startswith("/") else Path.home() / ".local/share") / "tokenfall"
