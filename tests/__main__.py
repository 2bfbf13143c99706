"""`python3 -m tests`: prepares what the tests need, then runs pytest with the same arguments.

`--prepare` alone stops before pytest. Runs under the system's Python, without packages.
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


def main(arguments: list[str]) -> int:
    """Prepare and hand over to pytest in the virtual environment; its exit code is ours."""
    preparation = Preparation(Path(__file__).resolve().parent.parent)

    def prepare_and_test() -> int:
        variables = preparation.for_tests()
        if arguments == ["--prepare"]:
            return 0
        return preparation.environment.hand_over(["-m", "pytest", *arguments], variables)

    return explained(prepare_and_test)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
