"""Files that are served, and that nothing else is."""

import re
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from app.server.site import Site
from app.setup.errors import SetupError
from tests.server.tree import STDLIB, Tree

# Documents of their own, in frames.
_ALONE = ("sandbox.html", "session.html", "display.html")


@pytest.mark.parametrize(
    "path",
    [
        "/serve.py",
        "/app/__init__.py",
        "/app/core/events.py",
        "/app/browser/__init__.py",
        "/app/browser/../core/events.py",
        "/app/browser/%2e%2e/%2e%2e/index.html",
        "/app/browser/..%2f..%2findex.html",
        "/app/browser/%00.mjs",
        "/app/browser/web/theme.css",
        "/app/browser/",
        "/vendor/pyodide/package.json",
        "/vendor/pyodide/../../tab/x.js",
        "/vendor/pyscript/core.js.map",
        "/vendor/pyscript/%2Fetc%2Fpasswd.js",
        "/wheels/000000000000/app-0.1.0-py3-none-any.whl",
        "/api/nothing",
        "//etc/passwd",
    ],
)
def test_no_other_file_of_the_computer_can_be_read(client: httpx2.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_listed_path_is_served(tree: Tree, client: httpx2.Client) -> None:
    paths = Site(tree.root, tree.runtime).paths()
    assert {client.get(f"/{path}").status_code for path in paths} == {200}
    assert len(paths) == len(set(paths))


def test_the_list_holds_what_the_shell_names(tree: Tree) -> None:
    site = Site(tree.root, tree.runtime)
    paths = site.paths()
    shell = site.find("")
    assert shell is not None
    for name in ("app/browser/boot.mjs", "app/browser/icons/icon.svg", "pyscript.toml"):
        assert f"./{name}".encode() in shell.body
        assert name in paths


def test_the_list_names_every_file_by_what_it_holds(tree: Tree, client: httpx2.Client) -> None:
    listed = client.get("/files.json").json()
    files = listed["files"]
    paths = set(Site(tree.root, tree.runtime).paths())
    later = {path for path in paths if "/app_python-" in path or "/app_documents-" in path}
    assert len(later) == 2
    later.add("vendor/pyodide/packages.json")
    assert set(files) == paths - later - {"files.json", "service_worker.mjs"}
    assert set(listed["later"]) == later
    for path, digest in [*files.items(), *listed["later"].items()]:
        assert sha256(client.get(f"/{path}").content).hexdigest() == digest


def test_the_list_is_another_one_after_an_edit(own_tree: Tree) -> None:
    site = Site(own_tree.root, own_tree.runtime)
    before, again = site.find("files.json"), site.find("files.json")
    assert before == again
    (own_tree.root / "app/browser/web/theme.css").write_text("/* edited */")
    assert site.find("files.json") != before


def test_the_standard_library_is_the_compiled_one(tree: Tree) -> None:
    asset = Site(tree.root, tree.runtime).find("vendor/pyodide/python_stdlib.zip")
    assert asset is not None
    assert asset.body == STDLIB


def test_a_library_is_read_once_until_it_changes(own_tree: Tree) -> None:
    site = Site(own_tree.root, own_tree.runtime)
    path = "vendor/pyodide/pyodide.mjs"
    before = site.find(path)
    assert site.find(path) is before
    file = own_tree.runtime / "npm/node_modules/pyodide/pyodide.mjs"
    file.write_bytes(b"export const version = '315.0';")
    after = site.find(path)
    assert after is not None
    assert after.body == b"export const version = '315.0';"


def test_the_page_comes_with_its_parts(tree: Tree) -> None:
    page = Site(tree.root, tree.runtime).find("index.html")
    assert page is not None
    text = page.body.decode()
    assert "<!-- include" not in text
    browser = tree.root / "app/browser"
    parts = [file for file in browser.rglob("*.html") if file.name not in _ALONE]
    assert parts
    assert all(part.read_text("utf-8") in text for part in parts)


def test_the_page_has_one_stylesheet_with_its_parts(tree: Tree) -> None:
    site = Site(tree.root, tree.runtime)
    page, sheet = site.find("index.html"), site.find("app/browser/styles.css")
    assert page is not None
    assert sheet is not None
    links = re.findall(r'rel="stylesheet" href="([^"]+)"', page.body.decode())
    assert links == ["./app/browser/styles.css"]
    text = sheet.body.decode()
    browser = tree.root / "app/browser"
    parts = [file for file in browser.rglob("*.css") if file.name != "styles.css"]
    assert len(parts) > 10
    assert all(text.count(part.read_text("utf-8")) == 1 for part in parts)
    # An import behind a rule counts for nothing, and an address starts from another folder.
    assert re.findall(r'@import|url\((?!"data:).*', text) == []


@pytest.mark.parametrize("whole", ["index.html", "app/browser/styles.css"])
def test_a_clone_with_line_ends_of_windows_has_its_parts_too(own_tree: Tree, whole: str) -> None:
    site, file = Site(own_tree.root, own_tree.runtime), own_tree.root / whole
    plain = site.find(whole)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    other = site.find(whole)
    assert plain is not None
    assert other is not None
    assert other.body.replace(b"\r\n", b"\n") == plain.body


@pytest.mark.parametrize(
    ("part", "whole"),
    [("conversation/wire/wire.html", "index.html"), ("web/theme.css", "app/browser/styles.css")],
)
def test_a_part_that_is_not_there_is_named(own_tree: Tree, part: str, whole: str) -> None:
    (own_tree.root / "app/browser" / part).unlink()
    with pytest.raises(SetupError, match=rf"{Path(whole).name} includes .*{part}"):
        Site(own_tree.root, own_tree.runtime).find(whole)
