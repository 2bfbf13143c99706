"""One session after the other in a browser, with what each step costs."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chat_page import ChatPage
from tests.browser.python_page import PythonPage, calls
from tests.browser.watch import Watch
from tests.chromium import launch_options
from tests.live_server import LiveServer, live_server

_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">{bars}</svg>"""
_PLOT = f"""
from IPython.display import SVG
bars = "".join(f'<rect x="{{4 * n}}" width="3" height="{{n}}"/>' for n in range(100))
SVG('''{_SVG}'''.format(bars=bars))"""


# A browser that has kept nothing compiles all of Python first.
_PATIENCE_MS = 120_000


class Cost(NamedTuple):
    """Seconds by the wall and of the browser's processes; megabytes that they take more."""

    wall_s: float
    cpu_s: float
    memory_mb: float | None


def measure(rounds: int) -> list[dict[str, Cost]]:
    """Measure so many sessions; of each its steps by name."""
    expect.set_options(timeout=_PATIENCE_MS)
    with live_server() as server, sync_playwright() as playwright:
        found = []
        for _ in range(rounds):
            with playwright.chromium.launch(**launch_options()) as browser:
                found.append(_Round(browser, server).steps())
        return found


class _Round:
    """A browser with a page whose model may run Python."""

    def __init__(self, browser: Browser, server: LiveServer) -> None:
        self._devtools = browser.new_browser_cdp_session()
        page = browser.new_page()
        chat = ChatPage(page, server.url, Watch(page))
        chat.open()
        chat.use_provider(f"{server.url}/api/demo/v1", "demo")
        self._server = server
        self._python = PythonPage(chat, server)
        self._python.offer()

    def steps(self) -> dict[str, Cost]:
        python = self._python
        return {
            "question to the first cell's value, with the start of Python": self._cost(
                lambda: self._show("6 * 7", "42")
            ),
            "question to the value of the next cell": self._cost(lambda: self._show("6 * 8", "48")),
            "question to the first picture drawn": self._cost(self._draw),
            "Stop of an endless loop to its end, names kept": self._stopped(),
            "100 MB in a cell": self._cost(
                lambda: python.run("kept = bytearray(100_000_000)\nlen(kept)")
            ),
        }

    def _show(self, code: str, value: str) -> None:
        self._python.begin(code)
        expect(self._python.output).to_have_text(value)

    def _draw(self) -> None:
        self._python.begin(_PLOT)
        image = self._python.output.get_by_role("img")
        expect(image).to_have_count(1)
        image.evaluate("image => image.decode()")

    def _stopped(self) -> Cost:
        python, chat = self._python, self._python.chat
        python.run("kept = 1")
        self._server.queue(calls("print('ready')\nwhile True: kept += 1"))
        chat.ask("Go on for ever")
        expect(python.output).to_contain_text("ready")

        def stop() -> None:
            chat.stop_button.click()
            expect(python.output).to_contain_text("KeyboardInterrupt")

        cost = self._cost(stop)
        chat.wait_for_end()
        assert python.run("kept > 1") == ["True"]
        return cost

    def _cost(self, step: Callable[[], object]) -> Cost:
        cpu_s, memory_mb = self._cpu_s(), self._memory_mb()
        begun = perf_counter()
        step()
        wall_s = perf_counter() - begun
        self._python.chat.end_answer()
        after_mb = self._memory_mb()
        more = after_mb - memory_mb if after_mb is not None and memory_mb is not None else None
        return Cost(wall_s, self._cpu_s() - cpu_s, more)

    def _cpu_s(self) -> float:
        return sum(one["cpuTime"] for one in self._processes())

    def _memory_mb(self) -> float | None:
        """Add up what each process takes, of what several share its part."""
        total_kb = 0
        for process in self._processes():
            try:
                told = Path(f"/proc/{process['id']}/smaps_rollup").read_text()
            except FileNotFoundError:  # no Linux, or it has just ended
                continue
            total_kb += next(int(line.split()[1]) for line in told.splitlines() if "Pss:" in line)
        return total_kb / 1000 if total_kb else None

    def _processes(self) -> list[dict[str, float]]:
        info = self._devtools.send("SystemInfo.getProcessInfo")
        processes: list[dict[str, float]] = info["processInfo"]
        return processes
