"""Packages from bytes that the page hands over, into the Pyodide of a session. Nothing is asked for
from here.
"""

import importlib
import io
import site
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

# Loads packages of Pyodide's own list from files that it is given; gives what went wrong.
Load = Callable[[Sequence[str], Mapping[str, Any]], Awaitable[Iterable[str]]]

_MOST_PROBLEM = 300


async def install(
    names: Sequence[str], wheels: Sequence[str], files: Mapping[str, Any], load: Load
) -> list[str]:
    """Load packages of Pyodide's list by their names, then pure wheels by their files' names;
    `files` holds all of it as buffers of JavaScript. Return what could not be loaded.
    """
    problems = list(await load(names, files)) if names else []
    for wheel in wheels:
        try:
            with zipfile.ZipFile(io.BytesIO(files[wheel].to_bytes())) as archive:
                archive.extractall(site.getsitepackages()[0])  # no name leads out of it
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            problems.append(f"{wheel}: {error}")
    importlib.invalidate_caches()
    return [str(problem)[:_MOST_PROBLEM] for problem in problems]
