"""The table: a row a product."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.chromium import launch_options

from .page import Talk, talk
from .products import Installed, Product, install, products

_HEAD = """\
| | packages | MB | s to the first word | of it pip | ms of a word, middle | 95 of 100 | lines |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


def rows(wheel: Path, only: str, rounds: int) -> Iterator[str]:
    """Measure each product whose name has `only` in it, and give its row; the head first."""
    wanted = [one for one in products(wheel) if only.lower() in one.name.lower()]
    yield _HEAD
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(**launch_options())
        for product in wanted:
            yield _row(product, Path(folder) / "environment", browser, rounds)
        browser.close()


def _row(product: Product, folder: Path, browser: Browser, rounds: int) -> str:
    try:
        installed = install(product, folder)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode().strip().splitlines()[-1]
        return f"| {product.name} | cannot be installed here: {last} | | | | | | {product.lines} |"
    talks = [talk(product, installed, browser) for _ in range(rounds)]
    return f"| {product.name} | {_cells(installed, talks)} | {product.lines} |"


def _cells(installed: Installed, talks: list[Talk]) -> str:
    size = f"{installed.packages} | {installed.megabytes:.0f}"
    good = [one for one in talks if not one.problem]
    if not good:
        return f"{size} | no answer here: {talks[0].problem} | {installed.seconds:.0f} | |"
    # Of a first start, as a person's is.
    first = installed.seconds + good[0].first_word
    middle = min(one.middle for one in good) * 1000
    slow = min(one.slow for one in good) * 1000
    return f"{size} | {first:.0f} | {installed.seconds:.0f} | {middle:.0f} | {slow:.0f}"
