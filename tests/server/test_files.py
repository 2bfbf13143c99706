"""Caching and compression of what the page is made of."""

import gzip
import os
from pathlib import Path
from random import randbytes
from typing import Any

import httpx2
import pytest
from starlette.datastructures import Headers

from app.server import files
from app.server.files import Asset, Compressor, respond
from tests.live_server import LIMIT_S, live_server
from tests.server.tree import STDLIB, WASM, Tree

IDENTITY = {"accept-encoding": "identity"}
GZIP = {"accept-encoding": "gzip"}


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/pyscript.toml", "application/toml; charset=utf-8"),
        ("/vendor/pyodide/pyodide.mjs", "text/javascript; charset=utf-8"),
        ("/vendor/pyodide/pyodide.asm.wasm", "application/wasm"),
        ("/vendor/pyodide/python_stdlib.zip", "application/zip"),
        ("/vendor/pyodide/pyodide-lock.json", "application/json"),
        ("/vendor/pyscript/core.js", "text/javascript; charset=utf-8"),
        ("/vendor/pyscript/core.css", "text/css; charset=utf-8"),
    ],
)
def test_each_file_has_the_type_that_browsers_insist_on(
    client: httpx2.Client, path: str, media_type: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize("encoding", [IDENTITY, GZIP])
def test_a_file_that_the_browser_has_is_not_sent_again(
    client: httpx2.Client, encoding: dict[str, str]
) -> None:
    first = client.get("/vendor/pyodide/pyodide.asm.wasm", headers=encoding)
    assert first.headers["cache-control"] == "no-cache"
    known = {"if-none-match": f'"other", W/{first.headers["etag"]}'} | encoding
    again = client.get("/vendor/pyodide/pyodide.asm.wasm", headers=known)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "accept-encoding"


def test_a_hash_in_the_address_lets_the_browser_keep_the_file_for_good(
    client: httpx2.Client,
) -> None:
    hashed = client.get("/vendor/pyscript/core-C9KDLldu.js").headers["cache-control"]
    assert hashed == "public, max-age=31536000, immutable"
    assert client.get("/vendor/pyscript/core.js").headers["cache-control"] == "no-cache"


def test_compressed_and_plain_forms_are_the_same_content_under_two_tags(
    client: httpx2.Client,
) -> None:
    plain = client.get("/vendor/pyodide/pyodide.asm.wasm", headers=IDENTITY)
    packed = client.get("/vendor/pyodide/pyodide.asm.wasm", headers=GZIP)
    assert plain.content == packed.content == WASM
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(WASM) / 10
    assert plain.headers["etag"] != packed.headers["etag"]


@pytest.mark.parametrize("accepted", ["gzip;q=0", "gzip; q=0.000", "br", "", "x-gzip"])
def test_a_client_that_takes_no_gzip_gets_none(client: httpx2.Client, accepted: str) -> None:
    answer = client.get("/", headers={"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "GZIP", "deflate,gzip"])
def test_a_client_that_takes_gzip_gets_it(client: httpx2.Client, accepted: str) -> None:
    answer = client.get("/", headers={"accept-encoding": accepted})
    assert answer.headers["content-encoding"] == "gzip"


def test_what_is_compressed_already_is_sent_as_it_is(client: httpx2.Client) -> None:
    answer = client.get("/vendor/pyodide/python_stdlib.zip", headers=GZIP)
    assert answer.content == STDLIB
    assert "content-encoding" not in answer.headers


def test_large_content_is_compressed_once_and_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = Asset.of(WASM, ".wasm")
    packed = Compressor(tmp_path).compress(asset)
    assert packed is not None
    assert gzip.decompress(packed) == WASM
    monkeypatch.setattr(files, "_compress", lambda body: pytest.fail("compressed again"))
    assert Compressor(tmp_path).compress(asset) == packed


@pytest.mark.parametrize(
    "other", [b"", b"no gzip", gzip.compress(b"evil()"), gzip.compress(WASM)[:-9]]
)
def test_what_was_kept_is_used_only_where_it_is_the_content(tmp_path: Path, other: bytes) -> None:
    asset = Asset.of(WASM, ".wasm")
    Compressor(tmp_path).compress(asset)
    [kept] = tmp_path.iterdir()
    kept.write_bytes(other)
    packed = Compressor(tmp_path).compress(asset)
    assert packed is not None
    assert gzip.decompress(packed) == WASM
    assert kept.read_bytes() == packed


async def test_who_takes_nothing_of_a_file_costs_no_copy_of_it(tmp_path: Path) -> None:
    """A thousand connections would: what is handed on at once waits in memory."""
    compressor = Compressor(tmp_path)
    asset = Asset.of(randbytes(1_000_000), ".wasm")
    pieces = []

    async def send(message: Any) -> None:
        pieces.append(message.get("body", b""))

    for encoding, content in (("identity", asset.body), ("gzip", compressor.compress(asset))):
        pieces.clear()
        answer = respond(asset, Headers({"accept-encoding": encoding}), compressor)
        await answer({"type": "http", "method": "GET"}, None, send)  # type: ignore[arg-type]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) <= 64 * 1024
    again = Asset.of(asset.body, ".wasm")
    assert compressor.compress(again) is compressor.compress(asset)


def test_small_content_leaves_nothing_on_disk(tmp_path: Path) -> None:
    compressor = Compressor(tmp_path)
    assert compressor.compress(Asset.of(b"a" * 999, ".css")) is None
    for size, kept in ((1000, 0), (199_999, 0), (200_000, 1)):
        assert compressor.compress(Asset.of(b"a" * size, ".css")) is not None
        assert len(list(tmp_path.iterdir())) == kept


@pytest.mark.parametrize("name", ["index.html", "app/browser/preferences/settings.html"])
def test_an_edited_file_shows_at_the_next_request_even_with_its_old_size_and_time(
    own_tree: Tree, name: str
) -> None:
    shell = own_tree.root / name
    with (
        live_server(root=own_tree.root, runtime=own_tree.runtime) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        first = client.get("/")
        times = shell.stat()
        shell.write_text(shell.read_text("utf-8").replace("Tokenfall", "Fallentok"), "utf-8")
        os.utime(shell, ns=(times.st_atime_ns, times.st_mtime_ns))
        second = client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200
    assert "Fallentok" in second.text
