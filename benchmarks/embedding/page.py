"""One talk with a product's page in Chromium: how long to the first word, and for each word."""

import json
import os
import socket
import statistics
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Error
from playwright.sync_api import TimeoutError as Late

from .products import PROGRAMS, Installed, Product
from .programs.words import COUNT

_LIMIT_S = 90.0
# What stands in the field, which may be gone.
_WRITTEN = "(box) => document.querySelector(box)?.value"

# Behind each frame: the time at which each word has been painted. What a page writes in the frame
# itself is in it, so the look comes after it, by a message. A word is looked for where it would be
# next, so that a frame costs a page hardly anything.
_WATCH = """
(() => {
  const seen = (window.__words = []);
  const look = () => {
    const text = document.body ? document.body.textContent : "";
    while (text.includes(`word${String(seen.length).padStart(3, "0")}`)) {
      seen.push((performance.timeOrigin + performance.now()) / 1000);
    }
  };
  const behind = new MessageChannel();
  behind.port1.onmessage = look;
  const frame = () => {
    behind.port2.postMessage(0);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})();
"""


@dataclass(frozen=True)
class Talk:
    """Seconds from the program's start to the first word seen; from each word's `yield` to its
    frame, the middle one and the 95th of 100. `problem` says why there is none.
    """

    first_word: float = 0.0
    middle: float = 0.0
    slow: float = 0.0
    problem: str = ""


def talk(product: Product, installed: Installed, browser: Browser) -> Talk:
    """Start the program, ask it once, and end it."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        times = Path(folder) / "times.json"
        filled = {name: value.format(port=port) for name, value in product.environ.items()}
        own = {"WORDS_TIMES": str(times), "HOME": folder, "PYTHONPATH": str(PROGRAMS)}
        first, *rest = (part.format(port=port) for part in product.command)
        for file in PROGRAMS.glob("*.py"):
            (Path(folder) / file.name).write_bytes(file.read_bytes())
        began = time.time()
        with subprocess.Popen(
            [installed.program(first), *rest],
            cwd=folder,
            env=os.environ | filled | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as program:
            try:
                _until_it_listens(port, program)
                seen = _ask(product, f"http://localhost:{port}/", browser)
                said = json.loads(times.read_text())
            except (Late, Error, OSError) as error:
                return Talk(problem=str(error).partition("\n")[0])
            finally:
                program.terminate()
                with suppress(subprocess.TimeoutExpired):
                    program.wait(10)
                program.kill()
        late = sorted(shown - told for shown, told in zip(seen, said, strict=False))
        slow = late[int(len(late) * 0.95)]
        return Talk(seen[0] - began, statistics.median(late), slow)


def _until_it_listens(port: int, program: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + _LIMIT_S
    while time.monotonic() < limit and program.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise OSError("its program did not come up")


def _ask(product: Product, url: str, browser: Browser) -> list[float]:
    """Ask, and give the times of the words."""
    context = browser.new_context()
    try:
        context.set_default_timeout(_LIMIT_S * 1000)
        page = context.new_page()
        page.add_init_script(_WATCH)
        page.goto(url)
        page.locator(product.box).first.click()
        page.keyboard.type("Hello")
        seen: list[float] = []
        limit = time.monotonic() + _LIMIT_S
        while time.monotonic() < limit:
            # chainlit's page takes no Enter before its websocket is there, and the text stays.
            if not seen and page.evaluate(_WRITTEN, product.box):
                page.keyboard.press("Enter")
            # A page may forbid the eval that Playwright's own wait needs.
            page.wait_for_timeout(200)
            seen = page.evaluate("window.__words")
            if len(seen) >= COUNT:
                return seen
        raise OSError(f"{len(seen)} of {COUNT} words came")
    finally:
        context.close()
