"""Our own Python as the tab gets it: its sources, and what compiles them."""

from hashlib import sha256
from pathlib import Path

# What the tab runs; server, native and setup stay here.
PACKAGES = (
    "core",
    "markdown",
    "protocols",
    "providers",
    "scripted",
    "connections",
    "adapters",
    "history",
    "browser",
)

# In `.runtime`: byte code by the hash of its source, as `compiled_name` says it.
COMPILED = "app_compiled.zip"


def read_sources(root: Path) -> dict[str, bytes]:
    """Read the Python files of the tab, by their names in the wheel."""
    paths = [root / "app/__init__.py"]
    for package in PACKAGES:
        # Editors keep hidden files beside the one that is being edited.
        paths += (path for path in (root / "app" / package).rglob("[!.]*.py") if path.is_file())
    own = (root / "app").resolve()  # a link out of it is no source of ours
    paths = [path for path in paths if path.resolve().is_relative_to(own)]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def compiled_name(source: bytes) -> str:
    """Where the byte code of this source lies in the archive."""
    return sha256(source).hexdigest() + ".pyc"
