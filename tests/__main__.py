"""`python3 -m tests`: prepares what the tests need, then runs pytest with the same arguments.

Given first, these do something else: `--prepare` stops before pytest; `--smoke` runs a few tests of
each room; `--coverage` tells which branches no test takes, `--mutants` which changes of the code no
test notices; `--libraries` asks pandas and others what they show in a Python session, `--peers` the
agents of pydantic-ai and others what comes of them behind the page; `--wheel` builds the package
with its page, into `.runtime/dist`, and installs it in an empty environment. Runs under the
system's Python, without packages.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write("The tests need Python 3.11 or newer.\n")
    sys.exit(2)

from app.setup.import_path import leave_out_the_folder

leave_out_the_folder(__file__ + "/../..")

from pathlib import Path

from app.setup.errors import explained
from app.setup.prepare import Preparation
from tests.smoke import SMOKE


def main(arguments: list[str]) -> int:
    """Prepare and hand over to the virtual environment; its exit code is ours."""
    preparation = Preparation(Path(__file__).resolve().parent.parent)
    how, rest = arguments[:1], arguments[1:]

    def measure(module: str) -> int:
        preparation.for_measuring()
        return preparation.environment.hand_over(["-m", module, *rest])

    def test(*chosen: str) -> int:
        variables = preparation.for_tests()
        if how == ["--prepare"]:
            return 0
        return preparation.environment.hand_over(["-m", "pytest", *chosen], variables)

    def apart(variables: dict[str, str], *files: str) -> int:
        return preparation.environment.hand_over(["-m", "pytest", *rest, *files], variables)

    def do() -> int:
        match how:
            case ["--coverage"]:
                return measure("tests.branches")
            case ["--mutants"]:
                return measure("tests.mutants")
            case ["--libraries"]:
                return apart(preparation.for_libraries(), "tests/libraries.py")
            case ["--peers"]:
                return apart(
                    preparation.for_peers(), "tests/peers/others.py", "tests/peers/clients.py"
                )
            case ["--wheel"]:
                return apart(preparation.for_wheel(), "tests/wheel.py")
            case ["--smoke"]:
                return test("-q", *rest, *SMOKE)
        return test(*arguments)

    return explained(do)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
