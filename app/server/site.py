"""The site to serve: a path -> the asset behind it.

The same list makes the site of `serve.py` and the folder that `--export` writes. Files are
looked at when they are asked for, so an edit shows at the next reload.
"""

import json
import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from threading import Lock

from ..setup.display_libraries import LIBRARIES as DISPLAY_LIBRARIES
from ..setup.errors import SetupError
from ..setup.page_files import (
    FONT_SUFFIXES,
    FONTS,
    LIBRARIES,
    PYODIDE,
    PYODIDE_FILES,
    PYODIDE_LOCK,
    PYSCRIPT,
    PYSCRIPT_SUFFIXES,
    Records,
    names_in,
)
from .bundle import ON_DEMAND, Bundler, Wheel, uncompressed
from .files import Asset

_SHELL = {
    "": "index.html",
    "index.html": "index.html",
    "pyscript.toml": "pyscript.toml",
    "app/browser/tools/sandbox/sandbox.html": "app/browser/tools/sandbox/sandbox.html",
    "app/browser/tools/session/session.html": "app/browser/tools/session/session.html",
    "app/browser/displays/display.html": "app/browser/displays/display.html",
    "app/browser/styles.css": "app/browser/styles.css",
    # Both speak for the folder that they lie in, so they have to lie beside the page.
    "manifest.webmanifest": "app/browser/manifest.webmanifest",
    "service_worker.mjs": "app/browser/web/service_worker.mjs",
}
# Tells the service worker which files there are; it is not one of them, nor is the worker.
LIST = "files.json"
_WORKER = "service_worker.mjs"
_BROWSER = "app/browser/"
_BROWSER_SUFFIXES = (".js", ".mjs", ".svg", ".png", ".woff2")
_VENDOR = "vendor/"
_PYODIDE = "vendor/pyodide/"
_STDLIB = "vendor/pyodide/python_stdlib.zip"
_LOCK = "vendor/pyodide/pyodide-lock.json"
# Pyodide's own list of packages; the page has one with its own.
_PACKAGES = "vendor/pyodide/packages.json"
_PYSCRIPT = "vendor/pyscript/"
_FONTS = "vendor/katex/fonts/"
_WHEELS = "wheels/"
# In a page and a stylesheet, a line of its own: stands for the file, whose path begins at the root
# in the one, beside it in the other.
_INCLUDE = re.compile(rb"^[ ]*<!-- include (\S+) -->\r?\n", re.MULTILINE)
_IMPORT = re.compile(rb'^@import "(\S+)";\r?\n', re.MULTILINE)
# PyScript's chunks carry a hash in their names: core-C9KDLldu.js.
_HASHED_NAME = re.compile(r".*-[\w-]{8}\.js")


class Site:
    """The assets by their paths, which have no leading slash.

    `root` is the folder of `index.html` and `app`, `runtime` what the set-up has prepared, `script`
    the address of one that the page loads besides; `stored` is that of `Bundler`, and holds for the
    standard library too. May be used from several threads.
    """

    def __init__(
        self, root: Path, runtime: Path, script: str = "", *, stored: bool = False
    ) -> None:
        self._root = root
        self._script = script
        self._runtime = runtime
        self._modules = runtime / "npm/node_modules"
        self._stdlib = runtime / "python_stdlib.zip"
        # Only there once a page has asked for it.
        self._fetched = {one.path: one.file(runtime) for one in DISPLAY_LIBRARIES.values()}
        self._stored = stored
        self._bundler = Bundler(root, runtime, stored=stored)
        self._records = Records(runtime)
        self._wheels: dict[str, Wheel] = {}
        self._previous: dict[str, Wheel] = {}
        self._read: dict[Path, tuple[tuple[int, int], Asset]] = {}
        self._lock = Lock()

    def listed(self) -> tuple[list[str], list[str]]:
        """List the paths of `files.json`: what every page needs, and what comes with its first use.
        Left out are the list, the service worker, and what a page keeps by itself.

        Raises:
            SetupError: The set-up has not prepared what the bundle needs.
        """
        with self._lock:
            self._lock_file()
            wheels = [path for path, wheel in self._wheels.items() if wheel.name in ON_DEMAND]
        later = sorted([_PACKAGES, *wheels])
        others = (LIST, _WORKER, *self._fetched, *later)
        return [path for path in self.paths() if path not in others], later

    def find(self, path: str) -> Asset | None:
        """Give the asset at this path, None where there is none.

        Raises:
            SetupError: The set-up has not prepared what the bundle needs.
        """
        if path == LIST:
            files, later = (
                {path: asset.digest for path in paths if (asset := self.find(path)) is not None}
                for paths in self.listed()
            )
            return Asset.of(list_of(files, later), ".json")
        with self._lock:
            if path == _LOCK:
                return Asset.of(self._lock_file(), ".json")
            if path.startswith(_WHEELS):
                return self._wheel(path)
            file = self._file_of(path)
            return self._asset_of(file, path) if file is not None else None

    def paths(self) -> list[str]:
        """List every path that the page can ask for, sorted.

        Raises:
            SetupError: The set-up has not prepared what the bundle needs.
        """
        with self._lock:
            self._lock_file()
            browser = self._root / _BROWSER
            pyscript = self._pyscript()
            return sorted(
                [
                    *filter(None, _SHELL),
                    LIST,
                    *(_PYODIDE + name for name in PYODIDE_FILES),
                    _STDLIB,
                    _LOCK,
                    _PACKAGES,
                    *self._wheels,
                    *(_BROWSER + name for name in _names(browser, _BROWSER_SUFFIXES)),
                    *(_PYSCRIPT + name for name in _names(pyscript, PYSCRIPT_SUFFIXES)),
                    *LIBRARIES,
                    *(path for path, file in self._fetched.items() if file.is_file()),
                    *(_FONTS + name for name in _names(self._fonts(), FONT_SUFFIXES)),
                ]
            )

    def _file_of(self, path: str) -> Path | None:
        if path in _SHELL:
            return self._root / _SHELL[path]
        if path == _STDLIB:
            return self._stdlib
        if path == _PACKAGES:
            return self._modules / PYODIDE / PYODIDE_LOCK
        if path.startswith(_PYODIDE):
            name = path.removeprefix(_PYODIDE)
            return self._modules / PYODIDE / name if name in PYODIDE_FILES else None
        if path.startswith(_PYSCRIPT):
            return _inside(self._pyscript(), path.removeprefix(_PYSCRIPT), PYSCRIPT_SUFFIXES)
        if path in self._fetched:
            return self._fetched[path]
        if path in LIBRARIES:
            return self._modules / LIBRARIES[path]
        if path.startswith(_FONTS):
            return _inside(self._fonts(), path.removeprefix(_FONTS), FONT_SUFFIXES)
        if path.startswith(_BROWSER):
            folder = self._root / _BROWSER
            return _inside(folder, path.removeprefix(_BROWSER), _BROWSER_SUFFIXES)
        return None

    def _asset_of(self, file: Path, path: str) -> Asset | None:
        immutable = is_immutable(path)
        try:
            if not self._is_ours(file):
                return None
            if not path.startswith(_VENDOR):
                # Our own files are small and get edited, so they are read each time.
                return Asset.of(self._whole(file), file.suffix)
            stat = file.stat()
            version = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(file)
            if known is not None and known[0] == version:
                return known[1]
            asset = Asset.of(file.read_bytes(), file.suffix, immutable=immutable)
        except (OSError, ValueError):  # not there, or no name that a file can have
            return None
        self._records.check(file, asset.digest)
        if self._stored and file == self._stdlib:
            asset = Asset.of(uncompressed(asset.body), file.suffix)
        self._read[file] = (version, asset)
        return asset

    def _is_ours(self, file: Path) -> bool:
        """Tell whether a file lies where it seems to, and is no link to elsewhere."""
        # The runtime lies in the root, and the modules in the runtime.
        places = (self._modules, self._runtime, self._root)
        place = next(place for place in places if file.is_relative_to(place))
        return file.resolve().is_relative_to(place.resolve())

    def _whole(self, file: Path) -> bytes:
        """A file of ours; a page and a stylesheet with their parts in their places."""
        if file.suffix == ".css":
            return self._with_parts(file, _IMPORT, file.parent)
        if file.suffix != ".html":
            return file.read_bytes()
        page = self._with_parts(file, _INCLUDE, self._root)
        if self._script and file.name == "index.html":
            added = f'  <script type="module" src="./{self._script}"></script>\n</head>'
            return page.replace(b"</head>", added.encode(), 1)
        return page

    def _with_parts(self, file: Path, naming: re.Pattern[bytes], folder: Path) -> bytes:
        def part(found: re.Match[bytes]) -> bytes:
            name = found[1].decode()
            try:
                if not self._is_ours(folder / name):
                    raise PermissionError(name)
                return (folder / name).read_bytes()
            except OSError as error:
                raise SetupError(f"{file.name} includes {name}, which can't be read") from error

        return naming.sub(part, file.read_bytes())

    def _lock_file(self) -> bytes:
        bundle = self._bundler.current()
        if any(one.path not in self._wheels for one in bundle.wheels):
            # A page that has just read the lock file before this one asks for its wheel yet.
            self._previous = self._wheels
            self._wheels = {wheel.path: wheel for wheel in bundle.wheels}
        return bundle.lock

    def _wheel(self, path: str) -> Asset | None:
        if path not in self._wheels and path not in self._previous:
            self._lock_file()
        wheel = self._wheels.get(path) or self._previous.get(path)
        return Asset.of(wheel.data, ".whl", immutable=True) if wheel else None

    def _pyscript(self) -> Path:
        return self._modules / PYSCRIPT

    def _fonts(self) -> Path:
        return self._modules / FONTS


def is_immutable(path: str) -> bool:
    """Tell whether another content would have another path."""
    name = path.rpartition("/")[2]
    is_hashed = path.startswith(_PYSCRIPT) and _HASHED_NAME.fullmatch(name) is not None
    return is_hashed or path.startswith(_WHEELS)


def list_of(files: Mapping[str, str], later: Mapping[str, str]) -> bytes:
    """Write the SHA-256 of files by their paths, those that come with their first use apart, as the
    service worker reads them.
    """
    version = sha256(json.dumps([files, later]).encode()).hexdigest()[:16]
    listed = {"version": version, "files": files, "later": later}
    return json.dumps(listed, separators=(",", ":")).encode()


def _inside(folder: Path, name: str, suffixes: tuple[str, ...]) -> Path | None:
    """The file of this name in the folder, None where the name or a link leads out of it."""
    if not name.endswith(suffixes) or "\0" in name:
        return None
    file = Path(os.path.normpath(folder / name))
    is_inside = file.is_relative_to(folder) and file.resolve().is_relative_to(folder.resolve())
    return file if is_inside else None


def _names(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in names_in(folder, suffixes)]
