"""Chromium, as the other tests have it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.every_browser.driver import LIMIT_S, Driver, arguments, function


@contextmanager
def chromium(browser: Browser) -> Iterator[Driver]:
    """A tab that has kept nothing, in the browser that is there."""
    page = browser.new_page()
    yield Chromium(page)
    page.context.close()


class Chromium:
    """A tab."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.set_default_timeout(1000 * LIMIT_S)
        self._complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complaints.append(f"uncaught: {error}"))

    def goto(self, url: str) -> None:
        self._page.goto(url)

    def run(self, body: str, *args: Any) -> Any:
        return json.loads(self._page.evaluate(function(body), arguments(args)))

    def click(self, x: float, y: float) -> None:
        self._page.mouse.click(x, y)

    def press(self, *keys: str) -> None:
        self._page.keyboard.press("+".join(keys))

    def write(self, text: str) -> None:
        self._page.keyboard.type(text)

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def complaints(self) -> list[str]:
        told, self._complaints = self._complaints, []
        return told

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complaints.append(f"{message.type}: {message.text}")
