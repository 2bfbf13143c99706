"""`python -m app` as a person starts it: with pipes, or at a terminal of its own."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from tests.live_server import LIMIT_S, REPOSITORY

# Makes its standard input the terminal that Ctrl+C and /dev/tty belong to.
_AT_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


class Command:
    """Starts the program; `base_url` is the provider's address."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self.folder = folder
        self.program = ["-m", "app"]  # what Python is to run
        self._provider = ["--provider", "other", "--base-url", base_url, "--model", "scripted"]
        self._started: list[subprocess.Popen[bytes]] = []
        self._open: list[int] = []

    def __call__(
        self, *arguments: str, piped: bytes | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, without a terminal."""
        program = self.start(*arguments, piped=piped is not None, env=env)
        output, errors = program.communicate(piped, timeout=LIMIT_S)
        return subprocess.CompletedProcess(
            program.args, program.returncode, output.decode(), errors.decode()
        )

    def start(
        self,
        *arguments: str,
        piped: bool = False,
        env: dict[str, str] | None = None,
        output: int = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start it without a terminal."""
        return self._start(
            [*self.program, *self._provider, *arguments],
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            env=env,
        )

    def at_terminal(self, *arguments: str, piped: bytes | None = None) -> "Terminal":
        """Start it at a terminal; `piped` comes through a pipe all the same."""
        ours, theirs = pty.openpty()
        self._open.append(ours)
        line = ["-c", _AT_TERMINAL, *self.program, *self._provider, *arguments]
        if piped is not None:
            # The launcher needs the terminal; the shell gives the program the pipe.
            words = 'printf "%s" "$0" | "$@"'
            inner = [*self.program, *self._provider, *arguments]
            shell = "import os, sys; os.execv('/bin/sh', ['/bin/sh', *sys.argv[1:]])"
            line = ["-c", _AT_TERMINAL, "-c", shell, "-c", words, piped.decode(), sys.executable]
            line += inner
        program = self._start(line, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        return Terminal(program, ours)

    def _start(
        self,
        arguments: list[str],
        *,
        stdin: int,
        stdout: int,
        stderr: int,
        env: dict[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        known = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TOKENFALL") and not name.endswith("_API_KEY")
        }
        program = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=REPOSITORY,
            env=known | {"TERM": "xterm", "NO_PROXY": "*"} | (env or {}),
            start_new_session=True,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
        self._started.append(program)
        return program

    def close(self) -> None:
        """End what a failed test left behind."""
        for program in self._started:
            if program.poll() is None:
                program.send_signal(signal.SIGKILL)
            program.wait()
            for stream in (program.stdin, program.stdout, program.stderr):
                if stream is not None:
                    stream.close()
        for descriptor in self._open:
            os.close(descriptor)


class Terminal:
    """A person's side of the terminal."""

    def __init__(self, program: subprocess.Popen[bytes], ours: int) -> None:
        self.program = program
        self._ours = ours
        self.shown = ""
        self._seen = 0
        self._has_ended = False

    def type(self, text: str) -> None:
        """Press these keys; a line ends with \\n, Ctrl+C is \\x03 and Ctrl+D \\x04."""
        os.write(self._ours, text.encode())

    def until(self, text: str) -> str:
        """Wait until this is shown, after what was waited for before; return what came with it."""
        self._read_until(lambda: text in self.shown[self._seen :])
        assert text in self.shown[self._seen :], f"it ended; shown was: {self.shown!r}"
        end = self.shown.index(text, self._seen) + len(text)
        begin, self._seen = self._seen, end
        return self.shown[begin:end]

    def press_ctrl_c(self, text: str) -> None:
        """Press Ctrl+C at a prompt until this is shown. Python's readline may miss a press in the
        moment between drawing the prompt and beginning to wait.
        """
        limit = monotonic() + LIMIT_S
        while text not in self.shown[self._seen :] and not self._has_ended:
            assert monotonic() < limit, f"Ctrl+C did nothing; this was shown: {self.shown!r}"
            self.type("\x03")
            self._read_until(lambda: text in self.shown[self._seen :], limit_s=10, is_patient=True)

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        self._read_until(lambda: self._has_ended)
        return self.program.wait(LIMIT_S)

    def _read_until(
        self,
        is_enough: Callable[[], bool],
        *,
        limit_s: float = LIMIT_S,
        is_patient: bool = False,
    ) -> None:
        limit = monotonic() + limit_s
        while not is_enough():
            if is_patient and monotonic() > limit:
                return
            assert monotonic() < limit, f"not shown in time; this was: {self.shown!r}"
            if not select.select([self._ours], [], [], 0.25)[0]:
                continue
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # how Linux tells that nobody holds the other side any more
                data = b""
            if not data:
                self._has_ended = True
                return
            self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
