"""Texts of this room that Python shows, most of them to a model as well. Pure."""

from ...web import words as web_words

BROKE = "Its Python broke down before the cell ended"
RESET = (
    "Python was started anew, so all names and imports of earlier calls are gone. "
    "The files in its folder are still there"
)
LOST_FILES = "What the cell wrote into files before it was ended is gone"


def did_not_start(reason: str) -> str:
    detail = f" ({reason})" if reason else ""
    return (
        f"Python did not start{detail}. Check that the server of this page still runs, "
        "then try again."
    )


def stopped_after(limit_s: float) -> str:
    return f"It was stopped: a cell may run for {limit_s:g} seconds"


# The panel of a chat's Python.
NOT_RUNNING = (
    "No Python runs in this chat. It begins with the first call of “Run Python”, a tool that you "
    "can offer to the model in the menu of tools."
)
RUNNING = "Python runs in this tab, apart from the page and without a network."
RESTARTED = "The names are gone; the files are still there."
NO_NAMES = "Cells have given no names yet."
NO_FILES = "There are no files yet: attach some, or have Python write some."
BUSY = "A cell runs. Its names are shown when it has ended."
ATTACHED = "attached"


def size_of(count_bytes: int | None) -> str:
    return "" if count_bytes is None else web_words.size(count_bytes)


def download(name: str) -> str:
    return f"Download {name}"


def delete(name: str) -> str:
    return f"Delete {name}"


def deleted(name: str) -> str:
    return f"Deleted: {name}"
