"""Loads chardet when the first file needs it: the start of the page should not wait for it."""

import importlib
from typing import Any

import pyodide_js
from pyodide.ffi import JsException
from tokenfall_page import keepUsed  # boot.mjs registers it

from .text_encodings import CANDIDATES, Detector

_PACKAGE = "chardet"


async def load() -> Detector:
    """Load the detector that names encodings of bytes. Where it can't be loaded (the page is used
    without a network before it was ever needed), it names none.
    """
    try:
        found = importlib.import_module(_PACKAGE)
    except ImportError:
        await _fetch()
        try:
            found = importlib.import_module(_PACKAGE)
        except ImportError:
            return lambda data: ()
    detector: Any = found
    asked = {
        "encoding_era": detector.EncodingEra.ALL,
        "include_encodings": CANDIDATES,
        "ignore_threshold": True,
    }

    def detect(data: bytes) -> list[tuple[str, float]]:
        every = detector.detect_all(data, **asked)
        return [(one["encoding"], one["confidence"]) for one in every if one["encoding"]]

    return detect


async def _fetch() -> None:
    """Have Pyodide load the wheel that its lock file names, by its hash."""
    try:
        await pyodide_js.loadPackage(_PACKAGE)
    except JsException:
        return
    keepUsed(_PACKAGE)
    importlib.invalidate_caches()
