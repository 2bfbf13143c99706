"""The title of the page: in the top bar, and with the icon on the browser's tab."""

from js import document

from . import words
from .dom import find
from .plain_text import short_name


def show(chat_title: str) -> None:
    """Show the title of the chat in the top bar and on the browser's tab; "" for a new chat."""
    chat_title = short_name(chat_title)
    find("chat-title").textContent = chat_title or words.NEW_CHAT
    _Title.chat = chat_title
    _write_title()


def show_progress(state: str) -> None:
    """Say in the tab what goes on: `writing`, `waiting` (for the person), `ready` (and nobody
    looks), or "" for neither.
    """
    _Title.state = state
    document.documentElement.setAttribute("data-answer", state)
    _write_title()


class _Title:
    chat = ""
    state = ""
    written = ("", "")


def _write_title() -> None:
    if _Title.written == (_Title.chat, _Title.state):
        return
    _Title.written = (_Title.chat, _Title.state)
    parts = [words.PROGRESS.get(_Title.state, ""), _Title.chat, words.APP]
    document.title = " – ".join([part for part in parts if part])
    icon = document.querySelector('link[rel="icon"]')
    name = "icon-active.svg" if _Title.state else "icon.svg"
    if not icon.href.endswith(f"/{name}"):
        icon.href = f"./app/browser/icons/{name}"
