"""The conversation: questions and answers in order, and what can be pressed in them."""

import asyncio
from collections.abc import Callable
from typing import Any

from js import navigator
from pyodide.ffi import JsException

from ..dom import Node, clone, find, listen, part, show
from .answer import Answer


def on_press(action: Callable[[str, Node], None]) -> None:
    """Call `action(name, article)` when a button inside an answer is pressed."""

    def pressed(event: Any) -> None:
        if summary := event.target.closest("summary"):
            # From now on this reader decides whether it is open.
            summary.parentElement.setAttribute("data-touched", "")
        elif button := event.target.closest("[data-action]"):
            action(button.getAttribute("data-action"), button.closest("article"))

    listen(find("transcript"), "click", pressed)


def add_question(text: str) -> None:
    article = clone("template-question")
    part(article, "text").textContent = text
    show(find("welcome"), False)
    find("transcript").append(article)


def add_answer(answer: Answer) -> None:
    find("transcript").append(answer.article)


def clear() -> None:
    find("transcript").replaceChildren()
    show(find("welcome"), True)
    find("scroller").scrollTop = 0


def announce(sentence: str) -> None:
    """Tell a screen reader, which is not read the text as it grows."""
    find("status").textContent = sentence


async def copy(article: Node) -> None:
    """Put the answer's text on the clipboard, and say so on the button."""
    button = article.querySelector('[data-action="copy"]')
    text = part(article, "text").textContent or part(article, "refusal").textContent
    copied = await _to_clipboard(text)
    button.textContent = "Copied" if copied else "Copying is not allowed here"
    await asyncio.sleep(2)
    button.textContent = "Copy"


async def _to_clipboard(text: str) -> bool:
    try:
        await navigator.clipboard.writeText(text)
    except (JsException, AttributeError):
        # No clipboard on pages over plain http from elsewhere, or the person said no.
        return False
    return True
