"""Files on the disk are served as the set-up left them, and nothing that a link leads to."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.server.export import ExportError, export
from app.server.site import Site
from app.setup.errors import SetupError
from app.setup.page_files import LANGUAGES, served_packages
from app.setup.stamps import Stamp, digest
from tests.live_server import LIMIT_S, live_server
from tests.server.tree import TAB_WHEEL, Tree

# Each served file that the set-up brings -> where it lies.
AT_REST = {
    "vendor/katex/katex.js": "npm/node_modules/katex/dist/katex.min.js",
    "vendor/katex/mhchem.js": "npm/node_modules/katex/dist/contrib/mhchem.min.js",
    "vendor/katex/katex.css": "npm/node_modules/katex/dist/katex.min.css",
    "vendor/katex/fonts/KaTeX_Main-Regular.woff2": (
        "npm/node_modules/katex/dist/fonts/KaTeX_Main-Regular.woff2"
    ),
    "vendor/markdown-it/markdown-it.mjs": (
        "npm/node_modules/markdown-it/dist/browser/markdown-it.esm.min.mjs"
    ),
    "vendor/dompurify/purify.js": "npm/node_modules/dompurify/dist/purify.es.mjs",
    "vendor/highlight/highlight.js": (
        "npm/node_modules/@highlightjs/cdn-assets/es/highlight.min.js"
    ),
    **{
        f"vendor/highlight/languages/{name}.js": (
            f"npm/node_modules/@highlightjs/cdn-assets/es/languages/{name}.min.js"
        )
        for name in LANGUAGES
    },
    "vendor/pyscript/core.js": "npm/node_modules/@pyscript/core/dist/core.js",
    "vendor/pyscript/core-C9KDLldu.js": "npm/node_modules/@pyscript/core/dist/core-C9KDLldu.js",
    "vendor/pyscript/core.css": "npm/node_modules/@pyscript/core/dist/core.css",
    "vendor/pyodide/pyodide.mjs": "npm/node_modules/pyodide/pyodide.mjs",
    "vendor/pyodide/pyodide.asm.mjs": "npm/node_modules/pyodide/pyodide.asm.mjs",
    "vendor/pyodide/pyodide.asm.wasm": "npm/node_modules/pyodide/pyodide.asm.wasm",
    "vendor/pyodide/python_stdlib.zip": "python_stdlib.zip",
    "vendor/pyodide/pyodide-lock.json": f"tab/{TAB_WHEEL}",
}


@pytest.fixture
def stamped(own_tree: Tree) -> Tree:
    """A tree of which the set-up recorded what it left."""
    runtime = own_tree.runtime
    modules = runtime / "npm/node_modules"
    outputs = {
        runtime / "npm/installed.json": list(served_packages(modules)),
        runtime / "tab/downloaded.json": list(runtime.glob("tab/*.whl")),
        runtime / "python_stdlib.json": [runtime / "python_stdlib.zip"],
    }
    for file, made in outputs.items():
        Stamp(file, digest(""), lambda made=made: made).write()  # type: ignore[misc]
    return own_tree


def test_these_are_all_that_the_set_up_brings(stamped: Tree) -> None:
    paths = Site(stamped.root, stamped.runtime).paths()
    found = {path for path in paths if path.startswith("vendor/")}
    # The page's own list is made of this one: where it has changed nothing at all is served.
    assert found == set(AT_REST) | {"vendor/pyodide/packages.json"}


def test_a_changed_file_is_refused_with_a_word_and_the_others_are_served(
    stamped: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    paths = list(AT_REST)
    for path, other in zip(paths, [*paths[1:], paths[0]], strict=True):
        file = stamped.runtime / AT_REST[path]
        held = file.read_bytes()
        site = Site(stamped.root, stamped.runtime)
        file.write_bytes(held[:-1] + b"!")
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                with pytest.raises(SetupError, match=f"{file.name} is not the file"):
                    site.find(path)
        assert len(caplog.records) == 1
        assert "start it again: that mends it" in caplog.text
        # Each has one to be served beside it, and the last all of them.
        for one in paths if path == paths[-1] else [other]:
            assert one == path or site.find(one) is not None
        file.write_bytes(held)
        assert site.find(path) is not None


def test_what_was_served_already_is_looked_at_again_when_it_changes(stamped: Tree) -> None:
    site = Site(stamped.root, stamped.runtime)
    path = "vendor/katex/katex.js"
    assert site.find(path) is not None
    (stamped.runtime / AT_REST[path]).write_bytes(b"evil()")
    with pytest.raises(SetupError):
        site.find(path)


def test_a_file_that_the_set_up_did_not_leave_is_refused(stamped: Tree) -> None:
    (stamped.runtime / "npm/node_modules/@pyscript/core/dist/evil.js").write_text("evil()")
    with pytest.raises(SetupError, match=r"evil\.js is not the file"):
        Site(stamped.root, stamped.runtime).find("vendor/pyscript/evil.js")


def test_the_next_set_up_may_bring_another_file(stamped: Tree) -> None:
    site = Site(stamped.root, stamped.runtime)
    file = stamped.runtime / "python_stdlib.zip"
    assert site.find("vendor/pyodide/python_stdlib.zip") is not None
    file.write_bytes(b"PK another")
    Stamp(file.with_suffix(".json"), digest(""), lambda: [file]).write()
    asset = site.find("vendor/pyodide/python_stdlib.zip")
    assert asset is not None
    assert asset.body == b"PK another"


@pytest.fixture
def client(stamped: Tree) -> Iterator[httpx2.Client]:
    with (
        live_server(root=stamped.root, runtime=stamped.runtime) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        yield client


def test_who_asks_is_told_what_to_do(stamped: Tree, client: httpx2.Client) -> None:
    (stamped.runtime / AT_REST["vendor/katex/katex.js"]).write_bytes(b"evil()")
    answer = client.get("/vendor/katex/katex.js")
    assert answer.status_code == 503
    assert "Stop Tokenfall and start it again" in answer.text
    assert "content-security-policy" in answer.headers
    assert client.get("/").status_code == 200


def test_a_changed_file_is_not_exported(stamped: Tree, tmp_path: Path) -> None:
    (stamped.runtime / AT_REST["vendor/katex/katex.js"]).write_bytes(b"evil()")
    with pytest.raises(SetupError, match="katex"):
        export(stamped.root, stamped.runtime, tmp_path / "site")


# What they are served in.
PARTS = {
    "app/browser/conversation/wire/wire.html": "index.html",
    "app/browser/web/theme.css": "app/browser/styles.css",
}
LINKS = [
    *("app/browser/host.mjs", "app/browser/web/host.mjs", "app/browser/boot.mjs", "index.html"),
    *("app/browser/tools/sandbox/sandbox.html", "pyscript.toml"),
    "app/browser/styles.css",
    *PARTS,
]


@pytest.mark.parametrize("name", LINKS)
def test_what_a_link_leads_to_is_not_served(own_tree: Tree, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.mjs"
    secret.write_text("my secret")
    link = own_tree.root / name
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    site = Site(own_tree.root, own_tree.runtime)
    try:
        asset = site.find(PARTS.get(name, name))
    except SetupError:
        asset = None
    assert asset is None
    assert site.find("app/browser/../../secret.mjs") is None


def test_nor_what_lies_in_a_folder_that_is_a_link(own_tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/secret.mjs").write_text("my secret")
    (own_tree.root / "app/browser/other").symlink_to(tmp_path / "other")
    (own_tree.root / "app/core/other").symlink_to(tmp_path / "other")
    site = Site(own_tree.root, own_tree.runtime)
    assert site.find("app/browser/other/secret.mjs") is None
    assert "app/browser/other/secret.mjs" not in site.paths()


def test_nor_goes_a_source_that_is_a_link_into_the_wheel(own_tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("KEY = 'my secret'")
    site = Site(own_tree.root, own_tree.runtime)
    before = [path for path in site.paths() if path.startswith("wheels/")]
    (own_tree.root / "app/core/secret.py").symlink_to(tmp_path / "secret.py")
    again = Site(own_tree.root, own_tree.runtime)
    assert [path for path in again.paths() if path.startswith("wheels/")] == before


def test_a_clone_that_is_reached_by_a_link_is_served(own_tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(own_tree.root)
    (tmp_path / "runtime-link").symlink_to(own_tree.runtime)
    site = Site(tmp_path / "link", tmp_path / "runtime-link")
    assert all(site.find(path) is not None for path in site.paths())


@pytest.mark.parametrize("name", ["index.html", "files.json", "tokenfall-export.txt", "app"])
def test_an_export_writes_through_no_link(own_tree: Tree, tmp_path: Path, name: str) -> None:
    target, outside = tmp_path / "site", tmp_path / "outside"
    export(own_tree.root, own_tree.runtime, target)
    outside.mkdir()
    (outside / "precious").write_text("precious")
    if name == "app":
        (target / name).rename(tmp_path / "moved")
        (target / name).symlink_to(outside)
        with pytest.raises(ExportError, match="leads out of"):
            export(own_tree.root, own_tree.runtime, target)
    else:
        listed = (target / name).read_bytes()
        (target / name).unlink()
        (outside / "precious").write_bytes(listed if name.endswith(".txt") else b"precious")
        (target / name).symlink_to(outside / "precious")
        export(own_tree.root, own_tree.runtime, target)
        assert not (target / name).is_symlink()
        assert (outside / "precious").read_bytes() in (listed, b"precious")
    assert os.listdir(outside) == ["precious"]
