"""Files of the page: those that the installed package carries, or of Tokenfall's own folder."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..core.errors import UsageError
from ..setup.data_folder import data_folder
from ..setup.prepare import Preparation
from .packed_site import PackedSite
from .site import Site

# In the package, where the wheel was built with the page.
PACKED = "_page"

_NO_PAGE = (
    "The files of the page are not here: this package was installed without them. They are in "
    "Tokenfall's own folder, once python3 serve.py has run there: install it from that folder with "
    "pip install -e '.[server]'"
)


class Page(NamedTuple):
    """The files of the page, the folder for what serving makes, and what fetches the libraries of
    displays where they are not here.
    """

    site: Site | PackedSite
    runtime: Path
    prepare_displays: Callable[[str], None]


def page_here() -> Page:
    """Find the page; what serving makes of an installed one is kept for the user.

    Raises:
        UsageError: It is not here; the message says how to have it.
    """
    packed = Path(__file__).parents[1] / PACKED
    if (packed / "index.html").is_file():
        kept = data_folder()
        with suppress(OSError):  # who has to keep something says what it lacks
            kept.mkdir(0o700, parents=True, exist_ok=True)
        return Page(PackedSite(packed), kept, _is_here)
    root = Path(__file__).parents[2]
    if not (root / "index.html").is_file():
        raise UsageError(_NO_PAGE)
    return page_of(root, root / ".runtime")


def _is_here(library: str) -> None:
    """The package carries all of them."""


def page_of(root: Path, runtime: Path, script: str = "") -> Page:
    """The page of Tokenfall's own folder; `script` is for the page that follows edits."""
    return Page(Site(root, runtime, script), runtime, Preparation(root).for_displays)
