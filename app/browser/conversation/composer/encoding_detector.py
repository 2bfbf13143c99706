"""Loads chardet when the first file needs it: the start of the page should not wait for it."""

import importlib
from typing import Any

import pyodide_js
from pyodide.ffi import JsException

from .text_encodings import Detector

_PACKAGE = "chardet"


async def load() -> Detector:
    """Load the detector that names the encoding of bytes. Where it can't be loaded (the page is
    used without a network before it was ever needed), it names none.
    """
    try:
        found = importlib.import_module(_PACKAGE)
    except ImportError:
        await _fetch()
        try:
            found = importlib.import_module(_PACKAGE)
        except ImportError:
            return lambda data: ""
    detector: Any = found
    # What the web is written in: chardet's old and rare ones are likelier to be wrong than right.
    era = detector.EncodingEra.MODERN_WEB

    def detect(data: bytes) -> str:
        return detector.detect(data, encoding_era=era)["encoding"] or ""

    return detect


async def _fetch() -> None:
    """Have Pyodide load the wheel that its lock file names, by its hash."""
    try:
        await pyodide_js.loadPackage(_PACKAGE)
    except JsException:
        return
    importlib.invalidate_caches()
