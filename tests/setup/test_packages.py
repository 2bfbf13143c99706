"""`serve.py --packages`: files of Pyodide's distribution in a folder, here from a mirror."""

import json
import re
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.setup.errors import SetupError
from app.setup.packages import packages_step

FILES = {"pandas": b"pandas itself", "numpy": b"numpy itself", "six": b"six itself"}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "mirror"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def pyodide(tmp_path: Path, mirror: tuple[str, Path]) -> Path:
    made = tmp_path / "pyodide"
    made.mkdir()
    packages = {
        name: {
            "file_name": f"{name}-1.0.whl",
            "sha256": sha256(data).hexdigest(),
            "depends": ["numpy", "six"] if name == "pandas" else [],
        }
        for name, data in FILES.items()
    }
    (made / "pyodide-lock.json").write_text(json.dumps({"packages": packages}))
    (made / "package.json").write_text('{"version": "314.0.7"}')
    for name, data in FILES.items():
        (mirror[1] / f"{name}-1.0.whl").write_bytes(data)
    return made


def test_a_package_is_fetched_once_with_all_that_it_needs(
    tmp_path: Path, mirror: tuple[str, Path], pyodide: Path
) -> None:
    folder = tmp_path / "packages"
    step = packages_step(["Pandas"], folder, pyodide, mirror[0])
    assert not step.is_done()
    step.work(lambda note: None)
    assert step.is_done()
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        f"{name}-1.0.whl": data for name, data in FILES.items()
    }
    # What is there needs no network; what is damaged is fetched anew.
    for file in mirror[1].iterdir():
        file.unlink()
    packages_step(["pandas"], folder, pyodide, mirror[0]).work(lambda note: None)
    (folder / "six-1.0.whl").write_bytes(b"damaged")
    assert not step.is_done()


def test_what_is_missing_or_another_file_is_told(
    tmp_path: Path, mirror: tuple[str, Path], pyodide: Path
) -> None:
    folder = tmp_path / "packages"
    step = packages_step(["numpy"], folder, pyodide, mirror[0])
    (mirror[1] / "numpy-1.0.whl").write_bytes(b"another")
    with pytest.raises(SetupError, match="its hash differs"):
        step.work(lambda note: None)
    assert not (folder / "numpy-1.0.whl").exists()
    (mirror[1] / "numpy-1.0.whl").unlink()
    said = re.escape(f"numpy-1.0.whl could not be fetched from {mirror[0]}numpy-1.0.whl")
    with pytest.raises(SetupError, match=said):
        step.work(lambda note: None)
    with pytest.raises(SetupError, match="Pyodide has no package unheard-of"):
        packages_step(["unheard.of"], folder, pyodide, mirror[0]).is_done()
