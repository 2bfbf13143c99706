"""The wheel and the lock file that Pyodide loads our code by."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from app import __version__
from app.server.bundle import Bundler, build_wheel
from app.server.site import Site
from app.setup.errors import SetupError
from app.setup.tab_sources import COMPILED, compiled_name, read_sources
from tests.live_server import LIMIT_S, live_server
from tests.server.tree import PYODIDE_INFO, TAB_WHEEL, Tree


def test_the_same_sources_give_the_same_bytes(own_tree: Tree, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(own_tree.root, copy)
    for path in copy.rglob("*.py"):
        os.utime(path, (0, 0))
        path.chmod(0o600)
    assert build_wheel(read_sources(own_tree.root), "1.0") == build_wheel(read_sources(copy), "1.0")


def test_the_wheel_holds_what_the_tab_runs_and_nothing_of_the_server(tree: Tree) -> None:
    names = set(read_sources(tree.root))
    assert {"app/__init__.py", "app/core/wire/transport.py", "app/scripted/demo.py"} <= names
    assert not [name for name in names if name.startswith(("app/server", "app/native"))]
    assert not [name for name in names if name.startswith("app/setup")]


def test_the_wheel_can_be_imported_from_and_its_record_is_right(tree: Tree, tmp_path: Path) -> None:
    wheel = build_wheel(read_sources(tree.root), __version__)
    file = tmp_path / Path(wheel.path).name
    file.write_bytes(wheel.data)
    program = "import app.core.wire.transport, app; print(app.__version__, app.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(file)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [wheel.version, str(file / "app/__init__.py")]
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        record = archive.read(f"app-{wheel.version}.dist-info/RECORD").decode()
        for line in record.splitlines()[:-1]:
            name, digest, size = line.split(",")
            data = archive.read(name)
            coded = urlsafe_b64encode(sha256(data).digest()).decode().rstrip("=")
            assert (digest, int(size)) == (f"sha256={coded}", len(data))


def test_the_lock_names_all_wheels_with_their_hashes(client: httpx2.Client) -> None:
    lock = client.get("/vendor/pyodide/pyodide-lock.json").json()
    assert lock["info"] == PYODIDE_INFO
    assert set(lock["packages"]) == {"app", "app-documents", "app-python", "msgspec"}
    assert lock["packages"]["app"]["depends"] == ["msgspec"]
    assert lock["packages"]["app"]["imports"] == ["app"]
    # A Python session's own files come with its first use, to a Python that has no others.
    for apart in ("app-python", "app-documents"):
        assert lock["packages"][apart]["depends"] == []
        assert lock["packages"][apart]["imports"] == []
    assert lock["packages"]["msgspec"]["imports"] == ["msgspec"]
    assert lock["packages"]["msgspec"]["file_name"].endswith(f"/{TAB_WHEEL}")
    for package in lock["packages"].values():
        wheel = client.get(f"/vendor/pyodide/{package['file_name']}")
        assert wheel.status_code == 200
        assert sha256(wheel.content).hexdigest() == package["sha256"]
        assert package["sha256"][:12] in package["file_name"]
        assert "immutable" in wheel.headers["cache-control"]


def test_what_is_loaded_when_it_is_needed_is_served_and_not_kept_beforehand(own_tree: Tree) -> None:
    name = "chardet-7.7.0-py3-none-any.whl"
    with zipfile.ZipFile(own_tree.runtime / "tab" / name, "w") as archive:
        archive.writestr("chardet/__init__.py", "")
    bundle = Bundler(own_tree.root, own_tree.runtime).current()
    packages = json.loads(bundle.lock)["packages"]
    assert packages["app"]["depends"] == ["msgspec"]
    [wheel] = [wheel for wheel in bundle.wheels if wheel.name == "chardet"]
    assert packages["chardet"]["sha256"] == sha256(wheel.data).hexdigest()
    site = Site(own_tree.root, own_tree.runtime)
    assert wheel.path in site.paths()
    assert site.find(wheel.path) is not None
    files, later = site.listed()
    assert wheel.path not in files
    assert wheel.path in later


def test_an_edit_gives_a_new_wheel_and_the_old_one_can_still_be_had(own_tree: Tree) -> None:
    source = own_tree.root / "app/core/wire/transport.py"
    with (
        live_server(root=own_tree.root, runtime=own_tree.runtime) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):

        def app_wheel() -> str:
            lock = client.get("/vendor/pyodide/pyodide-lock.json")
            assert lock.headers["cache-control"] == "no-cache"
            return str(lock.json()["packages"]["app"]["file_name"])

        before = app_wheel()
        assert app_wheel() == before
        source.write_text("EDITED = True\n" + source.read_text("utf-8"), "utf-8")
        after = app_wheel()
        assert after != before
        new = client.get(f"/vendor/pyodide/{after}")
        with zipfile.ZipFile(io.BytesIO(new.content)) as archive:
            assert archive.read("app/core/wire/transport.py").startswith(b"EDITED = True\n")
        assert client.get(f"/vendor/pyodide/{before}").status_code == 200
        source.unlink()
        assert app_wheel() not in (before, after)


def test_byte_code_takes_the_place_of_the_source_that_it_was_made_of(own_tree: Tree) -> None:
    edited = own_tree.root / "app/core/fold.py"
    sources = read_sources(own_tree.root)
    with zipfile.ZipFile(own_tree.runtime / COMPILED, "w") as archive:
        for name in ("app/core/wire/transport.py", "app/core/fold.py"):
            archive.writestr(compiled_name(sources[name]), f"byte code of {name}")
    edited.write_text("EDITED = True\n", "utf-8")
    wheel = Bundler(own_tree.root, own_tree.runtime).current().wheels[0]
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        made = [name for name in archive.namelist() if name.endswith(".pyc")]
        assert made == ["app/core/wire/transport.pyc"]
        assert archive.read(made[0]) == b"byte code of app/core/wire/transport.py"
        assert "app/core/wire/transport.py" not in archive.namelist()
        assert archive.read("app/core/fold.py") == b"EDITED = True\n"


def test_what_editors_leave_beside_a_file_is_not_packed(own_tree: Tree) -> None:
    before = build_wheel(read_sources(own_tree.root), "1.0")
    core = own_tree.root / "app/core"
    (core / ".#transport.py").symlink_to("nowhere")
    (core / ".transport.py.swp").write_bytes(b"\0")
    assert build_wheel(read_sources(own_tree.root), "1.0") == before


def test_a_runtime_that_is_not_prepared_is_said_in_a_sentence(
    own_tree: Tree, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match="run serve.py once"):
        Bundler(own_tree.root, tmp_path / "nothing").current()
    (own_tree.runtime / "npm/node_modules/pyodide/pyodide-lock.json").unlink()
    with pytest.raises(SetupError, match="holds no Pyodide"):
        Bundler(own_tree.root, own_tree.runtime).current()
