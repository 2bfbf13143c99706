"""A program of a person's that serves over HTTP, run by the Python of an environment apart."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from app.setup.import_path import python_path
from tests.live_server import REPOSITORY

from .asking import LIMIT_S, PACKAGES

# What `uvicorn program:app` does, at a free port, with our own packages behind the person's.
_SERVE = """
import socket, sys
sys.path.append(sys.argv[2])
import importlib
import uvicorn
module, _, name = sys.argv[1].partition(":")
app = getattr(importlib.import_module(module), name)
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
"""


@contextmanager
def serving(program: str, variable: str, folder: Path) -> Iterator[httpx2.Client]:
    """Serve `module:app` from a folder, by the Python that the variable names; give a client."""
    paths = python_path(str(REPOSITORY / "editable"), str(REPOSITORY), str(folder))
    command = [os.environ[variable], "-P", "-c", _SERVE, program, str(PACKAGES)]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE
    ) as running:
        try:
            assert running.stdout is not None
            port = int(running.stdout.readline())
            url = f"http://127.0.0.1:{port}"
            with httpx2.Client(base_url=url, timeout=LIMIT_S, trust_env=False) as client:
                yield client
        finally:
            running.terminate()
            assert running.wait(LIMIT_S) is not None
