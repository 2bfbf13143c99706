"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

NOTHING_RECORDED = (
    "Nothing was recorded for this answer: it is from an earlier visit, or from another tab."
)
WENT_THROUGH_SERVER = "In the page it went through this page's server."
END_OF_STREAM = "(end of the answer)"
RECORDING_NAME = "answer.recording.ndjson"


def request_title(number: int) -> str:
    return f"Request {number}"


def exchange_state(status: int | None, end: str, error: str) -> str:
    ends = {"running": "on its way", "end": "", "error": "broke off", "aborted": "stopped"}
    known = [str(status) if status is not None else "", ends.get(end, end), error]
    return " · ".join(one for one in known if one)


def exchange_totals(records: int, size_bytes: int, longest_gap: str, total: str) -> str:
    known = [f"{records:,} records", f"{size_bytes:,} bytes", f"longest gap {longest_gap}"]
    return " · ".join([*known, f"total {total}"] if total else known)
