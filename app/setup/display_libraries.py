"""The library that draws diagrams: one file of an npm package, fetched when a page first asks for
it.

npm hands over the package as it was published, without what it depends on: the file has all of that
in it. Installing it would bring 150 MB more.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

from .console import Report
from .errors import SetupError
from .node import Node
from .stamps import Stamp, digest, write_atomically
from .steps import Step, stamped
from .tools import Tools

_PACKAGE = "mermaid@12.3.0"
# Of the package. The page knows the hash of the file itself: browser/displays/libraries.py.
_SHA512 = (
    "e35d774dd5de2c0b0caee27bf4ea452f93bcf8b4c55e142a676eb4ac5ded8149"
    "a2340b519b852e99ed3823eeb93d137ac99ebd2787fcad56165bccd193ae5463"
)
# A page waits, so a network that is not there should be known soon.
_QUICK = ("--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
_MEMBER = "package/dist/mermaid.min.js"
_TITLE = "Fetch what draws diagrams"
# Where the page finds it.
MERMAID_PATH = "vendor/mermaid/mermaid.js"
FOLDER = "displays"
STAMP = "fetched.json"


def mermaid_in(runtime: Path) -> Path:
    """Name the file, which need not be there."""
    return runtime / FOLDER / "mermaid.js"


def mermaid_step(runtime: Path, tools: Tools, node: Callable[[], Node]) -> Step:
    """Return the step that fetches it."""
    output = mermaid_in(runtime)

    def fetch(report: Report) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        found = node()
        tools.run(
            _TITLE,
            [*found.npm, "pack", _PACKAGE, "--pack-destination", output.parent, *_QUICK],
            report,
            cwd=output.parent,
            env=found.environment,
        )
        package = output.parent / f"{_PACKAGE.replace('@', '-')}.tgz"
        try:
            write_atomically(output, _member_of(package.read_bytes()))
        finally:
            package.unlink(missing_ok=True)

    stamp = Stamp(output.parent / STAMP, digest(_PACKAGE, _SHA512, _MEMBER), lambda: [output])
    return stamped(_TITLE, stamp, fetch)


def _member_of(package: bytes) -> bytes:
    """Take the file out of the package, once that is known to be the one."""
    if hashlib.sha512(package).hexdigest() != _SHA512:
        raise SetupError(
            f"{_TITLE}: what was downloaded is not the file that this version expects (its hash "
            "differs), so nothing of it was kept. Try again; if it stays so, something between "
            "here and the package registry changes downloads."
        )
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        member = archive.extractfile(_MEMBER)
        assert member is not None, "the hash is that of a package which has it"
        return member.read()
