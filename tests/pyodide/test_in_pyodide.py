"""The same tests again, in the interpreter that runs in the tab: Pyodide, in Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from . import bundle, conftest
from .inside import Outcome
from .site import serve
from .wheels import PYODIDE, ROOT, RUNTIME, wheels

# A folder of tests that hangs is a failure, not the end of the whole run.
LIMIT_S = 1800

HERE = ROOT / "tests" / "pyodide"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page with Pyodide in it, the sources and the cases unpacked."""
    archives = {"/sources.zip": "/repo", "/byte_code.zip": "/repo"}
    files: dict[str, bytes | Path] = {
        "/index.html": b"<!doctype html><title>Tests</title>",
        "/page.mjs": HERE / "page.mjs",
        **{
            f"/app/{Path(name).name}": ROOT / "app/browser" / name
            for name in ("net/pump.mjs", "storage/database.mjs", "storage/locks.mjs")
        },
        "/sources.zip": bundle.sources(),
        "/byte_code.zip": bundle.byte_code(),
        **{f"/pyodide/{path.name}": path for path in PYODIDE.iterdir()},
        "/pyodide/python_stdlib.zip": RUNTIME / "python_stdlib.zip",
        **{f"/wheels/{path.name}": path for path in wheels()},
    }
    environment = {"CI": os.environ.get("CI", "")}
    if (recorded := bundle.cases()) is not None:
        files["/cases.zip"] = recorded
        archives["/cases.zip"] = environment["TOKENFALL_CASES"] = "/cases"
    with serve(files) as address:
        page = browser.new_page()
        page.on("console", lambda message: _hear(message.text))
        page.goto(f"{address}/index.html")
        version = page.evaluate(
            "async (what) => (await import('/page.mjs')).start(what)",
            {
                "wheels": [path for path in files if path.startswith("/wheels/")],
                "archives": archives,
                "environment": environment,
            },
        )
        conftest.said.append(f"Pyodide, Python {version}, in Chromium {browser.version}:")
        yield page
        page.close()


def _hear(line: str) -> None:
    print(line)
    if line.startswith("cases: "):
        conftest.said.append(f"  {line}")


@pytest.mark.parametrize("package", bundle.PACKAGES)
def test_in_pyodide(page: Page, package: str):
    folder = f"tests/{package}"
    page.evaluate("async (folder) => (await import('/page.mjs')).run(folder)", folder)
    page.wait_for_function("() => globalThis.outcome", timeout=LIMIT_S * 1000)
    answer = page.evaluate("() => globalThis.outcome")
    assert "error" not in answer, answer["error"]
    outcome = msgspec.json.decode(answer["outcome"], type=Outcome)
    conftest.said.append(
        f"  {folder}: {len(outcome.passed)} passed, {len(outcome.failed)} failed"
        + "".join(f"\n    skipped {name}: {why}" for name, why in outcome.skipped.items())
    )
    report = [f"{name}\n{text}" for name, text in outcome.failed.items()]
    assert not report, "\n\n".join(report)
    assert outcome.exit_code == 0
    assert outcome.passed
