"""The address of this page, without the part behind it in the bar, and its part of the storage."""

from js import document, location

# Stands before the name of all that this page keeps in the browser: a program that has several
# pages, or several people who log in, says with each page which it is (`server/embedding`).
SPACE = str(document.documentElement.getAttribute("data-space") or "")


def beside_page(path: str) -> str:
    """The whole address of a path beside the page, which may lie under any sub-path."""
    folder = location.href.partition("#")[0].partition("?")[0].rpartition("/")[0]
    return f"{folder}/{path}"
