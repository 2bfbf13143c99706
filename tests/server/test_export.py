"""The static site: served by a plain file server, from a sub-folder."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.server.export import ExportError, export, static_shell
from app.server.security import META_POLICY
from app.server.site import Site
from tests.live_server import LIMIT_S
from tests.server.tree import Tree


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def exported(tree: Tree, tmp_path: Path) -> Iterator[str]:
    """The URL of an export, in a sub-folder of a plain file server."""
    export(tree.root, tree.runtime, tmp_path / "some/sub folder")
    handler = functools.partial(_QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/some/sub%20folder/"
        server.shutdown()
        thread.join(LIMIT_S)


def test_a_file_server_serves_the_same_files_with_usable_types(tree: Tree, exported: str) -> None:
    site = Site(tree.root, tree.runtime)
    with httpx2.Client(base_url=exported, timeout=LIMIT_S, trust_env=False) as client:
        for path in site.paths():
            answer = client.get(path)
            asset = site.find(path)
            assert asset is not None
            assert answer.status_code == 200
            # The page is another one, and with it the list.
            if path not in ("index.html", "files.json"):
                assert answer.content == asset.body
            if path.endswith((".js", ".mjs")):
                assert "javascript" in answer.headers["content-type"]
            if path.endswith(".wasm"):
                assert answer.headers["content-type"] == "application/wasm"


def test_the_page_carries_its_policy_first_and_knows_that_there_is_no_api(exported: str) -> None:
    page = httpx2.get(exported, timeout=LIMIT_S, trust_env=False).text
    meta = f'<meta http-equiv="Content-Security-Policy" content="{META_POLICY}">'
    head = page.partition("<head>")[2].lstrip()
    assert head.startswith(meta)
    assert '<meta http-equiv="x-dns-prefetch-control" content="off">' in page
    assert 'data-host="static"' in page
    assert 'data-host="server"' not in page


def test_the_page_still_names_its_encoding_where_browsers_look_for_it(exported: str) -> None:
    assert (
        b'charset="utf-8"' in httpx2.get(exported, timeout=LIMIT_S, trust_env=False).content[:1024]
    )


def test_a_second_export_replaces_the_first_and_leaves_other_files_alone(
    own_tree: Tree, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    export(own_tree.root, own_tree.runtime, target)
    (target / "CNAME").write_text("chat.example", "utf-8")
    old_wheels = set((target / "wheels").rglob("app-*.whl"))
    source = own_tree.root / "app/core/wire/transport.py"
    source.write_text("EDITED = True\n" + source.read_text("utf-8"), "utf-8")
    export(own_tree.root, own_tree.runtime, target)
    new_wheels = set((target / "wheels").rglob("app-*.whl"))
    assert len(old_wheels) == len(new_wheels) == 1
    assert old_wheels != new_wheels
    assert (target / "CNAME").exists()


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    with pytest.raises(ExportError, match="holds files that no export wrote"):
        export(tree.root, tree.runtime, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_as_target_is_refused(tree: Tree, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("", "utf-8")
    with pytest.raises(ExportError, match="is a file"):
        export(tree.root, tree.runtime, target)


def test_a_list_that_names_files_elsewhere_removes_none_of_them(tree: Tree, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("", "utf-8")
    target = tmp_path / "out"
    target.mkdir()
    (target / "tokenfall-export.txt").write_text(f"../outside.txt\n{outside}\n", "utf-8")
    export(tree.root, tree.runtime, target)
    assert outside.exists()


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ExportError, match="cannot be written"):
        export(tree.root, tree.runtime, tmp_path / "file/below")


@pytest.mark.parametrize(
    "page", [b"<html></html>", b"<html><head></head></html>", b'data-host="server"']
)
def test_a_shell_that_is_not_ours_is_refused(page: bytes) -> None:
    with pytest.raises(ExportError):
        static_shell(page)
