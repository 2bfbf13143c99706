"""The page as an installed package carries it, and where such a program keeps what it makes."""

import io
import threading
import zipfile
from pathlib import Path

import httpx2
import pytest

from app.server.bundle import Bundler
from app.server.files import MEDIA_TYPES, Compressor
from app.server.packed_site import PackedSite, pack
from app.server.page_folder import Page
from app.server.site import Site
from app.setup.data_folder import data_folder
from tests.live_server import LIMIT_S, live_server
from tests.server.tree import STDLIB, Tree


@pytest.fixture(scope="module")
def packed(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "_page"
    pack(tree.root, tree.runtime, folder)
    return folder


def test_it_gives_what_the_site_gives_and_nothing_else(tree: Tree, packed: Path) -> None:
    site, own = Site(tree.root, tree.runtime, stored=True), PackedSite(packed)
    for path in ["", *site.paths()]:
        given, wanted = own.find(path), site.find(path)
        assert given is not None
        assert wanted is not None
        assert (given.body, given.immutable) == (wanted.body, wanted.immutable), path
        assert MEDIA_TYPES[given.suffix] == MEDIA_TYPES[wanted.suffix], path
    (packed.parent / "secret.json").write_text("{}")
    (packed / ".hidden").write_text("")
    for path in ("../secret.json", "app", "app/browser", "/index.html", "no.js", ".hidden", "\0"):
        assert own.find(path) is None, path


def test_a_server_serves_it(packed: Path, tree: Tree, tmp_path: Path) -> None:
    prepared = threading.Event()
    page = Page(PackedSite(packed), tmp_path, lambda name: prepared.set())
    with (
        live_server(root=tmp_path, runtime=tmp_path, page=page) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        assert client.get("/").content == (packed / "index.html").read_bytes()
        got = client.get("/vendor/pyodide/pyodide.asm.wasm")
        assert got.headers["content-encoding"] == "gzip"
        assert got.content == (packed / "vendor/pyodide/pyodide.asm.wasm").read_bytes()
        # The tab's Python lies there uncompressed, and is sent in fewer bytes than in pieces.
        (wheel,) = packed.glob("wheels/*/app-*.whl")
        got = client.get(f"/{wheel.relative_to(packed).as_posix()}")
        assert got.headers["content-encoding"] == "gzip"
        assert got.content == wheel.read_bytes()
        in_pieces = next(
            one for one in Bundler(tree.root, tree.runtime).current().wheels if one.name == "app"
        )
        assert int(got.headers["content-length"]) < 0.9 * len(in_pieces.data)
        # So is its standard library.
        got = client.get("/vendor/pyodide/python_stdlib.zip")
        assert got.headers["content-encoding"] == "gzip"
        assert int(got.headers["content-length"]) < len(STDLIB) < len(got.content)
        with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
            assert [one.compress_type for one in archive.infolist()] == [zipfile.ZIP_STORED] * 2
            assert archive.read("os.pyc").startswith(b"compiled")
        assert client.post("/api/libraries/mermaid").status_code == 204
        assert prepared.is_set()


def test_nothing_that_can_be_kept_keeps_nobody_from_the_page(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    compressor = Compressor(tmp_path / "file/gzip")
    asset = PackedSite(packed).find("vendor/pyodide/pyodide.asm.wasm")
    assert asset is not None
    assert compressor.compress(asset) is compressor.compress(asset)


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"TOKENFALL_DATA": "/d"}, "linux", Path("/d")),
        ({"XDG_DATA_HOME": "/x"}, "linux", Path("/x/tokenfall")),
        ({"XDG_DATA_HOME": "relative"}, "linux", Path.home() / ".local/share/tokenfall"),
        ({}, "linux", Path.home() / ".local/share/tokenfall"),
        ({}, "darwin", Path.home() / "Library/Application Support/Tokenfall"),
        ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/Tokenfall")),
    ],
)
def test_each_system_has_its_folder(environ: dict[str, str], platform: str, expected: Path) -> None:
    assert data_folder(environ, platform) == expected
