"""Files taken into the tab: the app's source, its tests and the recorded cases."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.setup.tab_sources import COMPILED, compiled_name
from tests.cases import library

from .wheels import PYODIDE, ROOT, RUNTIME

# The packages of tests that need nothing but the interpreter; "tab" also the browser around it.
PACKAGES = (
    "core",
    "markdown",
    "protocols",
    "providers",
    "scripted",
    "history",
    "python",
    "documents",
    "connections",
    "adapters",
    "examples",
    "cases",
    "tab",
)

_CASES = (
    "http-errors",
    "JSONTestSuite",
    "llamacpp",
    "nonstream",
    "partial-json",
    "sse-conformance",
    "streams",
)


def sources() -> bytes:
    """A zip of the repository as far as the tests in the tab read it."""
    files = [ROOT / "index.html", ROOT / "pyproject.toml", ROOT / "docs" / "seeds.md"]
    files += (ROOT / "examples").glob("*.py")
    files += [*(ROOT / "app").rglob("*.py"), *(ROOT / "tests").glob("*.py")]
    for package in (*PACKAGES, "pyodide"):
        files += (
            path
            for path in (ROOT / "tests" / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        )
    return _zip(files, ROOT)


def byte_code() -> bytes:
    """A zip of the byte code that the set-up has made of the app, where an import looks for it."""
    version = json.loads((PYODIDE / "pyodide-lock.json").read_bytes())["info"]["python"]
    tag = "cpython-" + "".join(version.split(".")[:2])
    target = io.BytesIO()
    with zipfile.ZipFile(RUNTIME / COMPILED) as made, zipfile.ZipFile(target, "w") as archive:
        names = set(made.namelist())
        for path in sorted((ROOT / "app").rglob("*.py")):
            if (name := compiled_name(path.read_bytes())) in names:
                place = path.parent.relative_to(ROOT) / "__pycache__" / f"{path.stem}.{tag}.pyc"
                archive.writestr(place.as_posix(), made.read(name))
    return target.getvalue()


def cases() -> bytes | None:
    """A zip of the recorded cases; None where there are none."""
    if library.FOLDER is None:
        return None
    return _zip(_case_files(library.FOLDER), library.FOLDER)


def _case_files(folder: Path) -> Iterator[Path]:
    for name in _CASES:
        yield from (path for path in (folder / name).rglob("*") if path.is_file())


def _zip(files: Iterable[Path], base: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(files):
            archive.write(path, path.relative_to(base))
    return target.getvalue()
