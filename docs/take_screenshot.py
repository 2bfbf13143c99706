"""Takes the picture of the README: `.venv/bin/python -m docs.take_screenshot`, after the set-up.

A real page, a real answer of the built-in model, in the light theme.
"""

import os
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from app.native.local_model import LocalModel
from tests.chromium import launch_options
from tests.live_server import RUNTIME, live_server

PICTURE = Path(__file__).with_name("screenshot.png")
QUESTION = "Explain rain in three sentences"


def main() -> None:
    """Ask the built-in model, wait for its answer, and write the picture."""
    os.environ.setdefault("TOKENFALL_CHROMIUM", "/usr/bin/chromium")
    with live_server(model=LocalModel(RUNTIME)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 1120, "height": 700}, color_scheme="light")
        page.goto(server.url)
        picker = page.get_by_role("combobox", name="Model")
        expect(picker.locator("option:checked")).to_have_text("SmolLM2 135M", timeout=60_000)
        page.get_by_role("textbox", name="Message").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        expect(page.get_by_role("button", name="Send")).to_be_visible(timeout=120_000)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
