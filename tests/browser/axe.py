"""Findings of axe-core in the page as it is now: https://github.com/dequelabs/axe-core.

`npm` has put it into `.runtime`; it runs in the page by way of the browser's own tools, which the
page's policy does not concern.
"""

from typing import Any

from playwright.sync_api import Page

from tests.live_server import RUNTIME

_AXE = RUNTIME / "npm-development/node_modules/axe-core/axe.min.js"

# All rules of WCAG 2.0 to 2.2 at level AA, and the good practices. No style sheet is fetched anew.
_RUN = """async () => {
  const { violations } = await axe.run(document, {
    preload: false,
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return violations.map(({ id, help, nodes }) => ({ id, help,
    where: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`) }));
}"""


def expect_accessible(page: Page, state: str = "") -> None:
    """Fail for whatever axe finds. `state` names what the page shows, for the message.

    Raises:
        AssertionError: It found something; the message says what and where.
    """
    # Half faded in, a text has no contrast yet.
    page.evaluate(
        "Promise.allSettled(document.getAnimations().map(one => "
        "one.effect.getComputedTiming().iterations === Infinity || one.finished))"
    )
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    lines = [f"{one['id']}: {one['help']}\n  " + "\n  ".join(one["where"]) for one in found]
    assert not found, "\n".join([f"axe finds in the page ({state}):", *lines])


def expect_accessible_in_both_themes(page: Page, state: str) -> None:
    """Do so in the dark theme and in the light one."""
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect_accessible(page, f"{state}, {theme}")
