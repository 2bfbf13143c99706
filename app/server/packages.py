"""The folder of packages, for the Python of chats: `GET api/packages` lists it, below that are the
files. A page takes one only where its hash is the one that it expects.
"""

import re
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ..setup.stamps import file_digest
from .errors import api_error

_WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)-.+\.whl")
_SUFFIXES = (".whl", ".zip", ".tar")


class ServedPackages:
    """The files of a folder, which need not be there. Each is hashed once, as long as it stays."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, tuple[tuple[int, int], dict[str, Any]]] = {}

    def listed(self) -> dict[str, dict[str, Any]]:
        """List the files by their names."""
        return {file.name: self._about(file) for file in self._files()}

    def routes(self) -> list[Route]:
        """Make the routes."""

        async def listing(request: Request) -> Response:
            return JSONResponse(await run_in_threadpool(self.listed))

        async def one(request: Request) -> Response:
            name = request.path_params["name"]
            found = await run_in_threadpool(lambda: {file.name: file for file in self._files()})
            if name not in found:
                return api_error(404, f"there is no package {name}", "not_found")
            return FileResponse(found[name], media_type="application/zip")

        return [
            Route("/api/packages", listing, methods=["GET"]),
            Route("/api/packages/{name}", one, methods=["GET"]),
        ]

    def _files(self) -> Iterator[Path]:
        """The files, but for links, which may lead anywhere."""
        if self._folder.is_dir():
            for file in sorted(self._folder.iterdir()):
                if file.suffix in _SUFFIXES and file.is_file() and not file.is_symlink():
                    yield file

    def _about(self, file: Path) -> dict[str, Any]:
        stat = file.stat()
        version = (stat.st_mtime_ns, stat.st_size)
        known = self._known.get(file)
        if known is None or known[0] != version:
            about = {"size": stat.st_size, "sha256": file_digest(file), **_of_wheel(file)}
            known = self._known[file] = version, about
        return known[1]


def _of_wheel(file: Path) -> dict[str, Any]:
    """Name, version and what it needs, where it is a wheel of Python alone."""
    found = _WHEEL.fullmatch(file.name)
    if found is None or not file.name.endswith("none-any.whl"):
        return {}
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
            headers = HeaderParser().parsestr(archive.read(metadata).decode("utf-8", "replace"))
    except (OSError, zipfile.BadZipFile, StopIteration, ValueError):
        return {}
    requires = headers.get_all("Requires-Dist") or []
    return {"name": found["name"], "version": found["version"], "requires": requires}
