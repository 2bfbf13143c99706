"""The byte code for the tab, as the set-up really compiled it."""

import zipfile

from app.setup.tab_sources import COMPILED, compiled_name, read_sources

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


def test_our_own_modules_are_there_compiled_for_the_same_interpreter():
    with (
        zipfile.ZipFile(RUNTIME / "python_stdlib.zip") as library,
        zipfile.ZipFile(RUNTIME / COMPILED) as own,
    ):
        head = library.read("json/__init__.pyc")[:8]
        made = {name: own.read(name) for name in own.namelist()}
    assert len(made) > 100
    assert {data[:8] for data in made.values()} == {head}
    # Those that were edited since are compiled by the tab.
    assert compiled_name(read_sources(ROOT)["app/__init__.py"]) in made
