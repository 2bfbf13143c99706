"""Running pip, npm, Node.js and the like: their output goes to a log, not to the person."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Report
from .errors import SetupError, os_failed, tool_failed

Command = Sequence[str | Path]

# How often `run` looks whether it was cancelled, in seconds.
_POLL_S = 0.25
# How long a tool that was told to end may take before it is killed, in seconds.
_GRACE_S = 5.0


class Tools:
    """Runs commands and keeps what they print.

    Everything is run without a shell and without a standard input, so no tool can wait
    for an answer that nobody is asked for; and in a folder of ours, for many a tool looks for
    settings and libraries in the one that it is started in.
    """

    def __init__(self, log: Path, cancel: threading.Event | None = None) -> None:
        """Log to a file; `cancel`, once set, ends whatever is running."""
        self.log = log
        self._cancel = cancel

    def run(
        self,
        title: str,
        command: Command,
        report: Report,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        watch: Callable[[], None] | None = None,
    ) -> str:
        """Run a command to its end and return what it printed.

        Args:
            title: what the command is for, the first words of an error.
            report: gets every line as it comes.
            env: added to this process's environment.
            watch: called about four times a second while the command runs.

        Raises:
            SetupError: it could not be started, failed, or was cancelled.
        """
        lines: list[str] = []
        argv = [str(part) for part in command]
        with self._process(title, argv, cwd, env) as process:
            reader = threading.Thread(target=self._read, args=(process, lines, report))
            reader.start()
            try:
                while not _ended(process):
                    if watch:
                        watch()
                    if self._cancel and self._cancel.is_set():
                        raise SetupError(f"{title}: cancelled.")
            except BaseException:
                _end(process)
                raise
            finally:
                reader.join()
        output = "".join(lines)
        self._log(" ".join(argv), output, process.returncode)
        if process.returncode != 0:
            raise tool_failed(title, output, self.log)
        return output

    @contextmanager
    def _process(
        self, title: str, argv: list[str], cwd: Path | None, env: Mapping[str, str] | None
    ) -> Iterator[subprocess.Popen[str]]:
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd or Path(__file__).parent,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as problem:
            raise os_failed(title, problem, self.log.parent) from problem
        with process:
            yield process

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: list[str], report: Report) -> None:
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if line.strip():
                report(line)

    def _log(self, command: str, output: str, code: int) -> None:
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("a", encoding="utf-8") as stream:
                stream.write(f"$ {command}\n{output}(exit code {code})\n\n")
        except OSError:
            # A full disk is told by what failed on it; the log must not hide that.
            return


def program(name: str) -> Path | None:
    """Find a program on the PATH, but none of the folder one stands in.

    That is what an empty entry and `.` stand for; and Windows looks there before all others.
    """
    places = os.pathsep.join(filter(os.path.isabs, os.get_exec_path()))
    found = shutil.which(name, path=places)
    return Path(found) if found and os.path.isabs(found) else None


def _ended(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
