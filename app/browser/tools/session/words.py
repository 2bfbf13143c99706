"""Texts of this room that Python shows, most of them to a model as well. Pure."""

BROKE = "Its Python broke down before the cell ended"
RESET = (
    "Python was started anew, so all names and imports of earlier calls are gone. "
    "The files in its folder are still there"
)
LOST_FILES = "What the cell wrote into files before it was ended is gone"


def did_not_start(reason: str) -> str:
    detail = f" ({reason})" if reason else ""
    return (
        f"Python did not start{detail}. Check that the server of this page still runs, "
        "then try again."
    )


def stopped_after(limit_s: float) -> str:
    return f"It was stopped: a cell may run for {limit_s:g} seconds"
