"""Needs of a thumb on the page: nothing wider than the window, and every control in view, large
enough and with nothing over it.
"""

from typing import Any

from playwright.sync_api import Page

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}

# WCAG 2.2 asks for 24 pixels at least: https://www.w3.org/TR/WCAG22/#target-size-minimum. Thumbs
# want 44; what folds something open, boxes in rows that can be pressed as a whole, and links in a
# text have less.
_LEAST_PX = 24
_THUMB_PX = 44
_SMALL = "summary, .chat-box, .markdown :not(button)"

# Looks at what can be reached now: a dialog or a menu that is open hides the rest, `inert` too.
_LOOK = """
([least, thumb, small, isTouched]) => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) found.push(`the page is ${whole} wide`);
  const over = document.querySelector(":popover-open")
    ?? [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true })
    && !one.disabled && !one.closest("[inert], .visually-hidden, .skips");
  const name = (one) => one.getAttribute("aria-label") || one.textContent.trim() || one.id;
  const controls = "button, a[href], input, select, textarea, summary, [role=tab], [role=option]";
  for (const one of [...over.querySelectorAll(controls)].filter(isShown)) {
    const target = one.matches("input") ? (one.closest("label") ?? one) : one;
    target.scrollIntoView({ block: "center", inline: "nearest" });
    const box = target.getBoundingClientRect();
    const wanted = one.matches(small) ? least : thumb;
    // A link among words is as high as its line.
    if (!one.matches("a:not(.chat-link)") && Math.min(box.width, box.height) < wanted - 0.5) {
      found.push(`${name(one)} is ${box.width.toFixed(1)} by ${box.height.toFixed(1)}`);
    }
    if (box.left < -0.5 || box.right > width + 0.5) {
      found.push(`${name(one)} goes from ${box.left.toFixed()} to ${box.right.toFixed()}`);
    }
    if (box.top < -0.5 || box.bottom > innerHeight + 0.5 && box.height <= innerHeight) {
      found.push(`${name(one)} stays between ${box.top.toFixed()} and ${box.bottom.toFixed()}`);
    }
    for (let up = one.matches("input") ? target : one; up && isTouched; up = up.parentElement) {
      if (getComputedStyle(up).opacity === "0") found.push(`${name(one)} cannot be seen`);
    }
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    // A short message goes by itself, or is sent away.
    const isFree = at && (target.contains(at) || at.contains(target) || at.closest(".toast"));
    if (!isFree) {
      found.push(`${name(one)} lies under ${at?.outerHTML.slice(0, 80)}`);
    }
  }
  const boxes = "main, nav, aside, .scroller, .panel, .settings-body, .dialog-body, .chats, .menu";
  for (const box of [over, ...over.querySelectorAll(boxes)].filter(isShown)) {
    if (box.scrollWidth > box.clientWidth) {
      found.push(`${box.id || box.className} scrolls sideways`);
    }
  }
  return found;
}
"""


def expect_within_reach(page: Page, state: str = "", *, by_thumb: bool = True) -> None:
    """Fail for whatever a thumb, else a mouse, cannot reach or hit, or stands out sideways.

    Raises:
        AssertionError: The message says what; `state` names what the page shows.
    """
    # What still slides in is elsewhere in the next moment.
    page.evaluate(
        "Promise.allSettled(document.getAnimations().map(one => "
        "one.effect.getComputedTiming().iterations === Infinity || one.finished))"
    )
    sizes = [_LEAST_PX, _THUMB_PX] if by_thumb else [0, 0]
    found = page.evaluate(_LOOK, [*sizes, _SMALL, by_thumb])
    assert not found, "\n".join([f"in this window ({state}):", *found])
