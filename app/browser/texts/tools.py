"""A person's own tools, and the sandbox that they run in."""

SANDBOX_BROKE = "The Python of your tools broke down. It starts anew with the next call."
SANDBOX_ENDED = "Ended together with a tool that did not stop. Call it again."


def sandbox_did_not_start(reason: str) -> str:
    detail = f" ({reason})" if reason else ""
    return (
        f"The Python of your tools did not start{detail}. Check that the server of this page "
        "still runs, then try again."
    )


def source_goes_on(limit_s: float) -> str:
    return f"It did not come to its end within {limit_s:g} seconds, and was stopped."
