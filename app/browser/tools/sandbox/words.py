"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

SANDBOX_BROKE = "The Python of your tools broke down. It starts anew with the next call."
SANDBOX_ENDED = "Ended together with a tool that did not stop. Call it again."
SANDBOX_FULL = (
    "It needed more than the 1 GB of memory that it may take, and was ended with what it held. "
    "Its Python starts anew with the next call."
)
SOURCE_GONE = "Ended, because its file was changed or deleted."


def sandbox_did_not_start(reason: str) -> str:
    detail = f" ({reason})" if reason else ""
    return (
        f"The Python of your tools did not start{detail}. Check that the server of this page "
        "still runs, then try again."
    )


def not_fetched(path: str) -> str:
    return (
        f"{path.rpartition('/')[2]} could not be fetched; this browser keeps it once it was used, "
        "so a first use needs the network"
    )


def source_goes_on(limit_s: float) -> str:
    return f"It did not come to its end within {limit_s:g} seconds, and was stopped."
