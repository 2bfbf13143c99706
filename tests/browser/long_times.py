"""Long times in a page pass when the test says so, and not before.

A message at the lower edge stays for 5 seconds, a tool may run for 60, an answer may be silent for
90: on a busy machine each could be over before the test has looked. Nothing waits for them either.
"""

from playwright.sync_api import Page

# Holds what is to happen in 5 seconds or more, until `passTime(ms)`.
_HOLD = """
(() => {
  if (globalThis.passTime) return;
  const { setTimeout, clearTimeout } = globalThis;
  const held = new Map();
  let last = 1e9;
  globalThis.setTimeout = (action, ms, ...given) => {
    if (!(ms >= 5000)) return setTimeout(action, ms, ...given);
    held.set(++last, { action, ms, given });
    return last;
  };
  globalThis.clearTimeout = (id) => held.delete(id) || clearTimeout(id);
  globalThis.passTime = (ms) => {
    for (const [id, one] of [...held]) {
      if ((one.ms -= ms) <= 0 && held.delete(id)) one.action(...one.given);
    }
  };
})()
"""


def hold(page: Page) -> None:
    """Hold the long times of what this page opens from now on."""
    page.add_init_script(_HOLD)


def let_pass(page: Page, time_ms: int) -> None:
    """Let so much of them pass."""
    page.evaluate("(ms) => passTime(ms)", time_ms)


def let_pass_until(page: Page, expression: str) -> None:
    """Let as much of them pass as it takes, until this JavaScript expression is true: what asks
    again after 1 second, 2, 4 and 8 may wait so long by now, on a busy machine.
    """
    page.wait_for_function(f"() => (passTime(1000), {expression})")
