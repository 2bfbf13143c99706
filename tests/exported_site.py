"""The exported site on an ordinary file host, made once for all tests that open it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.server.export import export
from tests.live_server import REPOSITORY, RUNTIME


@pytest.fixture(scope="session")
def exported_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, which ends with a sub-folder."""
    folder: Path = tmp_path_factory.mktemp("host")
    export(REPOSITORY, RUNTIME, folder / "some" / "where")
    with file_host(folder) as host:
        yield f"{host}some/where/"


@contextmanager
def file_host(folder: Path) -> Iterator[str]:
    """Serve a folder with `python -m http.server`; give its address."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--directory", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as host:
        assert host.stdout
        # It says "Serving HTTP on 127.0.0.1 port 40123 (http://127.0.0.1:40123/) ...".
        port = host.stdout.readline().split(" port ")[1].split()[0]
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            host.terminate()
