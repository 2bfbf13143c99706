"""The address of this page, without the part behind it in the bar."""

from js import location


def beside_page(path: str) -> str:
    """The whole address of a path beside the page, which may lie under any sub-path."""
    folder = location.href.partition("#")[0].partition("?")[0].rpartition("/")[0]
    return f"{folder}/{path}"
