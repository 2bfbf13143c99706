"""Our own Python as the tab gets it: its sources, and what compiles them."""

from hashlib import sha256
from pathlib import Path, PurePath

# Packages that the tab runs; server, native and setup stay here, and so does LIBRARY_ONLY.
PACKAGES = (
    "core",
    "markdown",
    "protocols",
    "following",
    "providers",
    "scripted",
    "history",
    "browser",
)

# What people build on who use the library, and the page does not import: below `app`.
LIBRARY_ONLY = (
    "adapters",
    "connections",
    "core/structured",
    "core/text/batching.py",
    "core/text/diagnosis.py",
    "core/text/formatter.py",
    "core/text/stream_chunks.py",
    "core/text/written_tags.py",
    "providers/config.py",
    "providers/gateway.py",
)

# What runs in workers, each in a wheel of its own that comes with its first use: patterns below
# `app`, by the name of the package.
_SHARED = ("__init__.py", "core/__init__.py", "core/nesting.py")
APART = {
    "app-python": (*_SHARED, "python/[!.]*.py"),
    "app-documents": (*_SHARED, "documents/[!.]*.py"),
}
# The page itself knows what a session says, and the form of a document's text.
SPOKEN = (
    "python/__init__.py",
    "python/messages.py",
    "documents/__init__.py",
    "documents/links.py",
    "documents/notebook.py",
    "documents/problems.py",
    "documents/places.py",
)

# In `.runtime`: byte code by the hash of its source, as `compiled_name` says it.
COMPILED = "app_compiled.zip"


def read_sources(root: Path) -> dict[str, bytes]:
    """Read the Python files of the tab, by their names in the wheel."""
    paths = [root / "app/__init__.py"]
    for package in PACKAGES:
        # Editors keep hidden files beside the one that is being edited.
        paths += (path for path in (root / "app" / package).rglob("[!.]*.py") if path.is_file())
    own = root / "app"
    paths += (path for name in SPOKEN if (path := own / name).is_file())
    paths = [path for path in paths if not is_library_only(path.relative_to(own))]
    # A link out of the folder is no source of ours.
    paths = [path for path in paths if path.resolve().is_relative_to(own.resolve())]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def read_sources_apart(root: Path) -> dict[str, dict[str, bytes]]:
    """Read the Python files of each package of `APART`, by their names in its wheel."""
    own = root / "app"
    return {
        name: {
            path.relative_to(root).as_posix(): path.read_bytes()
            for pattern in patterns
            for path in own.glob(pattern)
            if path.is_file() and path.resolve().is_relative_to(own.resolve())
        }
        for name, patterns in APART.items()
    }


def is_library_only(path: PurePath) -> bool:
    """Tell whether the page does without this file; its path is below `app`."""
    return any(path.is_relative_to(left_out) for left_out in LIBRARY_ONLY)


def compiled_name(source: bytes) -> str:
    """Name the byte code of this source in the archive."""
    return sha256(source).hexdigest() + ".pyc"
