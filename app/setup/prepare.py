"""Steps before serving, before the tests and before the benchmarks."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from . import debian, nginx, other_browsers, redis_server
from .chromium import VARIABLE, Chromium
from .console import Console, Report
from .environment import Environment
from .errors import MissingLibraryError
from .model import ModelProgress, is_model_ready, prepare_model
from .packages import FOLDER as PACKAGES
from .packages import packages_step
from .runtime import Runtime
from .steps import Step, run_steps
from .tools import Tools


class Preparation:
    """Everything that can be prepared for one checkout."""

    def __init__(self, root: Path, console: Console | None = None) -> None:
        self.root = root
        self.runtime = root / ".runtime"
        self._console = console or Console()
        self._tools = Tools(self.runtime / "setup.log")
        self.environment = Environment(root, self._tools)

    def for_serving(self) -> None:
        """Prepare what `serve.py` needs at once; the model comes later.

        Raises:
            SetupError: something could not be prepared.
        """
        self._run(self._serving())

    def for_terminal(self) -> None:
        """Prepare what `python -m app` needs; the model comes when it is asked.

        Raises:
            SetupError: something could not be prepared.
        """
        self._run([self.environment.step(), self.environment.packages("serve")])

    def for_displays(self, name: str) -> None:
        """Prepare what displays are drawn with, one library when a page first asks for it.

        Raises:
            SetupError: it could not be prepared.
        """
        self._run(self._page().for_displays(name))

    def for_packages(self, names: Sequence[str], folder: Path | None) -> None:
        """Fetch packages for the Python of chats, where they are not there yet.

        Raises:
            SetupError: one could not be fetched, or there is none of a name.
        """
        pyodide = self.runtime / "npm/node_modules/pyodide"
        self._run([packages_step(names, folder or self.runtime / PACKAGES, pyodide)])

    def for_tests(self) -> dict[str, str]:
        """Prepare what the tests need and return the environment variables for them.

        Raises:
            SetupError: something could not be prepared.
        """
        steps = (nginx.step, redis_server.step, other_browsers.step)
        page = self._page()
        others = [*page.npm_for_development(), *page.for_displays(), self._model()]
        others += [step(self._tools) for step in steps]
        apart, found = self._apart("near-peers")
        packages = [self.environment.packages("tests"), *apart]
        return self._with_chromium(packages, others, windowless=True) | found

    def for_measuring(self) -> None:
        """Prepare what looks at the tests and needs no browser.

        Raises:
            SetupError: something could not be prepared.
        """
        names = ("serve", "tests", "measuring")
        self._run([self.environment.step(), *map(self.environment.packages, names)])

    def for_libraries(self) -> dict[str, str]:
        """Prepare the tests and an environment of libraries, apart; return the variable that names
        its Python.

        Raises:
            SetupError: something could not be prepared.
        """
        return self._with_apart("libraries")

    def for_peers(self) -> dict[str, str]:
        """Prepare the tests and an environment of agents' frameworks, apart, with the front ends of
        others; return the variables that name its Python and the folder of those.

        Raises:
            SetupError: something could not be prepared.
        """
        found = self._with_apart("peers")
        self._run(self._page().npm_clients())
        return found | {"TOKENFALL_CLIENTS": str(self.runtime / "clients" / "node_modules")}

    def for_wheel(self) -> dict[str, str]:
        """Prepare the page with all that it may load, the tests, and an environment that builds
        packages, apart; return the variables that name its Python and the browser.

        Raises:
            SetupError: something could not be prepared.
        """
        apart, found = self._apart("build")
        tests = self.environment.packages("tests")
        return self._with_chromium([tests, *apart], self._page().for_displays()) | found

    def for_reference(self) -> None:
        """Prepare the tool that makes pages of docstrings.

        Raises:
            SetupError: something could not be prepared.
        """
        names = ("serve", "reference")
        self._run([self.environment.step(), *map(self.environment.packages, names)])

    def for_benchmarks(self) -> dict[str, str]:
        """Prepare the peers that run beside us; return the environment variables for it.

        The npm packages lie in `.runtime/npm-development/node_modules`.

        Raises:
            SetupError: something could not be prepared.
        """
        peers = self._page().npm_for_development()
        return self._with_chromium([self.environment.packages("benchmarks")], peers)

    def for_startup(self) -> dict[str, str]:
        """Prepare the benchmark of starts, with the built-in model; return the environment
        variables for it.

        Raises:
            SetupError: something could not be prepared.
        """
        packages = [self.environment.packages(name) for name in ("tests", "benchmarks")]
        return self._with_chromium(packages, [self._model()])

    def for_painting(self) -> dict[str, str]:
        """Prepare the benchmarks, and what other pages draw answers with, in `.runtime/painters`;
        return the environment variables for it.

        Raises:
            SetupError: something could not be prepared.
        """
        found = self.for_benchmarks()
        self._run(self._page().npm_painters())
        return found

    def _with_chromium(
        self, packages: list[Step], others: list[Step], *, windowless: bool = False
    ) -> dict[str, str]:
        # Playwright, among the packages, may have to install the browser.
        chromium = Chromium(self.environment, self.runtime, self._tools, windowless=windowless)
        self._run([*self._serving(), *packages, chromium.step(), *others])
        return {VARIABLE: str(chromium.find())}

    def _with_apart(self, name: str) -> dict[str, str]:
        steps, found = self._apart(name)
        ours = [self.environment.packages(one) for one in ("serve", "tests")]
        self._run([self.environment.step(), *ours, *steps])
        return found

    def _apart(self, name: str) -> tuple[list[Step], dict[str, str]]:
        """The steps that make an environment of these packages, and the variable that names its
        Python.
        """
        apart = Environment(self.root, self._tools, self.runtime / name)
        variable = f"TOKENFALL_{name.upper().replace('-', '_')}"
        return [apart.step(), apart.packages(name)], {variable: str(apart.python)}

    def _serving(self) -> list[Step]:
        environment = self.environment
        return [environment.step(), environment.packages("serve"), *self._page().steps()]

    def _page(self) -> Runtime:
        return Runtime(self.environment, self.runtime, self._tools)

    def _model(self) -> Step:
        def fetch(report: Report) -> None:
            def tell(progress: ModelProgress) -> None:
                received, total = progress.received_bytes, progress.total_bytes
                report(f"{progress.message}, {received // 1_000_000} of {total // 1_000_000} MB")

            prepare = partial(prepare_model, self.runtime, tell, python=self.environment.python)
            try:
                prepare()
            except MissingLibraryError as missing:
                if not missing.package or not debian.install(self._tools, report, missing.package):
                    raise
                prepare()

        return Step("Fetch the built-in model", lambda: is_model_ready(self.runtime), fetch)

    def _run(self, steps: list[Step]) -> None:
        run_steps(steps, self.runtime, self._console)
