"""A small copy of what the server serves: our own sources, and stand-ins for the packages."""

import io
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from app.setup.page_files import LIBRARIES
from tests.live_server import REPOSITORY

PYODIDE_INFO = {"abi_version": "2026_0", "arch": "wasm32", "python": "3.14.2"}
TAB_WHEEL = "msgspec-0.22.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
_LIBRARIES = (*LIBRARIES.values(), "katex/dist/fonts/KaTeX_Main-Regular.woff2")
WASM = b"\0asm" + b"wasm instructions " * 20_000


def _archive(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.pyc", text)
    return packed.getvalue()


STDLIB = _archive(os="compiled " * 1000, re="compiled too " * 1000)


@dataclass(frozen=True)
class Tree:
    """`root` as in a clone, `runtime` as after the set-up."""

    root: Path
    runtime: Path


def make_tree(folder: Path) -> Tree:
    """Write the tree below this folder."""
    root, runtime = folder / "clone", folder / "runtime"
    shutil.copytree(
        REPOSITORY / "app", root / "app", ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    for name in ("index.html", "pyscript.toml"):
        shutil.copy(REPOSITORY / name, root / name)
    modules = runtime / "npm/node_modules"
    pyodide = modules / "pyodide"
    pyscript = modules / "@pyscript/core/dist"
    lock = {"info": PYODIDE_INFO, "packages": {"numpy": {"name": "numpy"}}}
    files = {
        pyodide / "pyodide.mjs": b"export const version = '314';",
        pyodide / "pyodide.asm.mjs": b"export default 1;",
        pyodide / "pyodide.asm.wasm": WASM,
        pyodide / "python_stdlib.zip": b"PK source",
        pyodide / "pyodide-lock.json": json.dumps(lock).encode(),
        pyscript / "core.js": b"import './core-C9KDLldu.js';",
        pyscript / "core-C9KDLldu.js": b"export const hooks = {};",
        pyscript / "core.css": b"py-script { display: none }",
        pyscript / "core.js.map": b"{}",
        runtime / "python_stdlib.zip": STDLIB,
        **{modules / name: b"export default 1;" for name in _LIBRARIES},
    }
    for path, body in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (runtime / "tab").mkdir()
    with zipfile.ZipFile(runtime / "tab" / TAB_WHEEL, "w") as wheel:
        wheel.writestr("msgspec/__init__.py", "")
        wheel.writestr("msgspec-0.22.0.dist-info/METADATA", "Name: msgspec\n")
    return Tree(root, runtime)
