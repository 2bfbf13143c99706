"""The supervisor of the model's process: real processes, with a stand-in for the engine."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.native.local_model import LocalModel
from app.setup.errors import SetupError
from app.setup.model import ModelFiles, ModelProgress
from tests.live_server import LIMIT_S, REPOSITORY, until
from tests.native.engine import prepared

AT_ONCE = (0.0, 0.0)


@asynccontextmanager
async def supervised(model: LocalModel) -> AsyncIterator[LocalModel]:
    task = asyncio.create_task(model.run())
    try:
        async with asyncio.timeout(LIMIT_S):
            yield model
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_model_that_loads_is_ready_at_its_port_with_a_key_of_its_own(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as watch:
        port = watch.getsockname()[1]
        ready = LocalModel(tmp_path, prepare=prepared(tmp_path, port=4711, watch=port))
        async with supervised(ready) as model:
            assert (await model.until("starting")).message != ""
            await model.until("ready")
            assert model.endpoint is not None
            assert model.endpoint.base_url == "http://127.0.0.1:4711"
            assert model.endpoint.key not in repr(model.endpoint)
            held, _ = watch.accept()
            with held:
                assert json.loads(held.recv(1000)) == {
                    "key": [model.endpoint.key],
                    "alias": ["smollm2-135m"],
                    "tokens": [4096, 1024],
                    "repeat": 1.15,
                }
                assert len(model.endpoint.key) >= 32


async def test_weights_of_a_persons_own_have_their_name_and_more_room(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as watch:
        prepare = prepared(tmp_path, port=4711, watch=watch.getsockname()[1])
        own = LocalModel(tmp_path, gguf=tmp_path / "Qwen3-4B.Q4.gguf", prepare=prepare)
        async with supervised(own) as model:
            status = await model.until("ready")
            assert (status.id, status.label, status.window) == ("Qwen3-4B.Q4", "Qwen3-4B.Q4", 8192)
            held, _ = watch.accept()
            with held:
                told = json.loads(held.recv(1000))
        assert (told["alias"], told["tokens"], told["repeat"]) == (["Qwen3-4B.Q4"], [8192, 8192], 1)


async def test_the_download_of_the_engine_keeps_the_name(tmp_path: Path) -> None:
    go_on = threading.Event()

    def prepare(
        runtime: Path, report: Callable[[ModelProgress], None], *, cancel: threading.Event
    ) -> ModelFiles:
        report(ModelProgress(1, 2, "Downloading llama.cpp"))
        go_on.wait(LIMIT_S)
        raise SetupError("Nothing more.")

    own = LocalModel(tmp_path, gguf=tmp_path / "mine.gguf", prepare=prepare)
    async with supervised(own) as model:
        assert (await model.until("downloading")).label == "mine"
        go_on.set()
        assert (await model.until("failed")).id == "mine"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            "0.1 E llama_model_load: error loading model: unknown model architecture: 'x'\nbye",
            "weights cannot be run. llama.cpp says: unknown model architecture: 'x'. Fetch",
        ),
        (
            "E alloc: failed to allocate buffer\nE load: error loading model: no buffer",
            "weights cannot be run. There is not enough memory for it",
        ),
    ],
)
async def test_why_a_file_cannot_be_run_is_said_at_once(
    log: str, said: str, tmp_path: Path
) -> None:
    prepare = prepared(tmp_path, fail="Failed to init server", log=log)
    own = LocalModel(tmp_path, gguf=tmp_path / "weights.gguf", prepare=prepare)
    async with supervised(own) as model:
        assert (await model.until("failed")).message.startswith(said)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
async def test_a_process_that_the_system_ends_may_have_lacked_memory(tmp_path: Path) -> None:
    killed = prepared(tmp_path, kill=True)
    async with supervised(LocalModel(tmp_path, prepare=killed, backoff_s=())) as model:
        assert "there is not enough memory" in (await model.until("failed")).message


async def test_each_start_has_another_key(tmp_path: Path) -> None:
    keys = set()
    for _ in range(2):
        async with supervised(LocalModel(tmp_path, prepare=prepared(tmp_path, port=1))) as model:
            await model.until("ready")
            assert model.endpoint is not None
            keys.add(model.endpoint.key)
    assert len(keys) == 2


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    restarted = LocalModel(tmp_path, prepare=prepared(tmp_path, port=1), backoff_s=AT_ONCE)
    async with supervised(restarted) as model:
        await model.until("ready")
        first = model.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        between = await model.until("starting")
        assert "ended with code -9" in between.message
        assert model.endpoint is None
        await model.until("ready")
        assert model.pid != first


async def test_a_process_that_dies_again_and_again_is_given_up_with_its_last_words(
    tmp_path: Path,
) -> None:
    hopeless = LocalModel(tmp_path, prepare=prepared(tmp_path, exit=3), backoff_s=AT_ONCE)
    async with supervised(hopeless) as model:
        status = await model.until("failed")
        assert "its process ended while it loaded" in status.message
        assert "GGML_ASSERT failed" in status.message
        starts = [line for line in model.log if line == "fake engine loads"]
        assert len(starts) == len(AT_ONCE) + 1
        assert model.endpoint is None
        assert model.pid is None


@pytest.mark.parametrize("rest_s", [0.0, 3600.0], ids=["after a while", "when it is wanted"])
async def test_what_failed_is_tried_anew(tmp_path: Path, rest_s: float) -> None:
    prepare = prepared(tmp_path, exit=1)
    mended = LocalModel(tmp_path, prepare=prepare, backoff_s=AT_ONCE, rest_s=rest_s)
    async with supervised(mended) as model:
        status = await model.until("failed")
        assert "started anew with the next question" in status.message
        prepared(tmp_path, port=1)  # the same file, with another order
        model.want()
        await model.until("ready")
        assert model.status.message == ""


async def test_a_preparation_that_failed_is_tried_anew(tmp_path: Path) -> None:
    tries = 0

    def prepare(
        runtime: Path, report: Callable[[ModelProgress], None], *, cancel: threading.Event
    ) -> ModelFiles:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise SetupError("The network is not there.")
        return prepared(tmp_path, port=1)(runtime, report, cancel=cancel)

    async with supervised(LocalModel(tmp_path, prepare=prepare)) as model:
        assert (await model.until("failed")).message == "The network is not there."
        model.want()
        await model.until("ready")


async def test_nothing_is_tried_anew_before_it_failed(tmp_path: Path) -> None:
    prepare = prepared(tmp_path, exit=1)
    model = LocalModel(tmp_path, prepare=prepare, backoff_s=AT_ONCE)
    model.want()
    async with supervised(model):
        await model.until("failed")
        assert model.log.count("fake engine loads") == len(AT_ONCE) + 1


async def test_a_model_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    refused = LocalModel(tmp_path, prepare=prepared(tmp_path, fail="no such file"), backoff_s=())
    async with supervised(refused) as model:
        status = await model.until("failed")
    assert "RuntimeError: no such file" in status.message


async def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    command = [str(tmp_path / "no-such-program")]
    prepare = prepared(tmp_path, port=1)
    missing = LocalModel(tmp_path, prepare=prepare, command=command, backoff_s=())
    async with supervised(missing) as model:
        status = await model.until("failed")
    assert "cannot be started" in status.message


async def test_the_download_is_reported_and_its_failure_is_a_sentence(tmp_path: Path) -> None:
    seen = threading.Event()

    def prepare(
        runtime: Path, report: Callable[[ModelProgress], None], *, cancel: threading.Event
    ) -> ModelFiles:
        report(ModelProgress(5, 100, "Downloading"))
        seen.wait(LIMIT_S)
        raise SetupError("The network is not there. Connect it and start again.")

    async with supervised(LocalModel(tmp_path, prepare=prepare)) as model:
        status = await model.until("downloading")
        assert (status.received_bytes, status.total_bytes) == (5, 100)
        assert status.message == "Downloading"
        seen.set()
        status = await model.until("failed")
    assert status.message == "The network is not there. Connect it and start again."


async def test_stopping_during_the_download_ends_it(tmp_path: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    def prepare(
        runtime: Path, report: Callable[[ModelProgress], None], *, cancel: threading.Event
    ) -> ModelFiles:
        begun.set()
        cancel.wait(LIMIT_S)
        ended.set()
        raise SetupError("cancelled")

    async with supervised(LocalModel(tmp_path, prepare=prepare)):
        assert await asyncio.to_thread(begun.wait, LIMIT_S)
    assert ended.is_set()


async def test_stopping_ends_the_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as watch:
        port = watch.getsockname()[1]
        stopped = LocalModel(tmp_path, prepare=prepared(tmp_path, port=1, watch=port))
        async with supervised(stopped) as model:
            await model.until("ready")
        _expect_end_of_process(watch)


_PARENT = """
import asyncio, sys
from pathlib import Path
from app.native.local_model import LocalModel
from tests.native.engine import prepared

async def main():
    folder = Path(sys.argv[1])
    model = LocalModel(folder, prepare=prepared(folder, port=1, watch=int(sys.argv[2])))
    task = asyncio.create_task(model.run())
    await model.until("ready")
    print("ready", flush=True)
    await task

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a kill without a word is a signal of POSIX")
def test_the_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as watch:
        port = watch.getsockname()[1]
        command = [sys.executable, "-c", _PARENT, str(tmp_path), str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as parent:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"ready\n"
            parent.kill()
        _expect_end_of_process(watch)


def _expect_end_of_process(watch: socket.socket) -> None:
    """The engine holds a connection for as long as its process lives."""
    held, _ = watch.accept()
    with held:
        held.settimeout(LIMIT_S)
        until(lambda: not held.recv(1000))
