"""The context meter in the top bar: how much of what the model can read this chat fills."""

from collections.abc import Sequence

from ...core.messages import Message
from .. import numbers, texts
from ..dom import find, show

# From this share of the window on it is worth a colour.
_NEARLY_FULL = 0.8


def show_context(messages: Sequence[Message], window: int | None) -> None:
    """Show it for this path of messages; `window` in tokens, None where it is not known."""
    element = find("context")
    used, is_guess = numbers.context_tokens(messages)
    show(element, used > 0)
    element.textContent = texts.context_meter(used, is_guess, window)
    element.title = texts.context_spoken(used, is_guess, window)
    element.setAttribute("role", "img")
    element.setAttribute("aria-label", element.title)
    element.classList.toggle(
        "is-nearly-full", bool(window) and used >= _NEARLY_FULL * (window or 0)
    )
