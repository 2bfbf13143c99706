"""A Redis of the tests' own, on a socket in a folder of theirs; ended with them."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

LIMIT_S = 60.0


class RedisServer:
    """Runs as long as the block lasts. What was written is there after `stop` and `start`."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: “python3 -m tests” installs Debian's"
        # A short path: that of a socket may have some hundred letters.
        self._folder = Path(tempfile.mkdtemp(prefix="tokenfall-redis-"))
        self._socket = self._folder / "socket"
        options = ("--port", "0", "--unixsocket", self._socket, "--dir", self._folder)
        kept = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
        self._command = [program, *map(str, options), *kept]
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Start it; it answers when this returns."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "eady to accept connections" in line:  # Redis 7.2 and Valkey have other words around
                return
        raise AssertionError("redis-server did not start")

    def stop(self) -> None:
        """End it, as a machine ends."""
        self._process.kill()
        self._process.communicate(timeout=LIMIT_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)
