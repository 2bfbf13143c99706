"""Folders with the page's files, for a program that has the package and not this folder."""

from pathlib import Path

from ..core.errors import UsageError

_NO_PAGE = (
    "The files of the page are not here: this package was installed without them. They are in "
    "Tokenfall's own folder, once python3 serve.py has run there: install it from that folder with "
    "pip install -e '.[server]'"
)


def page_folder() -> tuple[Path, Path]:
    """The folder of `index.html` and `app`, and what the set-up has prepared.

    Raises:
        UsageError: They are not here; the message says how to have them.
    """
    root = Path(__file__).parents[2]
    if not (root / "index.html").is_file():
        raise UsageError(_NO_PAGE)
    return root, root / ".runtime"
