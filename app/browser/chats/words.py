"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

from ...history.foreign.report import Report
from ..web import words as web_words

ON_ITS_WAY = "Answering"
PINNED = "Pinned"
ON_SERVER = "On the server"
TEMPORARY_CHAT = "Temporary chat"
RENAME = "Rename"
RENAME_CHAT = "Rename this chat"
PIN = "Pin"
UNPIN = "Unpin"
COPY_CHAT = "Copy chat as Markdown"
CHAT_COPIED = "Chat copied as Markdown."
COPY_LINK = "Copy a link with this chat"
EXPORT_JSON = "Export as JSON"
EXPORT_MARKDOWN = "Export as Markdown"
EXPORT_NOTEBOOK = "Export as notebook (.ipynb)"
EXPORT_PAGE = "Export as one HTML page"
EXPORT_SCRIPT = "Export as Python (.py)"
DELETE_CHAT = "Delete chat"
CHAT = "Chat"
SEARCH_CHATS = "Search chats"
EARLIER_CHAT = "Next chat in the list"
LATER_CHAT = "Previous chat in the list"
CHOOSE_CHATS = "Select chats"
IMPORT = "Import chats"
DATA = "Chats and storage"
NO_SUCH_CHAT = "This chat is not kept in this browser."
GONE_ELSEWHERE = "This chat was deleted in another tab or on another device."
NOT_FETCHED = "The server can't be reached. Try again when it can."
DELETE_ON_SERVER_DETAIL = "It is removed from the server for good. This cannot be undone."
CHAT_NOT_READ = "This chat could not be read. Reload the page and try again."
EXPORT_STOPPED = "Export stopped. Nothing was saved."
LASTING = "The browser keeps your chats until you delete them."
NOT_LASTING = "The browser may clear your chats when it runs short of space."
NOT_KEPT = "Nothing is kept: your chats last as long as this page."
NO_PROMISE = "The browser did not agree. Export the chats you want to be sure of."
DELETE_ALL = "Delete all"
DELETE_ALL_DETAIL = "They are removed from this browser for good. This cannot be undone."

# Why chats are not kept, by what went wrong.
TROUBLES = {
    "full": (
        "The storage of this browser is full. New messages stay on the screen but are not kept. "
        "Export or delete chats to make room."
    ),
    "forbidden": (
        "This browser does not let the page keep anything (a private window, or its settings). "
        "Your chats last as long as this page."
    ),
    "newer": (
        "A newer version of this page has kept chats here. Reload to get it. Until then your "
        "chats last as long as this page."
    ),
    "upgrade": (
        "This version of the page could not take over the chats that are kept here. They are as "
        "they were: reload to try again. Until then what you write lasts as long as this page."
    ),
    "outdated": "A newer version of this page is open in another tab. Reload this one.",
    "closed": "The browser closed the storage of this page. Reload to go on; export first.",
    "failed": "Something could not be kept. Reload the page; export this chat first.",
}


def options_of(title: str) -> str:
    return f"Options of {title}"


def choose_chat(title: str) -> str:
    return f"Select {title}"


def title_of(title: str) -> str:
    return f"New title of {title}"


def chosen(count: int) -> str:
    return f"{count:,} selected"


def _chats(count: int) -> str:
    return "1 chat" if count == 1 else f"{count:,} chats"


def delete_on_server(title: str) -> str:
    return f"Delete “{title}” on the server?"


def chats_deleted(count: int, *, on_server: bool = False) -> str:
    """`on_server`: the server of this page keeps some of it, and deletes that too."""
    there = ", on the server too" if on_server else ""
    return f"Chat deleted{there}." if count == 1 else f"{_chats(count)} deleted{there}."


def imported(count: int, left_out: int) -> str:
    """The result of an import; `left_out` are chats that are here already."""
    here = f"{_chats(left_out)} of the file {'is' if left_out == 1 else 'are'} here already."
    if not count and left_out:
        return f"Nothing new: {here}"
    return f"{_chats(count)} imported." + (f" {here}" if left_out else "")


def import_stopped(count: int, total: int) -> str:
    return f"Import stopped: {count:,} of {_chats(total)} imported."


def reading_file(done: int, total: int) -> str:
    return f"Reading the file: {done:,} of {_chats(total)}…"


def importing(done: int, total: int) -> str:
    return f"Saving {done:,} of {_chats(total)}…"


def importing_file(count: int) -> str:
    return f"Reading the file: {_chats(count)} so far…"


def import_ended(count: int) -> str:
    return f"Import stopped: {_chats(count)} imported."


def import_without_room(count: int) -> str:
    return (
        f"Import ended, for there is no more room here: {_chats(count)} imported. Delete chats, or "
        "allow the browser to keep more, and import the file again: nothing comes twice."
    )


NO_NOTEBOOK = "This file is no notebook of Jupyter, or it is damaged."
EMPTY_NOTEBOOK = "This notebook is empty."
LARGE_NOTEBOOK = "This notebook is too large: 50 MB is the limit."
IMPORT_NOT_READ = "This file could not be read. Choose it again."

# Parts that do not come along, as `history/foreign` counts them: of one, and of more.
_LEFT_OUT = {
    "images": ("1 image is", "{} images are", " not in the file, only named."),
    "large": ("1 image is", "{} images are", " too large, and only named."),
    "files": ("1 attached file is", "{} attached files are", " not in the file, only named."),
    "sounds": ("1 recording was", "{} recordings were", " left out; their words came along."),
    "hidden": ("1 hidden message was", "{} hidden messages were", " left out."),
    "unknown": ("1 part was", "{} parts were", " left out, of kinds not known here."),
    "canvas edits": (
        "1 edit of a canvas is",
        "{} edits of a canvas are",
        " shown as the call alone.",
    ),
    "projects": (
        "Projects were",
        "Projects ({} files) were",
        " left out: only chats are taken in.",
    ),
    "memories": (
        "Memories were",
        "Memories ({} files) were",
        " left out: only chats are taken in.",
    ),
}


def import_details(report: Report) -> list[str]:
    """The chats that an import left out, and why."""
    said = []
    if report.damaged:
        named = ", ".join(
            f"number {name}" if name.isdecimal() else f"“{name}”" for name in report.named
        )
        more = ", …" if report.damaged > len(report.named) else ""
        said.append(f"{_chats(report.damaged)} could not be read: {named}{more}.")
    if report.is_cut:
        said.append("The file ends in the middle: it may be only a part of the export.")
    if report.too_large:
        said.append(f"{_chats(report.too_large)} left out: too large to be read here.")
    if report.empty:
        said.append(f"{_chats(report.empty)} left out: nothing is said there.")
    for kind, (one, many, rest) in _LEFT_OUT.items():
        if count := report.left_out[kind]:
            said.append((one if count == 1 else many.format(f"{count:,}")) + rest)
    return said


def chats_found(count: int) -> str:
    return f"{_chats(count)} found" if count else "No chat found"


def searching(count: int) -> str:
    return f"Searching… {count:,} found so far" if count else "Searching…"


def delete_all(count: int) -> str:
    return f"Delete {'the only chat' if count == 1 else f'all {count:,} chats'}?"


def exporting(done: int, total: int) -> str:
    return f"Reading {done:,} of {_chats(total)}…"


def used(used_bytes: int, quota_bytes: int, chats_bytes: int | None) -> str:
    """The room that is taken, and by what: `3.2 MB, 0.1 % of 2.1 GB: chats 1.1 MB, …`."""
    if not quota_bytes:
        return "The browser does not say"
    percent = f"{100 * used_bytes / quota_bytes:.1f} %"
    share = f"{web_words.size(used_bytes)}, {percent} of {web_words.size(quota_bytes)}"
    if chats_bytes is None:
        return f"{share}: your chats, and the app itself for use without a network"
    rest = max(used_bytes - chats_bytes, 0)
    return (
        f"{share}: your chats {web_words.size(chats_bytes)}, the app itself {web_words.size(rest)}"
    )


USE_BROUGHT = "Use them"
DROP_BROUGHT = "Drop them"
DECIDE_LATER = "Decide later"
ASKED_ABOUT_THEM = "Some bring their own settings: you are asked about them above the message box."


def brings_settings(count: int) -> str:
    if count == 1:
        return "This chat brings its own settings. They are not used yet."
    return f"{count:,} chats bring their own settings. They are not used yet."


def exported(missed: int) -> str:
    if not missed:
        return "All chats exported."
    return (
        f"{_chats(missed)} could not be read and {'is' if missed == 1 else 'are'} not in the file."
    )


# A chat as one HTML page (web_page), and what a notebook or script tells of files.
YOU = "You"
CELL = "Python"
ATTACHED = "Attached"
FILE = "File"
LOST = "(not here)"
TOOL_CALL = "Tool call"
RESULT = "Result"
ERROR = "Error"
FIGURE = "Figure"
HTML_OUTPUT = "Output as HTML"


def omitted(characters: int) -> str:
    return f"… {characters:,} characters are left out here"


def table_of(shown: int, rows: int, columns: int) -> str:
    """The size of a table, and how much of it is here."""
    size = f"{rows:,} rows × {columns:,} columns"
    return size if shown >= rows else f"{size}; the first {shown:,} rows are here"
