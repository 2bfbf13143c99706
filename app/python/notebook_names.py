"""The few modules of notebooks that people and models write in any cell: `IPython.display`, where
there is no IPython.
"""

import base64
import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from .bundles import display, hand_on
from .imports import is_installed
from .messages import name_of


class _Shown:
    """An object that is one representation: given as data, or as the name of a file."""

    mime = "text/plain"

    def __init__(self, data: Any = None, filename: str | None = None, **_: object) -> None:
        if data is None and filename is not None:
            data = Path(filename).read_text("utf-8")
        self.data = data

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {self.mime: self.data, "text/plain": f"<{type(self).__name__}>"}


class HTML(_Shown):
    mime = "text/html"


class Markdown(_Shown):
    mime = "text/markdown"


class SVG(_Shown):
    mime = "image/svg+xml"


class Latex(_Shown):
    mime = "text/latex"


class Math(_Shown):
    mime = "text/latex"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {self.mime: f"$\\displaystyle {self.data}$", "text/plain": str(self.data)}


class JSON(_Shown):
    mime = "application/json"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        data = json.loads(self.data) if isinstance(self.data, str) else self.data
        return {self.mime: data, "text/plain": json.dumps(data, default=str)}


class Image(_Shown):
    """PNG, JPEG or GIF, told by the bytes; an address is not asked for."""

    def __init__(self, data: Any = None, filename: str | None = None, **_: object) -> None:
        if isinstance(data, str) and not data.startswith(("http:", "https:", "data:")):
            filename, data = data, None
        if data is None and filename is not None:
            data = Path(filename).read_bytes()
        if not isinstance(data, bytes | bytearray):
            raise ValueError("give the bytes of the image, or the name of a file")
        super().__init__(data)
        kinds = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"GIF8": "image/gif"}
        found = [mime for start, mime in kinds.items() if data.startswith(start)]
        if not found:
            raise ValueError("this is no PNG, JPEG or GIF")
        self.mime = found[0]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        said = f"<Image, {len(self.data):,} bytes>"
        return {self.mime: base64.b64encode(self.data).decode(), "text/plain": said}


def modules(clear: Callable[..., None]) -> dict[str, ModuleType]:
    """Make the stand-ins for modules that are not installed, by their names."""
    made: dict[str, ModuleType] = {}
    if not _is_installed("IPython"):
        names = ModuleType("IPython.display", "As much of IPython.display as is used here.")
        shown = (HTML, Markdown, SVG, Latex, Math, JSON, Image)
        vars(names).update({one.__name__: one for one in shown})
        vars(names).update(display=display, clear_output=clear, publish_display_data=_published)
        whole = ModuleType("IPython", "A stand-in: there is no IPython here, only IPython.display.")
        vars(whole).update(display=names, get_ipython=lambda: None, __path__=[], version_info=(9,))
        made |= {"IPython": whole, "IPython.display": names}
    if not _is_installed("micropip"):
        words = "A stand-in: what a cell asks it for was loaded before the cell began."
        pip = ModuleType("micropip", words)
        vars(pip).update(install=_install)
        made["micropip"] = pip
    if not _is_installed("nbformat"):
        # Plotly shows figures only where this can be imported, and uses none of it.
        empty = ModuleType("nbformat", "A stand-in that has a version and nothing else.")
        vars(empty).update(__version__="5.10.4", __getattr__=_is_not_there)
        made["nbformat"] = empty
    return made


async def _install(requirements: str | list[str], **_: object) -> None:
    asked = [requirements] if isinstance(requirements, str) else requirements
    for one in asked:
        if not is_installed(one):
            name = name_of(one)
            raise ModuleNotFoundError(f"{one} was not loaded: write its name out", name=name)


def _published(data: dict[str, Any], *_: object, **__: object) -> None:
    hand_on(dict(data))


def _is_not_there(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise ModuleNotFoundError("nbformat is not installed", name="nbformat")


def _is_installed(name: str) -> bool:
    if name in sys.modules:
        return True
    return find_spec(name) is not None
