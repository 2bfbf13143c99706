"""The built-in model: prepared in the background, run in a process of its own, kept alive.

A process, because a failed assertion of llama.cpp ends the process that it happens in; with a
random key, because llama.cpp's server answers every page of the browser otherwise.

Long, because it is one life: prepared, started, asked after, started again, ended.
"""

import asyncio
import json
import os
import re
import secrets
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from ..setup.errors import SetupError
from ..setup.model import ModelFiles, ModelProgress, prepare_model

State = Literal["absent", "downloading", "starting", "ready", "failed"]

MODEL_ID = "smollm2-135m"
MODEL_LABEL = "SmolLM2 135M"

# Tokens of question and answer together; the model was trained on 8192, memory grows with it.
_CONTEXT_TOKENS = 4096
# The longest answer, where a request does not say; the model has lost the thread long before.
_MAX_TOKENS = 1024
# The same of a model of a person's own: most were trained on more, but memory is this machine's.
_OWN_CONTEXT_TOKENS = 8192
# Against the small model's habit of saying one sentence again and again; others need it not.
_REPEAT_PENALTY = 1.15
# For prompts seen before; llama.cpp's own limit is 8192, more than small machines have.
_PROMPT_CACHE_MIB = 128
# From the start of the process to its port. Loading takes 1 s, or 5 s on a busy machine.
_START_LIMIT_S = 180.0
_STOP_LIMIT_S = 3.0
# Waits before starting it again; after the last one the model counts as failed.
_BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
# After that, it is tried anew, or as soon as somebody wants it.
_REST_S = 300.0
# A process that lived this long was healthy: the next crash begins a new row.
_HEALTHY_AFTER_S = 60.0
_LOG_LINES = 200
# SIGKILL, which Windows has not.
_KILL = 9
# What llama.cpp logs where it can't run a file at all.
_NOT_LOADED = re.compile(r"error loading model: (.+)")
_NO_ROOM = re.compile(r"(unable|failed) to allocate|out of memory|cudaMalloc failed", re.IGNORECASE)


class ModelStatus(msgspec.Struct, frozen=True):
    """Status of the model for the page. Bytes are those of the download; `message` is for people,
    `window` the number of tokens the model can read.
    """

    state: State = "absent"
    id: str = MODEL_ID
    label: str = MODEL_LABEL
    received_bytes: int = 0
    total_bytes: int = 0
    message: str = ""
    window: int = _CONTEXT_TOKENS


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Address and key of the running model. The key must not leave this process."""

    base_url: str
    key: str

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url})"


class Prepare(Protocol):
    """Blocks until the model's files are there, or `cancel` is set."""

    def __call__(
        self,
        runtime: Path,
        report: Callable[[ModelProgress], None],
        *,
        cancel: threading.Event,
    ) -> ModelFiles: ...


class ModelCrash(Exception):
    """The model's process did not start, or ended by itself."""


class BuiltInModel(Protocol):
    """The model as a server uses it. With `is_shared` it outlives the process that asks."""

    is_shared: bool

    @property
    def status(self) -> ModelStatus: ...

    @property
    def endpoint(self) -> Endpoint | None: ...

    def want(self) -> None:
        """Try a failed model anew at once."""
        ...

    async def run(self) -> None:
        """Have it run, or be followed, until this is cancelled."""
        ...


class LocalModel:
    """Supervises the model. `run` does all of it, until it is cancelled.

    `prepare` blocks and is called in a thread. `command` starts a process that keeps to the
    protocol of `model_process`. `gguf` are weights of a person's own. `backoff_s` are the waits
    before each new start, in seconds, and `rest_s` the wait after all of them.
    """

    def __init__(
        self,
        runtime: Path,
        *,
        gguf: Path | None = None,
        prepare: Prepare | None = None,
        command: Sequence[str] = (sys.executable, "-P", "-m", f"{__package__}.model_process"),
        backoff_s: Sequence[float] = _BACKOFF_S,
        rest_s: float = _REST_S,
    ) -> None:
        self.is_shared = False
        self._runtime = runtime
        self._prepare = prepare or partial(prepare_model, gguf=gguf)
        self._is_own = gguf is not None
        self._command = command
        self._backoff_s = backoff_s
        self._rest_s = rest_s
        self._wanted = asyncio.Event()
        status = ModelStatus("starting", message="The model is being prepared.")
        if gguf is not None:
            status = msgspec.structs.replace(
                status, id=gguf.stem, label=gguf.stem, window=_OWN_CONTEXT_TOKENS
            )
        self._status = status
        self._changed = asyncio.Event()
        self.endpoint: Endpoint | None = None
        self.pid: int | None = None
        self.log: deque[str] = deque(maxlen=_LOG_LINES)
        self._latest: deque[str] = deque(maxlen=_LOG_LINES)  # of the process that runs, or ran last

    @property
    def status(self) -> ModelStatus:
        return self._status

    async def changed(self) -> None:
        """Wait for the next news of the status."""
        await self._changed.wait()

    async def until(self, *states: State) -> ModelStatus:
        """Wait until the model is in one of these states."""
        while self._status.state not in states:
            await self.changed()
        return self._status

    def want(self) -> None:
        """Try a failed model anew at once, as somebody asks for it."""
        self._wanted.set()

    async def run(self) -> None:
        """Prepare the model, run its process, and start it again when it ends.

        While it cannot be had the status says why. Cancelling ends the process.
        """
        while True:
            try:
                problem = await self._keep_up(await self._prepared())
            except SetupError as error:
                problem = str(error)
            except Exception as error:
                problem = f"The model cannot be prepared: {error}"
            self._wanted.clear()
            self._set("failed", problem)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rest_s):
                    await self._wanted.wait()

    async def _keep_up(self, files: ModelFiles) -> str:
        """Run processes until too many have ended one after the other; say so."""
        loop = asyncio.get_running_loop()
        crashes = 0
        while True:
            begun = loop.time()
            try:
                await self._run_once(files)
            except ModelCrash as crash:
                problem = str(crash)
            if why := _why_not_loaded(self._latest):
                return f"{self._status.label} cannot be run. {why}"
            if loop.time() - begun > _HEALTHY_AFTER_S:
                crashes = 0
            if crashes >= len(self._backoff_s):
                last_words = f" Its last words: {self.log[-1]}" if self.log else ""
                return (
                    f"The model does not stay up: {problem}.{last_words} "
                    "It is started anew with the next question, or in a few minutes."
                )
            self._set("starting", f"Starting the model again: {problem}.")
            await asyncio.sleep(self._backoff_s[crashes])
            crashes += 1

    async def _prepared(self) -> ModelFiles:
        """Run `prepare` in a thread; when this is cancelled, so is the download.

        A daemon thread: the program must end even where the download does not listen.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[ModelFiles] = loop.create_future()
        cancel = threading.Event()

        def report(progress: ModelProgress) -> None:
            loop.call_soon_threadsafe(self._on_progress, progress)

        def settle(files: ModelFiles | None, error: BaseException | None) -> None:
            if outcome.done():
                return
            if files is not None:
                outcome.set_result(files)
            elif error is not None:
                outcome.set_exception(error)

        def work() -> None:
            # After the end of the loop nobody waits for the outcome.
            with suppress(RuntimeError):
                try:
                    files = self._prepare(self._runtime, report, cancel=cancel)
                except Exception as error:
                    loop.call_soon_threadsafe(settle, None, error)
                else:
                    loop.call_soon_threadsafe(settle, files, None)

        thread = threading.Thread(target=work, name="prepare model", daemon=True)
        thread.start()
        try:
            return await outcome
        finally:
            cancel.set()
            await asyncio.to_thread(thread.join, _STOP_LIMIT_S)

    async def _run_once(self, files: ModelFiles) -> None:
        """Run one process from its start to its end.

        Raises:
            ModelCrash: Always, unless cancelled: it never ends by itself in a good way.
        """
        self._set("starting", "The model is being loaded.")
        self._latest.clear()
        process = await self._launch(files)
        reader = asyncio.create_task(self._read_log(process))
        self.pid = process.pid
        try:
            key = secrets.token_urlsafe(32)
            port = await self._introduce(process, files, key)
            self.endpoint = Endpoint(f"http://127.0.0.1:{port}", key)
            self._set("ready", "")
            code = await process.wait()
            raise ModelCrash(f"its process ended with code {code}")
        finally:
            self.endpoint = None
            self.pid = None
            await _end(process)
            # Its last words may be on their way; a child of its own could hold the pipe open.
            await asyncio.wait([reader], timeout=_STOP_LIMIT_S)
            reader.cancel()

    async def _launch(self, files: ModelFiles) -> Process:
        root = Path(__file__).parents[2]
        paths = [str(root), str(files.site)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        try:
            return await asyncio.create_subprocess_exec(
                # llama.cpp loads libraries of the folder that it is started in.
                *self._command,
                cwd=root,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment,
            )
        except OSError as error:
            raise ModelCrash(f"its process cannot be started: {error}") from error

    async def _introduce(self, process: Process, files: ModelFiles, key: str) -> int:
        """Tell the process what to do; give the port that it listens on."""
        assert process.stdin is not None
        assert process.stdout is not None
        settings = {
            "gguf": str(files.gguf),
            "alias": self._status.id,
            "key": key,
            "n_ctx": self._status.window,
            "max_tokens": self._status.window if self._is_own else _MAX_TOKENS,
            "repeat_penalty": 1.0 if self._is_own else _REPEAT_PENALTY,
            "cache_ram_mib": _PROMPT_CACHE_MIB,
        }
        try:
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            await process.stdin.drain()
            async with asyncio.timeout(_START_LIMIT_S):
                line = await process.stdout.readline()
            answer = json.loads(line)
        except TimeoutError as error:
            raise ModelCrash(f"it did not load within {_START_LIMIT_S:.0f} s") from error
        except (ConnectionError, ValueError) as error:
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOP_LIMIT_S):
                    await process.wait()
            if process.returncode == -_KILL:
                raise ModelCrash(
                    "the system ended its process while it loaded, as it does where there is not "
                    "enough memory"
                ) from error
            raise ModelCrash("its process ended while it loaded") from error
        if "port" not in answer:
            raise ModelCrash(f"it cannot be loaded ({answer.get('error')})")
        return int(answer["port"])

    async def _read_log(self, process: Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self._latest.append(line.decode("utf-8", "replace").rstrip())
            self.log.append(self._latest[-1])

    def _on_progress(self, progress: ModelProgress) -> None:
        self._publish(
            msgspec.structs.replace(
                self._status,
                state="downloading",
                received_bytes=progress.received_bytes,
                total_bytes=progress.total_bytes,
                message=progress.message,
            )
        )

    def _set(self, state: State, message: str) -> None:
        self._publish(msgspec.structs.replace(self._status, state=state, message=message))

    def _publish(self, status: ModelStatus) -> None:
        self._status = status
        self._changed.set()
        self._changed = asyncio.Event()


def _why_not_loaded(log: Iterable[str]) -> str:
    """Say why llama.cpp can't run the file, in a sentence; "" where its log does not tell."""
    lines = list(log)
    if any(map(_NO_ROOM.search, lines)):
        return "There is not enough memory for it: choose a smaller one."
    said = next((found[1] for line in lines if (found := _NOT_LOADED.search(line))), "")
    if not said:
        return ""
    return (
        f"llama.cpp says: {said.strip().rstrip('.')}. "
        "Fetch the file again, or choose another one: it may be newer than the engine that is here."
    )


async def _end(process: Process) -> None:
    """End the process: by the end of its input, or by force where it does not listen."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
