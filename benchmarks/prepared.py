"""Going on inside the virtual environment, for programs that use what the tests use."""

from collections.abc import Callable
from pathlib import Path

from app.setup.errors import explained
from app.setup.prepare import Preparation

ROOT = Path(__file__).resolve().parents[1]


def inside(module: str, arguments: list[str], work: Callable[[], int]) -> int:
    """Prepare what is missing and do the work; return the exit code."""
    preparation = Preparation(ROOT)

    def go_on() -> int:
        if preparation.environment.is_current():
            return work()
        variables = preparation.for_tests()
        return preparation.environment.hand_over(["-m", module, *arguments], variables)

    return explained(go_on)
