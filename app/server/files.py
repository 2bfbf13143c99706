"""One file of the site as an HTTP response: type, caching, compression."""

import gzip
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# By suffix; nothing else is served. Browsers refuse modules and wasm of another type.
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".toml": "application/toml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
    ".whl": "application/zip",
}
_COMPRESSED_ALREADY = frozenset({".png", ".woff2"})
_ARCHIVES = frozenset({".whl", ".zip"})

# Below this many bytes a packet is a packet.
_WORTH_COMPRESSING = 1_000
# From this many bytes on, the compressed form is kept on disk: it costs half a second for
# Pyodide's 9.6 MB, and such files change only with a version. Our own, which get edited, are
# smaller.
_WORTH_KEEPING = 200_000
_YEAR_S = 31_536_000
# So much of a file is handed on at a time. What the reader does not take waits in memory, a copy
# for each connection.
_PIECE_BYTES = 64 * 1024
# Compressed files as large as those on disk: the page has some ten.
_LARGE_FILES = 32


@dataclass(frozen=True, slots=True)
class Asset:
    """The content behind one URL. `immutable`: the URL changes when the content does."""

    body: bytes
    suffix: str
    immutable: bool
    digest: str

    @staticmethod
    def of(body: bytes, suffix: str, *, immutable: bool = False) -> "Asset":
        """Make an asset of these bytes; `suffix` with its dot decides the type."""
        return Asset(body, suffix, immutable, sha256(body).hexdigest())


class Compressor:
    """Compresses each content once. `folder` keeps the large ones from start to start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._small = lru_cache(maxsize=256)(_compress)
        # One for all who read it.
        self._large = lru_cache(maxsize=_LARGE_FILES)(self._kept)

    def compress(self, asset: Asset) -> bytes | None:
        """Give the gzip form of the asset, None where that would not help."""
        if len(asset.body) < _WORTH_COMPRESSING or _is_compressed(asset):
            return None
        if len(asset.body) < _WORTH_KEEPING:
            return self._small(asset.body)
        return self._large(asset)

    def _kept(self, asset: Asset) -> bytes:
        kept = self._folder / f"{asset.digest}.gz"
        try:
            compressed = kept.read_bytes()
            # What lies there is another program's work.
            if gzip.decompress(compressed) != asset.body:
                raise ValueError(f"{kept} holds something else")
        except (OSError, EOFError, ValueError, zlib.error):
            compressed = _compress(asset.body)
            with suppress(OSError):
                _write_whole(kept, compressed)
        return compressed


def respond(asset: Asset, request: Headers, compressor: Compressor) -> Response:
    """Answer with the asset, or with 304 where the client has it.

    Reads or writes a file for the first compression, so it belongs into a thread.
    """
    headers = {
        "cache-control": f"public, max-age={_YEAR_S}, immutable" if asset.immutable else "no-cache",
        "vary": "accept-encoding",
    }
    body = asset.body
    tag = asset.digest[:32]
    if _accepts_gzip(request.get("accept-encoding", "")):
        compressed = compressor.compress(asset)
        if compressed is not None:
            body = compressed
            tag += "-gzip"
            headers["content-encoding"] = "gzip"
    headers["etag"] = f'"{tag}"'
    if _matches(request.get("if-none-match", ""), tag):
        headers.pop("content-encoding", None)
        return Response(status_code=304, headers=headers)
    return _InPieces(body, headers=headers | {"content-type": MEDIA_TYPES[asset.suffix]})


class _InPieces(Response):
    """A body that is handed on as far as its reader takes it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        body = memoryview(self.body)
        for at in range(0, len(body), _PIECE_BYTES):
            piece = bytes(body[at : at + _PIECE_BYTES])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


def _is_compressed(asset: Asset) -> bool:
    if asset.suffix in _ARCHIVES:
        # The first entry's method; our own may be stored (`bundle`).
        return asset.body[8:10] != b"\0\0"
    return asset.suffix in _COMPRESSED_ALREADY


def _compress(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    os.replace(file.name, path)


def _accepts_gzip(header: str) -> bool:
    for item in header.lower().replace(" ", "").split(","):
        coding, _, weight = item.partition(";q=")
        if coding == "gzip":
            # A weight of 0, "0.000" too, refuses.
            return weight.strip("0.") != "" or not weight
    return False


def _matches(header: str, tag: str) -> bool:
    """Tell whether `If-None-Match` names this tag; the comparison is the weak one (RFC 9110,
    13.1.2).
    """
    tags = (item.strip().removeprefix("W/").strip('"') for item in header.split(","))
    return any(item in (tag, "*") for item in tags)
