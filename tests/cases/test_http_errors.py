"""Recorded responses other than 2xx."""

import re

import pytest

from app.core.errors import ErrorKind
from app.protocols import http_error

from . import tally
from .library import FOLDER, Case, cases, of_all_protocols

OURS = of_all_protocols("http-errors")
ALL = [
    case
    for folder in (sorted((FOLDER / "http-errors").iterdir()) if FOLDER is not None else ())
    for case in cases(f"http-errors/{folder.name}")
]

# What a status says whatever the words are; the others depend on them.
KINDS: dict[int, set[ErrorKind]] = {
    401: {"auth"},
    403: {"permission", "auth", "quota"},
    404: {"not_found"},
    429: {"rate_limit", "quota"},
}

# What the words of some say more exactly than a 400 does.
WORDS: list[tuple[str, ErrorKind]] = [
    (r"maximum context|prompt is too long|exceeds the maximum number of tokens", "context_length"),
    (r"key not valid|incorrect api key", "auth"),
    (r"did not call a tool", "tool_use"),
    (r"^unsupported|^invalid '|^no tool output", "invalid_request"),
]


def holds(message: str, words: str | None) -> bool:
    """Tell whether a message begins with these words; a gateway's are followed by the provider
    behind it.
    """
    return message == words or message.startswith(f"{words}: ") if words else bool(message)


@pytest.mark.parametrize("case", OURS, ids=str)
def test_says_what_went_wrong(case: Case):
    status, headers = case.meta["http_status"], case.meta["headers"]
    error = http_error(case.protocol, status, headers, case.body)
    expect = case.expect
    assert holds(error.message, expect["message"])
    if expect["code"] is not None:
        assert error.code == str(expect["code"])
    assert error.status == status
    assert error.retryable == expect["retryable_by_helper_rule"]
    assert error.kind in KINDS.get(status, {error.kind})
    assert error.kind != "unknown"
    kinds = {kind for pattern, kind in WORDS if re.search(pattern, error.message, re.IGNORECASE)}
    assert error.kind in (kinds or {error.kind})
    if "retry-after" in headers:
        assert error.retry_after_s == float(headers["retry-after"])
    elif delays := expect.get("retry_delay"):  # Google's, in the body
        assert error.retry_after_s == float(delays[0].removesuffix("s"))
    else:
        assert error.retry_after_s is None
    tally.count("HTTP errors")


@pytest.mark.parametrize("case", ALL, ids=str)
def test_has_words_whatever_the_shape(case: Case):
    """A gateway may pass on the error of a provider that speaks another protocol."""
    status = case.meta["http_status"]
    error = http_error("openai-chat", status, case.meta["headers"], case.body)
    assert holds(error.message, case.expect["message"])
    assert error.status == status
    tally.count("HTTP errors of any protocol")
