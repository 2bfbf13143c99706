"""Takes the pictures of the README: `.venv/bin/python -m docs.take_screenshots`, after the set-up.

A real page in its main states, in both themes and on a phone; the answer in the first picture is
the built-in model's. `--quick` leaves that one out.
"""

import os
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.native.local_model import LocalModel
from tests.chromium import launch_options
from tests.live_server import RUNTIME, LiveServer, live_server

FOLDER = Path(__file__).parent / "pictures"
WIDE: dict[str, Any] = {"viewport": {"width": 1120, "height": 700}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
# Python, the model or the Demo may take so long on a busy machine.
PATIENCE_MS = 120_000


def main() -> None:
    """Write every picture."""
    os.environ.setdefault("TOKENFALL_CHROMIUM", "/usr/bin/chromium")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        if "--quick" not in sys.argv:
            with live_server(model=LocalModel(RUNTIME)) as server:
                _model(browser, server)
        with live_server() as server:
            for theme in ("light", "dark"):
                _demo(browser, server, theme)
        browser.close()


def _model(browser: Browser, server: LiveServer) -> None:
    page = _open(browser, server, "light", WIDE)
    picker = page.get_by_role("button", name="Model: ")
    expect(picker).to_contain_text("SmolLM2 135M", timeout=PATIENCE_MS)
    _ask(page, "Explain rain in three sentences")
    _take(page, "model")


def _demo(browser: Browser, server: LiveServer, theme: str) -> None:
    page = _open(browser, server, theme, WIDE)
    _take(page, f"empty-{theme}", close=False)
    _ask(page, "/markdown")
    page.get_by_role("heading", name="Code").evaluate("heading => heading.scrollIntoView()")
    _take(page, f"answer-{theme}", close=False)
    page.keyboard.press("Control+k")
    _take(page, f"palette-{theme}")
    page = _open(browser, server, theme, PHONE)
    _ask(page, "What time is it?")
    _take(page, f"phone-{theme}", close=False)
    page.get_by_role("button", name="Show chats").tap()
    _take(page, f"phone-chats-{theme}")


def _open(browser: Browser, server: LiveServer, theme: str, screen: dict[str, Any]) -> Page:
    context = browser.new_context(
        color_scheme=theme, reduced_motion="reduce", service_workers="block", **screen
    )
    page = context.new_page()
    page.goto(server.url)
    ready = page.locator("html[data-state=ready]")
    expect(ready).to_be_attached(timeout=PATIENCE_MS)
    return page


def _ask(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_role("list", name="About this answer").last).to_be_visible()


def _take(page: Page, name: str, *, close: bool = True) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    if close:
        page.context.close()


if __name__ == "__main__":
    main()
