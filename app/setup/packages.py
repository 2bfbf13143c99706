"""Packages for the Python of a chat, for machines without a network: files of Pyodide's
distribution, in a folder that `serve.py` gives its pages.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from .console import Report
from .errors import SetupError
from .stamps import file_digest, write_atomically
from .steps import Step

FOLDER = "packages"
# Where the files of this version of Pyodide are.
DISTRIBUTION = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of Pyodide's list."""

    name: str
    sha256: str


def packages_step(
    names: Sequence[str], folder: Path, pyodide: Path, distribution: str = DISTRIBUTION
) -> Step:
    """Return the step that fetches packages with all that they need. `pyodide` is the npm package,
    which has the list, with the hash of each file.
    """

    def missing() -> list[ListedFile]:
        found = listed(names, json.loads((pyodide / "pyodide-lock.json").read_bytes()))
        return [one for one in found if not _is_there(folder / one.name, one.sha256)]

    def fetch(report: Report) -> None:
        version = json.loads((pyodide / "package.json").read_bytes())["version"]
        base = distribution.format(version=version)
        folder.mkdir(parents=True, exist_ok=True)
        files = missing()
        for number, one in enumerate(files, start=1):
            report(f"{one.name}, {number} of {len(files)}")
            write_atomically(folder / one.name, _fetched(base + quote(one.name), one, folder))

    return Step(f"Fetch packages for Python: {', '.join(names)}", lambda: not missing(), fetch)


def listed(names: Iterable[str], lock: dict[str, dict[str, dict[str, object]]]) -> list[ListedFile]:
    """The files of these packages, and of what they need.

    Raises:
        SetupError: Pyodide has no package of a name.
    """
    packages = {_plain(name): one for name, one in lock["packages"].items()}
    found: dict[str, ListedFile] = {}
    waiting = [_plain(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in packages:
            raise SetupError(
                f"Pyodide has no package {name}. Lay its wheel (…-none-any.whl) into the folder of "
                "packages, and leave it out of --packages."
            )
        one = packages[name]
        found[name] = ListedFile(str(one["file_name"]), str(one["sha256"]))
        depends = one["depends"]
        waiting += [_plain(str(each)) for each in depends] if isinstance(depends, list) else []
    return [found[name] for name in sorted(found)]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _is_there(file: Path, digest: str) -> bool:
    return file.is_file() and file_digest(file) == digest


def _fetched(address: str, file: ListedFile, folder: Path) -> bytes:
    try:
        with urlopen(address, timeout=_LIMIT_S) as response:
            data: bytes = response.read()
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise SetupError(
            f"{file.name} could not be fetched from {address} ({reason}). Where there is no "
            f"network, lay this file into {folder}."
        ) from None
    if sha256(data).hexdigest() != file.sha256:
        raise SetupError(
            f"What came from {address} is not the file that Pyodide's list means (its hash "
            "differs), so it was not kept."
        )
    return data
