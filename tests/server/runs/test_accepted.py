"""The form in which a reader wants an answer: RFC 9110, section 12.5.1."""

import pytest

from app.server.runs.accepted import accepted

EVENTS, LINES = "text/event-stream", "application/x-ndjson"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", EVENTS),
        ("*/*", EVENTS),
        ("text/html, image/*", EVENTS),
        (LINES, LINES),
        ("Application/X-NDJSON", LINES),
        ("application/*", LINES),
        (f"{EVENTS};q=0.5, {LINES}", LINES),
        (f"{EVENTS};q=0.5, {LINES};q=0.4", EVENTS),
        (f"{EVENTS};q=1, {LINES}", EVENTS),
        (f"text/html, {LINES};q=0.5", LINES),
        (f"{LINES}; charset=utf-8; q=0.4, {EVENTS}; q=0.3", LINES),
        # What is named most exactly, of what is wanted as much.
        (f"text/*, {LINES}", LINES),
        (f"application/*, {EVENTS}", EVENTS),
        ("*/*, application/*", LINES),
        # The most exact range says how much.
        (f"*/*, {LINES};q=0.1", EVENTS),
        (f"application/*;q=0.9, {LINES};q=0, */*;q=0.1", EVENTS),
        (f"{EVENTS};q=0, */*;q=0.1", LINES),
        (f"{LINES};q=0", EVENTS),
        # Numbers that are none, or no weights.
        (f"{LINES};q=9, {EVENTS}", EVENTS),
        (f"{LINES};q=-1, {EVENTS};q=0.1", EVENTS),
        (f"{LINES};q=much, {EVENTS};q=0.9", LINES),
        (f"{LINES};q=much, {EVENTS}", EVENTS),
    ],
)
def test_what_is_wanted_most_is_sent(header: str, kind: str) -> None:
    assert accepted(header, (LINES, EVENTS), EVENTS) == kind
