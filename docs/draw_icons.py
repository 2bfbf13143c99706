"""Draws the icons of the installed app from the SVG: `.venv/bin/python -m docs.draw_icons`.

Run it after `icon.svg` has changed; Chromium draws.
"""

import os

from playwright.sync_api import sync_playwright

from tests.chromium import launch_options
from tests.live_server import REPOSITORY

ICONS = REPOSITORY / "app/browser/icons"
# A maskable icon may be cut to a circle of four fifths; the colour goes to its edge.
MASKABLE = "rect:first-of-type { rx: 0 } svg > g { transform: translate(16%, 16%) scale(0.68) }"


def main() -> None:
    """Write the PNG files beside the SVG."""
    os.environ.setdefault("TOKENFALL_CHROMIUM", "/usr/bin/chromium")
    svg = (ICONS / "icon.svg").read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for name, size, style in (
            ("icon-192", 192, ""),
            ("icon-512", 512, ""),
            ("icon-maskable-512", 512, MASKABLE),
            ("icon-touch-180", 180, MASKABLE),
        ):
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body {{ margin: 0 }} svg {{ display: block }} {style}</style>{svg}"
            )
            page.screenshot(path=ICONS / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
