"""The context meter: how full this chat makes its model's context window. It stands in the top bar,
and where that has no room below the message box.
"""

from collections.abc import Sequence

from js import document

from ....core.messages import Message
from ...web.dom import show
from .. import token_counts
from . import answer_facts

# From this share of the window on it is worth a colour.
_NEARLY_FULL = 0.8


def show_context(messages: Sequence[Message], written: int, window: int | None) -> None:
    """Show it for these messages and an answer of which so many characters are written; `window`
    in tokens, None where it is not known.
    """
    used, is_guess = token_counts.context_tokens(messages)
    if written:
        used, is_guess = used + -(-written // token_counts.CHARACTERS_PER_TOKEN), True
    said, spoken = (
        say(used, is_guess, window)
        for say in (answer_facts.context_meter, answer_facts.context_spoken)
    )
    for element in list(document.querySelectorAll(".context")):
        show(element, used > 0)
        element.textContent = said
        element.title = spoken
        element.setAttribute("role", "img")
        element.setAttribute("aria-label", spoken)
        is_nearly_full = bool(window) and used >= _NEARLY_FULL * (window or 0)
        element.classList.toggle("is-nearly-full", is_nearly_full)
