"""One change tried: a process forked for it imports the changed module and runs some tests.

A fork begins with pytest and the libraries loaded, none of our modules, and so is ready in half a
second. Nothing is written, so that trials disturb nobody who works in the same folder.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import resource
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from .changes import Change

# A change that makes a loop endless uses no more of the processor than loading takes and so many
# times what the tests took without it; one that makes them wait for ever is ended when they have
# done nothing for so long.
LOADING_S = 4
TIMES = 4
IDLE_S = 8

_OUT_OF_TIME = 99
_BROKEN = 98
_LOADED = (
    "docstring_parser",
    "httpx2",
    "hypothesis",
    "hypothesis.strategies",
    "msgspec",
    "playwright.sync_api",
    "starlette.applications",
    "uvicorn",
)


def load_libraries() -> None:
    """Load what all trials need, before the first fork."""
    for name in _LOADED:
        importlib.import_module(name)


def is_noticed(root: Path, change: Change, tests: Sequence[str], cost_s: float) -> bool:
    """Tell whether one of the tests fails, or does not end, with the change.

    Args:
        root: of the repository.
        change: what is tried.
        tests: their ids.
        cost_s: what they took of the processor without the change.

    Raises:
        RuntimeError: the trial itself failed.
    """
    limit_s = LOADING_S + math.ceil(TIMES * cost_s)
    status = _forked(root, change, tests, limit_s)
    if status in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
        # The change gave the cases of a test other names.
        files = sorted({test.partition("::")[0] for test in tests})
        status = _forked(root, change, files, 10 * limit_s)
    if status == _BROKEN:
        raise RuntimeError(f"The tests could not be run: {tests}")
    return status != pytest.ExitCode.OK


def _forked(root: Path, change: Change, tests: Sequence[str], limit_s: int) -> int:
    process = os.fork()
    if process == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
            os._exit(_run(root, change, tests))
        finally:
            os._exit(_BROKEN)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def _run(root: Path, change: Change, tests: Sequence[str]) -> int:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    threading.Thread(target=_end_when_idle, daemon=True).start()
    name = ".".join(change.path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    sys.meta_path.insert(0, _Changed(name, change))
    options = ["-x", "-q", "-p", "tests.without_browser", "-p", "no:cacheprovider"]
    options += ["--no-header", "--tb=no"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # for what was loaded before
    return int(pytest.main([*options, *tests]))


def _end_when_idle() -> None:
    used_s = time.process_time()
    while not threading.Event().wait(IDLE_S):
        before_s, used_s = used_s, time.process_time()
        if used_s - before_s < 0.02:
            os._exit(_OUT_OF_TIME)


class _Changed(importlib.abc.MetaPathFinder):
    """Finds the changed module under the name of the real one."""

    def __init__(self, name: str, change: Change) -> None:
        self._name = name
        self._change = change

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Loader(fullname, str(self._change.path))
        loader.text = self._change.text
        return importlib.util.spec_from_file_location(fullname, self._change.path, loader=loader)


class _Loader(importlib.machinery.SourceFileLoader):
    text: str

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self.text, self.path, "exec", dont_inherit=True)
        return code
