"""The five walks, in a page that counts."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Gate, Send, Step
from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.live_server import LiveServer

_HERE = Path(__file__).parent
TOKENS = 40
_TOKEN = " word"

_START = """async (source) => {
  const { whenDefined } = await import("/vendor/pyscript/core.js");
  globalThis.interpreter = (await whenDefined("py")).interpreter;
  globalThis.counting = interpreter.globals.get("dict")();
  interpreter.runPython(source, { globals: counting });
}"""
_MODULES = """() =>
  interpreter.runPython("sum(n.startswith('app.') for n in sys.modules)", { globals: counting })
"""
_START_BYTES = """() =>
  [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)
"""
_BEGIN = """() => {
  for (const name in crossings) crossings[name] = 0;
  interpreter.runPython("calls.begin()", { globals: counting });
}"""
_END = """() => {
  const crossed = { ...crossings };
  return [crossed, interpreter.runPython("calls.end()", { globals: counting })];
}"""
# Nothing has gone over for so long, by frames and by the clock.
_QUIET = """async () => {
  const count = () => Object.values(crossings).reduce((all, one) => all + one, 0);
  let before = -1;
  for (let same = 0; same < 3; same += 1) {
    const now = count();
    if (now !== before) same = 0;
    before = now;
    await new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100));
  }
}"""


class Walk(msgspec.Struct):
    """Cost of one walk, for each of `times` that it was made."""

    name: str
    calls: float
    modules: int
    crossing: float  # calls of a function in another module
    crossings: dict[str, float]  # of the page: by kind, and what the browser did
    most: list[tuple[str, float]]


class Walks:
    """One page, and what is counted in it."""

    def __init__(self, chat: ChatPage, server: LiveServer) -> None:
        self._chat = chat
        self._page = chat.page
        self._server = server
        self._clock = self._page.context.new_cdp_session(self._page)
        self._clock.send("Performance.enable")
        self._page.evaluate(_START, (_HERE / "calls.py").read_text("utf-8"))
        self.modules: int = self._page.evaluate(_MODULES)  # of ours, that the start has imported
        self.start_bytes: int = self._page.evaluate(_START_BYTES)  # that it asked for, as sent

    def all(self) -> list[Walk]:
        """Make all walks, each after one that warms up what comes once a visit."""
        return [self.token(), self.question(), self.stop(), self.always(), self.number()]

    def token(self, in_a_burst: int = 1) -> Walk:
        """Tokens, one burst after the other; each is seen before the next is sent. The clock
        stands, so what is done by it, as the numbers beneath the answer, is not counted.
        """
        chat, server = self._chat, self._server
        bursts = [_TOKEN * in_a_burst] * TOKENS
        self._ask(bursts)
        for number in range(5):
            self._show(number, bursts)

        def show() -> None:
            for number in range(5, TOKENS):
                self._show(number, bursts)

        self._page.evaluate("stopClock()")
        walk = self._count("a token shown", show, times=TOKENS - 5, is_quiet=False)
        self._page.evaluate("startClock()")
        server.open_gate("end")
        chat.wait_for_end()
        return walk

    def question(self) -> Walk:
        """A question, until its request is at the server and the page rests."""
        return self._count("a question sent", lambda: self._ask([]), after=self._end)

    def stop(self) -> Walk:
        """Stop, in the middle of an answer."""
        chat = self._chat
        self._ask(["one"])
        self._show(0, ["one"])

        def press() -> None:
            chat.stop_button.click()
            chat.wait_for_end()

        return self._count("Stop", press)

    def always(self) -> Walk:
        """“Always” to a tool, its run, and the next answer."""
        chat, server = self._chat, self._server
        server.reset()
        self._page.get_by_role("button", name="Tools:").click()
        self._page.get_by_role("menuitemcheckbox", name="Roll dice", exact=True).click()
        self._page.keyboard.press("Escape")
        call = ToolCall("call_1", "roll_dice", json.dumps({"sides": 6}))
        server.queue(
            streamed(records(Answer(tool_calls=(call,), finish_reason="tool_calls"))),
            streamed(records(Answer(text="I have it."))),
        )
        chat.ask("Roll")
        always = self._page.get_by_role("button", name="Always")
        expect(always).to_be_enabled()
        for _ in range(4):  # a press counts only where the button has stood still for a while
            self._page.evaluate(_QUIET)

        def press() -> None:
            always.click()
            chat.wait_for_end()

        return self._count("“Always” to a tool, its run, the next answer", press)

    def number(self) -> Walk:
        """A number in the settings, saved: from the press on Save on."""
        settings = self._chat.open_settings("Composer & keys")
        settings.get_by_label("Long pasted text").fill("4321")
        return self._count("a number in the settings saved", self._chat.save_settings)

    def _ask(self, tokens: list[str]) -> None:
        """Have the server ready to say these, each behind a gate, and ask."""
        self._server.reset()
        written = records(Answer(text="".join(tokens)), split=lambda text: tokens if text else [])
        opening, contents, ending = written[0], written[1 : 1 + len(tokens)], written[-2:]
        steps: list[bytes | Step] = [opening]
        for number, record in enumerate(contents):
            steps += [Gate(str(number)), Send(record)]
        self._server.queue(streamed([*steps, Gate("end"), *ending]))
        self._chat.ask("What does the tide bring?")
        self._server.wait(at="gate:0" if tokens else "gate:end")

    def _show(self, number: int, tokens: list[str]) -> None:
        """Let the next token come, and wait until it is seen."""
        self._server.open_gate(str(number))
        length = sum(map(len, tokens[: number + 1])) - 1
        self._page.wait_for_function(
            """(length) => {
              const texts = document.querySelectorAll('#transcript [data-part="text"]');
              return (texts[texts.length - 1]?.textContent.trim().length ?? 0) >= length;
            }""",
            arg=length,
        )

    def _end(self) -> None:
        self._server.open_gate("end")
        self._chat.wait_for_end()

    def _count(
        self,
        name: str,
        walk: Callable[[], None],
        *,
        times: int = 1,
        after: Callable[[], None] = lambda: None,
        is_quiet: bool = True,
    ) -> Walk:
        page = self._page
        page.evaluate(_QUIET)
        before = self._browser_counts()
        page.evaluate(_BEGIN)
        walk()
        if is_quiet:
            page.evaluate(_QUIET)
        crossed, counted = page.evaluate(_END)
        now = self._browser_counts()
        after()
        found: dict[str, Any] = json.loads(counted)
        crossed |= {kind: now[kind] - before[kind] for kind in now}
        return Walk(
            name,
            round(found["calls"] / times, 1),
            found["modules"],
            round(found["crossing"] / times, 1),
            {kind: round(count / times, 2) for kind, count in crossed.items()},
            [(name, round(count / times, 2)) for name, count in found["most"]],
        )

    def _browser_counts(self) -> dict[str, float]:
        metrics = self._clock.send("Performance.getMetrics")["metrics"]
        found = {str(one["name"]): float(one["value"]) for one in metrics}
        return {
            "layouts": found["LayoutCount"],
            "styles": found["RecalcStyleCount"],
            "nodes": found["Nodes"],
        }


@contextmanager
def counting_page(chromium: Browser, server: LiveServer) -> Iterator[Walks]:
    """Open the page of this server, with the scripted provider entered."""
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    page.add_init_script(path=_HERE / "crossings.js")
    chat = ChatPage(page, server.url, Watch(page))
    page.goto(server.url)
    page.locator('html[data-state="ready"]').wait_for(timeout=120_000)
    walks = Walks(chat, server)
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    yield walks
    page.close()
