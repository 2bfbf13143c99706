"""The library that draws diagrams: one file of an npm package, fetched when a page first asks for
it.

npm hands over the package as it was published, without what it depends on: the file has all of that
in it. Installing mermaid would bring 150 MB more.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .console import Report
from .errors import SetupError
from .node import Node
from .stamps import Stamp, digest, write_atomically
from .steps import Step, stamped
from .tools import Tools


@dataclass(frozen=True, slots=True)
class Library:
    """One file of a package, as npm names both. The page knows the hash of the file itself:
    browser/displays/libraries.py.
    """

    name: str
    package: str
    sha512: str
    member: str

    @property
    def path(self) -> str:
        """Give its address for the page."""
        return f"vendor/{self.name}/{self.name}.js"

    @property
    def folder(self) -> str:
        """Name its folder in `.runtime`."""
        return f"displays/{self.name}"

    def file(self, runtime: Path) -> Path:
        """Name the file, which need not be there."""
        return runtime / self.folder / f"{self.name}.js"


_MERMAID = Library(
    "mermaid",
    "mermaid@12.3.0",
    "e35d774dd5de2c0b0caee27bf4ea452f93bcf8b4c55e142a676eb4ac5ded8149"
    "a2340b519b852e99ed3823eeb93d137ac99ebd2787fcad56165bccd193ae5463",
    "package/dist/mermaid.min.js",
)
_PLOTLY = Library(
    "plotly",
    "plotly.js-dist-min@4.1.2",
    "552992f4a54dba7d7a4bca85618a7d2e52ff5c16f2e2e79e1aa07e2bd02a4425"
    "6cba9f1d4a91942daa785324757f69b3e29577aa35a9d6c479721c0b80828fa1",
    "package/plotly.min.js",
)
_VEGA = Library(
    "vega",
    "vega@6.4.0",
    "ac75c2ab62e911608b3235c1123ee1a1c63d1b4fe2e5319845ac861928f4e954"
    "c5e3e976206d99ee87992828d66d487fee14c4fe65616da38f07bdb0084961ea",
    "package/build/vega.min.js",
)
_VEGA_LITE = Library(
    "vega-lite",
    "vega-lite@6.5.0",
    "7cc5c5eacd0cac88345135a72c87de16d8122f3561cb348aa1bcc6ae1e6b852f"
    "a62fa14e6051b79bba2e278536de08fae442be825f452084f9c3bc0b35a03390",
    "package/build/vega-lite.min.js",
)
LIBRARIES = {one.name: one for one in (_MERMAID, _PLOTLY, _VEGA, _VEGA_LITE)}
# A page waits, so a network that is not there should be known soon.
_QUICK = ("--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
STAMP = "fetched.json"


def library_step(library: Library, runtime: Path, tools: Tools, node: Callable[[], Node]) -> Step:
    """Return the step that fetches it."""
    output = library.file(runtime)
    title = f"Fetch what displays are drawn with: {library.name}"

    def fetch(report: Report) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        found = node()
        tools.run(
            title,
            [*found.npm, "pack", library.package, "--pack-destination", output.parent, *_QUICK],
            report,
            cwd=output.parent,
            env=found.environment,
        )
        package = output.parent / f"{library.package.replace('@', '-')}.tgz"
        try:
            write_atomically(output, _member_of(library, package.read_bytes(), title))
        finally:
            package.unlink(missing_ok=True)

    made_of = digest(library.package, library.sha512, library.member)
    stamp = Stamp(output.parent / STAMP, made_of, lambda: [output])
    return stamped(title, stamp, fetch)


def _member_of(library: Library, package: bytes, title: str) -> bytes:
    """Take the file out of the package, once that is known to be the one."""
    if hashlib.sha512(package).hexdigest() != library.sha512:
        raise SetupError(
            f"{title}: what was downloaded is not the file that this version expects (its hash "
            "differs), so nothing of it was kept. Try again; if it stays so, something between "
            "here and the package registry changes downloads."
        )
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        member = archive.extractfile(library.member)
        assert member is not None, "the hash is that of a package which has it"
        return member.read()
