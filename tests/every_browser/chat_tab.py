"""The page as a person uses it, in any browser: by what its parts are and how they are called."""

from pathlib import Path
from typing import Any

from tests.every_browser.driver import Driver

_LOOK = Path(__file__).with_name("look.js").read_text("utf-8")

ANSWER = '#transcript article[aria-label="Assistant"]'
TEXT = f'{ANSWER} [data-part="text"]'


class NoPython(Exception):
    """The browser could not start Python in the page."""


class ChatTab:
    """One open page."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        """Go to the page and wait until Python has taken over.

        Raises:
            NoPython: it did not start; the error holds what the page says of it.
        """
        self.driver.goto(url)
        self.wait("document.documentElement.dataset.state !== 'booting'")
        if self.value("document.documentElement.dataset.state") == "failed":
            raise NoPython(self.value("document.querySelector('#boot-failure').textContent"))

    def value(self, expression: str, *args: Any) -> Any:
        """Give the present value of a JavaScript expression."""
        return self.driver.run(f"{_LOOK} return {expression};", *args)

    def wait(self, expression: str, *args: Any) -> Any:
        """Wait until an expression is true; what it is then."""
        return self.driver.run(f"{_LOOK} return until(() => {expression});", *args)

    def wait_for_text(self, selector: str, words: str) -> None:
        """Wait until the last part that fits the selector has exactly this text."""
        self.wait("text(args[0]) === args[1]", selector, words)

    def click(self, selector: str, words: str = "") -> None:
        """Press a part with the mouse, as soon as it stands still and nothing lies over it."""
        point = self.driver.run(
            f"""{_LOOK} let last;
            return until(() => {{
              const before = last;
              last = place(find(...args));
              return last && `${{last}}` === `${{before}}` && last;
            }});""",
            selector,
            words,
        )
        self.driver.click(*point)

    def fill(self, selector: str, new: str) -> None:
        """Write in a field in place of what stands there."""
        self.click(selector)
        self.wait("document.activeElement === find(...args)", selector)
        self.driver.press("Control", "a")
        self.driver.write(new)
        self.wait("find(args[0]).value === args[1]", selector, new)

    def select(self, selector: str, label: str) -> None:
        """Choose in a list that the browser draws itself, which no driver can press on."""
        self.driver.run(
            f"""{_LOOK} const list = await until(() => find(args[0]));
            list.value = [...list.options].find((one) => one.label === args[1]).value;
            list.dispatchEvent(new Event("change", {{ bubbles: true }}));""",
            selector,
            label,
        )

    def ask(self, question: str) -> None:
        """Write a message and press Enter."""
        self.fill("#message", question)
        self.driver.press("Enter")

    def wait_for_end(self, answers: int = 1) -> None:
        """Wait until there are so many answers, and none of them runs."""
        ended = f'{ANSWER} [data-part="actions"]'
        self.wait(
            "document.querySelectorAll(args[0]).length === args[1] && !find('#stop')",
            ended,
            answers,
        )

    def consent(self, label: str) -> None:
        """Press a button of the question above the message box until it counts: a press on one that
        has just come goes nowhere.
        """
        button = ("#consent button", label)
        self.click(*button)
        while point := self.value("place(find(...args))", *button):
            self.driver.click(*point)
