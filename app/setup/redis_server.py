"""Redis, which tests of the log of runs start for themselves: one that is there, else Debian's."""

from . import debian
from .console import Report
from .steps import Step
from .tools import Tools, program


def step(tools: Tools) -> Step:
    """Return the step that installs it where Debian's packages are. Elsewhere the tests that need
    it say so.
    """

    def install(report: Report) -> None:
        debian.install(tools, report, "redis-server")

    def is_done() -> bool:
        return bool(program("redis-server")) or not program("apt-get")

    return Step("Find or install redis-server", is_done, install)
