"""Files of the npm packages that the page is served, and the set-up's record of them.

Only these are recorded and checked, of some thousands that npm installs.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from . import display_libraries
from .errors import SetupError
from .stamps import recorded

PYODIDE = "pyodide"
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
# Read when the page's own is made.
PYODIDE_LOCK = "pyodide-lock.json"
PYSCRIPT = "@pyscript/core/dist"
PYSCRIPT_SUFFIXES = (".js", ".css")
# What PyScript loads for its editor and its terminal, and to unpack archives for MicroPython, none
# of which the page has: 0.4 MB.
_UNUSED = ("codemirror", "xterm", "zip-")
FONTS = "katex/dist/fonts"
FONT_SUFFIXES = (".woff2",)
# What code is coloured in beside the common languages, which are in the library itself.
LANGUAGES = [
    "apache",
    "arduino",
    "armasm",
    "awk",
    "clojure",
    "cmake",
    "coffeescript",
    "crystal",
    "dart",
    "delphi",
    "django",
    "dockerfile",
    "dos",
    "elixir",
    "elm",
    "erlang",
    "fortran",
    "fsharp",
    "gherkin",
    "glsl",
    "gradle",
    "groovy",
    "handlebars",
    "haskell",
    "haxe",
    "http",
    "julia",
    "latex",
    "lisp",
    "llvm",
    "matlab",
    "nginx",
    "nim",
    "nix",
    "ocaml",
    "pgsql",
    "powershell",
    "prolog",
    "properties",
    "protobuf",
    "scala",
    "scheme",
    "tcl",
    "twig",
    "vbscript",
    "verilog",
    "vhdl",
    "vim",
    "x86asm",
]
_GRAMMARS = "@highlightjs/cdn-assets/es/languages"
# The browser libraries of which a few files are enough: our path -> the package's.
LIBRARIES = {
    "vendor/markdown-it/markdown-it.mjs": "markdown-it/dist/browser/markdown-it.esm.min.mjs",
    "vendor/dompurify/purify.js": "dompurify/dist/purify.es.mjs",
    "vendor/highlight/highlight.js": "@highlightjs/cdn-assets/es/highlight.min.js",
    "vendor/katex/katex.js": "katex/dist/katex.min.js",
    "vendor/katex/mhchem.js": "katex/dist/contrib/mhchem.min.js",
    "vendor/katex/katex.css": "katex/dist/katex.min.css",
    **{f"vendor/highlight/languages/{name}.js": f"{_GRAMMARS}/{name}.min.js" for name in LANGUAGES},
}

_STAMPS = {
    "npm": "installed.json",
    "tab": "downloaded.json",
    **{one.folder: display_libraries.STAMP for one in display_libraries.LIBRARIES.values()},
}

_log = logging.getLogger(__name__)


def served_packages(modules: Path) -> Iterator[Path]:
    """Give the files of `node_modules` that are served, and the one that the page's lock is of."""
    yield from (modules / PYODIDE / name for name in (*PYODIDE_FILES, PYODIDE_LOCK))
    libraries = (modules / name for name in LIBRARIES.values())
    yield from (file for file in libraries if file.is_file())
    for folder, suffixes in ((PYSCRIPT, PYSCRIPT_SUFFIXES), (FONTS, FONT_SUFFIXES)):
        yield from names_in(modules / folder, suffixes)


def names_in(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """List the files below a folder that end so and are of use, without links that lead out."""
    ours = folder.resolve()
    found = (
        file
        for file in folder.rglob("*")
        if file.suffix in suffixes and not file.name.startswith(_UNUSED)
    )
    return sorted(file for file in found if file.resolve().is_relative_to(ours))


class Records:
    """The set-up's record of the files in `runtime`. May be used from several threads."""

    def __init__(self, runtime: Path) -> None:
        self._runtime = runtime
        self._known: dict[Path, tuple[int, dict[str, str]]] = {}
        self._told: set[Path] = set()
        self._lock = Lock()

    def check(self, file: Path, digest: str) -> None:
        """Compare a file's SHA-256 with the recorded one.

        A folder without a record was made by no set-up, and nothing is known of it.

        Raises:
            SetupError: The file is another one than the set-up left there.
        """
        stamp = self._stamp_of(file)
        with self._lock:
            outputs = self._outputs(stamp)
            if outputs is None or outputs.get(os.path.relpath(file, stamp.parent)) == digest:
                return
            message = (
                f"{file.name} is not the file that the set-up left in {file.parent}, so it is not "
                "served. Stop Tokenfall and start it again: that mends it."
            )
            if file not in self._told:
                self._told.add(file)
                _log.warning(message)
        raise SetupError(message)

    def _stamp_of(self, file: Path) -> Path:
        for folder, name in _STAMPS.items():
            if file.is_relative_to(self._runtime / folder):
                return self._runtime / folder / name
        return file.with_suffix(".json")

    def _outputs(self, stamp: Path) -> dict[str, str] | None:
        try:
            changed = stamp.stat().st_mtime_ns
        except OSError:
            return None
        known = self._known.get(stamp)
        if known is None or known[0] != changed:
            known = self._known[stamp] = (changed, recorded(stamp))
        return known[1]
