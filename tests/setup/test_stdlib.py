"""The standard library for the tab, as the set-up really compiled it."""

import zipfile

from .fakes import ROOT

RUNTIME = ROOT / ".runtime"
PYODIDE = RUNTIME / "npm" / "node_modules" / "pyodide"

# PEP 552: "this byte code is told from others by a hash, which nobody need check".
UNCHECKED_HASH = (1).to_bytes(4, "little")


def test_every_module_is_there_compiled_and_is_never_compared_with_a_source():
    with (
        zipfile.ZipFile(PYODIDE / "python_stdlib.zip") as source,
        zipfile.ZipFile(RUNTIME / "python_stdlib.zip") as compiled,
    ):
        wanted = {f"{name}c" if name.endswith(".py") else name for name in source.namelist()}
        assert set(compiled.namelist()) == wanted
        modules = [name for name in compiled.namelist() if name.endswith(".pyc")]
        assert len(modules) > 500
        heads = {compiled.read(name)[:8] for name in modules}
    [head] = heads
    assert head[4:] == UNCHECKED_HASH
