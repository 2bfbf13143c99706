"""The products: what is installed for each, its program, and how its page is talked to."""

import shutil
import subprocess
import sys
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True)
class Product:
    """`requirements` are pip's, `command` starts `program` with the environment's own programs, at
    `{port}`; `box` is the field that is written into, by CSS.
    """

    name: str
    requirements: tuple[str, ...]
    program: str
    command: tuple[str, ...]
    box: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        """The lines of the program, without empty ones."""
        text = (PROGRAMS / self.program).read_text("utf-8")
        return sum(bool(line.strip()) for line in text.splitlines())


def products(wheel: Path) -> list[Product]:
    """Everybody who is measured; `wheel` is ours."""
    return [
        Product(
            "Tokenfall",
            (f"{wheel}[server]",),
            "tokenfall_bot.py",
            ("tokenfall", "tokenfall_bot.py", "--port", "{port}", "--no-open"),
            "#message",
        ),
        Product(
            "gradio 6.31.0",
            ("gradio==6.31.0",),
            "gradio_bot.py",
            ("python", "gradio_bot.py"),
            "textarea",
            {"GRADIO_SERVER_PORT": "{port}", "GRADIO_ANALYTICS_ENABLED": "False"},
        ),
        Product(
            "streamlit 1.67.0",
            ("streamlit==1.67.0",),
            "streamlit_bot.py",
            (
                *("streamlit", "run", "streamlit_bot.py", "--server.port", "{port}"),
                *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
            ),
            "textarea",
        ),
        Product(
            "chainlit 2.12.0",
            ("chainlit==2.12.0",),
            "chainlit_bot.py",
            ("chainlit", "run", "chainlit_bot.py", "--port", "{port}", "--headless"),
            "#chat-input",
        ),
        Product(
            "pydantic-ai 2.68.0, to_web",
            ("pydantic-ai-slim[web]==2.68.0",),
            "pydantic_ai_bot.py",
            ("uvicorn", "pydantic_ai_bot:app", "--port", "{port}"),
            "textarea",
        ),
    ]


@dataclass(frozen=True)
class Installed:
    """An environment with a product: its folder, and what installing it took and left."""

    folder: Path
    seconds: float
    packages: int
    megabytes: float

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return str(self.folder / "bin" / name)


def install(product: Product, folder: Path) -> Installed:
    """Install a product into an empty environment, by pip, without what pip has kept.

    Raises:
        subprocess.CalledProcessError: pip could not.
    """
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "-q"]
    began = time.monotonic()
    subprocess.run(
        [
            *pip,
            "--no-cache-dir",
            "--no-warn-script-location",
            *product.requirements,
        ],
        check=True,
        capture_output=True,
    )
    took = time.monotonic() - began
    (packages,) = folder.glob("lib/python*/site-packages")
    files = [file for file in packages.rglob("*") if file.is_file() and not file.is_symlink()]
    size = sum(file.stat().st_size for file in files)
    return Installed(folder, took, len(list(packages.glob("*.dist-info"))), size / 1_000_000)
