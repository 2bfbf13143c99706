"""The command line of `serve.py`: prepares the machine, then serves or exports.

Until the environment is there, only the standard library can be imported; so the rest of this
package is imported where it is used.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ..setup.console import Console
from ..setup.errors import SetupError, explained
from ..setup.prepare import Preparation
from .options import options_of

# Which Python a person has started, told to that of our own environment.
_PYTHON = "TOKENFALL_AGENT_PYTHON"

_NO_SERVER = """\
Serving the page needs {name}, which is not installed. All that is needed comes with the extra
“server” of the file or folder that Tokenfall was installed from: pip install 'FILE.whl[server]'"""
_NOT_INSTALLED = """\
--{name} is for Tokenfall's own folder, where python3 serve.py has what it needs; the installed
package has the page alone."""

_START_AGAIN = -1  # as `main.serve` says it


def main(root: Path, arguments: list[str]) -> int:
    """Prepare missing parts, then serve or export. Return the exit code."""
    options = options_of(arguments)
    preparation = Preparation(root, Console())

    def serve_or_export() -> int:
        preparation.for_serving()
        if options.packages:
            preparation.for_packages(options.packages, options.package_folder)
        program = str(root / "serve.py")
        if not preparation.environment.is_current():
            # A person's file is run by the Python that they have started, with its packages.
            known = {_PYTHON: sys.executable} if options.agent else None
            return preparation.environment.hand_over([program, *arguments], known)
        code = _run(preparation, options)
        if code != _START_AGAIN:
            return code
        added = [] if options.no_open else ["--no-open"]
        return preparation.environment.hand_over([program, *arguments, *added])

    return explained(serve_or_export)


def main_installed(arguments: list[str]) -> int:
    """Serve the page that the installed package carries. Returns the exit code."""
    try:
        from .page_folder import page_here
    except ModuleNotFoundError as error:
        print(_NO_SERVER.format(name=error.name), file=sys.stderr)
        return 2
    options = options_of(arguments, "tokenfall")
    for name in ("export", "gguf", "packages"):
        if getattr(options, name) is not None:
            print(_NOT_INSTALLED.format(name=name), file=sys.stderr)
            return 2
    options.no_model = True
    page = page_here()
    # Nothing is looked for in a root: all that is served is of the page.
    where = {"root": page.runtime, "runtime": page.runtime, "page": page}
    return explained(lambda: _serve(options, edits=False, **where))


def _run(preparation: Preparation, options: argparse.Namespace) -> int:
    from .export import export

    if options.export is None:
        return _serve(options, edits=True, root=preparation.root, runtime=preparation.runtime)
    target = options.export.resolve()
    try:
        export(preparation.root, preparation.runtime, target)
    except OSError as problem:
        raise SetupError(
            f"The site could not be written to {target} ({problem.strerror or problem}). "
            "Choose a folder that you can write to, with about 30 MB free."
        ) from problem
    print(f"The site is in {target}. Any file host can serve it, from any folder.")
    return 0


def _serve(options: argparse.Namespace, *, edits: bool, **where: Any) -> int:
    """Serve; `edits` are followed in the page and the server, where they are in a folder."""
    from ..native.agent_process import AgentProcess
    from .certificate import Certificate
    from .main import serve

    log_is_shared = bool(options.log) or options.workers > 1
    agent = None
    if options.agent:
        python = Path(os.environ.get(_PYTHON, sys.executable))
        agent = AgentProcess(options.agent, executable=python, reload=options.reload)
    return serve(
        **where,
        host=options.host,
        port=options.port,
        open_browser=not options.no_open,
        with_model=not options.no_model,
        gguf=options.gguf,
        named=options.model,
        relay=options.relay,
        behind=options.behind,
        discovery=not options.no_discovery,
        agent=agent,
        debug=options.debug,
        reload=options.reload and edits,
        verbose=options.verbose,
        access_log=options.access_log,
        durable=options.durable,
        log=options.log,
        takes_over=options.takeover == "restart" if options.takeover else log_is_shared,
        workers=options.workers,
        certificate=Certificate(*options.https) if options.https else None,
        server_keys=options.keys,
        login_header=options.login_header,
        packages=options.package_folder,
    )
