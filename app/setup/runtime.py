"""Files that the page is served, under `.runtime`: npm packages, wheels for the tab, and byte code
for it.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from .console import Report
from .display_libraries import LIBRARIES, library_step
from .environment import PIP_ENVIRONMENT, Environment, pip
from .node import Node, OwnNode, on_path
from .page_files import served_packages
from .stamps import Stamp, digest
from .steps import Step, stamped
from .tab_sources import COMPILED, compiled_name, read_sources
from .tools import Tools

_COMPILE_SCRIPT = Path(__file__).with_name("compile.mjs")

# npm's own waits between tries are 10 and 60 seconds; a person without a network should
# learn of it sooner.
_NPM_CI = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=4000",
)


class Runtime:
    """The steps that fill `.runtime` for the page."""

    def __init__(self, environment: Environment, folder: Path, tools: Tools) -> None:
        self.folder = folder
        self._root = environment.root
        self._environment = environment
        self._tools = tools
        self._own_node = OwnNode(environment, folder)
        self._pyodide = folder / "npm" / "node_modules" / "pyodide"
        lock = (self._root / "package-lock.json").read_bytes()
        # The integrity of one package: another library's new version leaves the rest alone.
        self._pyodide_version = json.loads(lock)["packages"]["node_modules/pyodide"]["integrity"]

    def steps(self) -> list[Step]:
        """Return the steps in the order in which they need each other."""
        wanted = [self._npm_packages(), self._tab_wheels(), self._stdlib(), self._own_modules()]
        return [self._node_for(wanted), *wanted]

    def npm_for_development(self) -> list[Step]:
        """Return the steps that install the npm packages of tests and benchmarks."""
        wanted = [self._npm_folder("npm-development", "tests and benchmarks", development=True)]
        return [self._node_for(wanted), *wanted]

    def npm_clients(self) -> list[Step]:
        """Return the steps that install the front ends of others, which the tests ask with."""
        listed = self._root / "tests" / "peers" / "clients"
        wanted = [self._npm_folder("clients", "the front ends of others", listed=listed)]
        return [self._node_for(wanted), *wanted]

    def npm_painters(self) -> list[Step]:
        """Return the steps that install what other pages draw answers with, and make one module of
        it that a browser can load: `peers.mjs` in the folder `painters`.
        """
        place = self._root / "benchmarks" / "painting" / "peers"
        folder, module = self.folder / "painters", place / "peers.mjs"

        def bundle(report: Report) -> None:
            shutil.copyfile(module, folder / "entry.mjs")
            esbuild = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
            options = ("--bundle", "--format=esm", "--minify", "--outfile=peers.mjs")
            production = '--define:process.env.NODE_ENV="production"'
            self._tools.run(
                "The painters of other pages",
                [self._node().node, esbuild, "entry.mjs", *options, production],
                report,
                cwd=folder,
            )

        packages = self._npm_folder("painters", "the benchmark of painting", listed=place)
        inputs = digest(module.read_bytes(), (place / "package-lock.json").read_bytes())
        stamp = Stamp(folder / "bundled.json", inputs, lambda: [folder / "peers.mjs"])
        wanted = [packages, stamped("Bundle the painters of other pages", stamp, bundle)]
        return [self._node_for(wanted), *wanted]

    def for_displays(self, *names: str) -> list[Step]:
        """Return the steps that fetch what a page wants only for displays: these libraries, or
        all.
        """
        wanted = [
            library_step(LIBRARIES[name], self.folder, self._tools, self._node)
            for name in names or LIBRARIES
        ]
        return [self._node_for(wanted), *wanted]

    def _node_for(self, wanted: list[Step]) -> Step:
        own = self._own_node.step()

        def is_done() -> bool:
            return all(step.is_done() for step in wanted) or bool(on_path()) or own.is_done()

        return Step(own.title, is_done, own.work)

    def _node(self) -> Node:
        return on_path() or self._own_node.node()

    def _npm_packages(self) -> Step:
        modules = self._pyodide.parent
        return self._npm_folder("npm", "the page", lambda: served_packages(modules))

    def _npm_folder(
        self,
        name: str,
        user: str,
        outputs: Callable[[], Iterable[Path]] = tuple,
        *,
        listed: Path | None = None,
        development: bool = False,
    ) -> Step:
        folder = self.folder / name
        place = listed or self._root
        sources = [place / "package.json", place / "package-lock.json"]

        def install(report: Report) -> None:
            folder.mkdir(parents=True, exist_ok=True)
            for source in sources:
                shutil.copyfile(source, folder / source.name)
            node = self._node()
            scope = "--include=dev" if development else "--omit=dev"
            self._tools.run(
                f"The npm packages for {user}",
                [*node.npm, *_NPM_CI, scope],
                report,
                cwd=folder,
                env=node.environment,
            )

        inputs = digest(*(source.read_bytes() for source in sources))
        stamp = Stamp(folder / "installed.json", inputs, outputs)
        return stamped(f"Fetch the npm packages for {user}", stamp, install)

    def _tab_wheels(self) -> Step:
        folder = self.folder / "tab"
        listed = self._root / "requirements" / "tab.txt"

        def download(report: Report) -> None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._tools.run(
                "The Python packages for the tab",
                [
                    *pip(self._environment.python, "download"),
                    *("--no-deps", "--dest", folder, "-r", listed),
                    *_tab_platform(self._pyodide),
                ],
                report,
                env=PIP_ENVIRONMENT,
            )

        inputs = digest(listed.read_bytes(), self._pyodide_version)
        stamp = Stamp(folder / "downloaded.json", inputs, lambda: folder.glob("*.whl"))
        return stamped("Fetch the Python packages for the tab", stamp, download)

    def _stdlib(self) -> Step:
        output = self.folder / "python_stdlib.zip"

        def compile_it(report: Report) -> None:
            source = self._pyodide / output.name
            self._compile("Python's standard library for the tab", source, output, report)

        inputs = digest(_COMPILE_SCRIPT.read_bytes(), self._pyodide_version)
        stamp = Stamp(self.folder / "python_stdlib.json", inputs, lambda: [output])
        return stamped("Compile Python's standard library for the tab", stamp, compile_it)

    def _own_modules(self) -> Step:
        """Compile our own modules; one edited later is compiled in the tab, until the next
        set-up.
        """
        output = self.folder / COMPILED
        names = {source: name for name, source in read_sources(self._root).items()}
        sources = sorted(names)

        def compile_them(report: Report) -> None:
            packed = output.with_suffix(".sources")
            with zipfile.ZipFile(packed, "w") as archive:
                for source in sources:
                    entry = zipfile.ZipInfo(compiled_name(source).removesuffix("c"))
                    entry.comment = names[source].encode()
                    archive.writestr(entry, source)
            self._compile("Tokenfall's own modules for the tab", packed, output, report)
            packed.unlink()

        inputs = digest(_COMPILE_SCRIPT.read_bytes(), self._pyodide_version, *sources)
        stamp = Stamp(output.with_suffix(".json"), inputs, lambda: [output])
        return stamped("Compile Tokenfall's own modules for the tab", stamp, compile_them)

    def _compile(self, what: str, source: Path, output: Path, report: Report) -> None:
        part = output.with_suffix(".part")
        command = [self._node().node, _COMPILE_SCRIPT, self._pyodide, source, part]
        self._tools.run(what, command, report)
        part.replace(output)


def _tab_platform(pyodide: Path) -> list[str]:
    """Return pip's options for the interpreter that Pyodide's own lock file describes."""
    info = json.loads((pyodide / "pyodide-lock.json").read_bytes())["info"]
    major, minor = info["python"].split(".")[:2]
    return [
        *("--implementation", "cp"),
        *("--python-version", f"{major}.{minor}"),
        *("--abi", f"cp{major}{minor}"),
        *("--platform", f"pyemscripten_{info['abi_version']}_{info['arch']}"),
    ]
