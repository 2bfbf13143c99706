"""Every example runs and prints what it says it prints, in both interpreters."""

import importlib
import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
# These two parts of the app do not exist in the tab.
_CPYTHON_ONLY = re.compile(r"^\s*from app\.(native|server)", re.MULTILINE)


def runnable() -> list[str]:
    """The names of the examples that this interpreter can run."""
    return sorted(
        path.stem
        for path in EXAMPLES.glob("*.py")
        if path.stem not in ("__init__", "script")
        and not (sys.platform == "emscripten" and _CPYTHON_ONLY.search(path.read_text("utf-8")))
    )


@pytest.mark.parametrize("name", runnable())
async def test_example(name: str, capsys: pytest.CaptureFixture[str]):
    module = importlib.import_module(f"examples.{name}")
    _, found, promised = (module.__doc__ or "").partition("Prints:\n")
    assert found, "its docstring ends with what it prints"
    await module.main()
    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert printed.strip() == dedent(promised).strip()
