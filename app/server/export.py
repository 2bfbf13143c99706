"""Writes the site into a folder that any file host can serve, at any sub-path."""

import re
from hashlib import sha256
from pathlib import Path

from ..setup.errors import SetupError
from .security import META_POLICY
from .site import LIST, Site, list_of

# Lists what an export wrote, so that the next one removes that and nothing else.
_LIST_NAME = "tokenfall-export.txt"


class ExportError(SetupError):
    """The site cannot be written there; the message says why and what would work."""


def export(root: Path, runtime: Path, target: Path) -> None:
    """Write the static site to `target`, replacing an earlier export.

    Raises:
        ExportError: `target` holds something else, or cannot be written.
    """
    site = Site(root, runtime)
    try:
        _make_room(target)
        paths = site.paths()
        # The list first: an export that is interrupted can be done again.
        _write(target, _LIST_NAME, "\n".join([*paths, ""]).encode())
        digests: dict[str, str] = {}
        for path in paths:
            asset = site.find(path)
            if asset is None:
                raise ExportError(f"{path} is missing; run serve.py once to prepare it")
            body = static_shell(asset.body) if path == "index.html" else asset.body
            digests[path] = sha256(body).hexdigest()
            _write(target, path, body)
        # The page is not the server's any more, so the list is not either.
        files, later = ({path: digests[path] for path in paths} for paths in site.listed())
        _write(target, LIST, list_of(files, later))
    except OSError as error:
        raise ExportError(f"the export cannot be written to {target}: {error}") from error


def _write(target: Path, path: str, body: bytes) -> None:
    """Write a file of the site, never through a link that lies in its place."""
    file = target / path
    if not file.parent.resolve().is_relative_to(target.resolve()):
        raise ExportError(f"{file.parent} leads out of {target}; remove it, or name another folder")
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink():
        file.unlink()
    file.write_bytes(body)


def static_shell(page: bytes) -> bytes:
    """Turn the page of the server into the one of a file host.

    There is no server to send the security policy, so it comes as the first thing in the head;
    and the page is told that there is no API.

    Raises:
        ExportError: The page has no head, or does not name its host.
    """
    meta = f'<meta http-equiv="Content-Security-Policy" content="{META_POLICY}">'
    page, heads = re.subn(rb"<head(\s[^>]*)?>", rb"\g<0>\n  " + meta.encode(), page, count=1)
    page, hosts = re.subn(rb'data-host="server"', rb'data-host="static"', page, count=1)
    if not heads or not hosts:
        raise ExportError('index.html must have a <head> and data-host="server" on <html>')
    return page


def _make_room(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise ExportError(f"{target} is a file; name a folder that is empty or not there yet")
    target.mkdir(parents=True, exist_ok=True)
    earlier = target / _LIST_NAME
    if not earlier.is_file():
        if any(target.iterdir()):
            raise ExportError(
                f"{target} holds files that no export wrote; name a folder that is empty or "
                "not there yet"
            )
        return
    for path in earlier.read_text("utf-8").splitlines():
        file = target / path
        if file.resolve().is_relative_to(target.resolve()) and path != _LIST_NAME:
            file.unlink(missing_ok=True)
