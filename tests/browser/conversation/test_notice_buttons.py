"""What a person can do at the end of an answer: which buttons its notice has, and of what kind."""

from typing import Any

import pytest

from app.browser.conversation.notices import (
    INTERRUPTED,
    ON_SERVER,
    OUR_MISTAKE,
    PAGE_CLOSED,
    Notice,
    notice,
    notice_of,
)
from app.core import cut_short
from app.core.errors import ErrorInfo
from app.core.messages import (
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    user,
)

SAID = [Text("a")]


def answer(*parts: Any, **fields: Any) -> Message:
    return Message("assistant", list(parts or SAID), **({"status": "complete"} | fields))


def buttons(one: Notice | None) -> str:
    """The kind of a notice, and its buttons; empty where there is none."""
    if one is None:
        return ""
    told = {"error": one.is_error, "retry": one.retry, "settings": one.settings}
    return " ".join(name for name, is_so in (told | {"go on": one.may_go_on}).items() if is_so)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (answer(), ""),
        (answer(status=None), None),
        (answer(status="aborted"), "retry go on"),
        (answer(status="incomplete"), "error retry go on"),
        (answer(status="incomplete", warnings=[min(cut_short.ALL)]), "error retry go on"),
        (answer(status="error"), "error retry go on"),
        (answer(status="error", error=ErrorInfo("auth", "No.")), "error retry settings go on"),
        (answer(status="error", error=ErrorInfo("overloaded", "No.")), "error retry go on"),
        (answer(finish_reason="stop"), ""),
        (answer(finish_reason="length"), "settings go on"),
        (answer(finish_reason="content_filter"), "retry go on"),
        (answer(finish_reason="refusal"), "retry"),
        (answer(Refusal("No."), finish_reason="refusal"), ""),
        (answer(finish_reason="error"), "error retry go on"),
        (answer(finish_reason="pause"), "retry go on"),
        (answer(finish_reason="unknown"), ""),
        (answer(finish_reason="unknown", finish_reason_raw="odd"), "retry go on"),
        (answer(Text(" ")), "retry go on"),
        (answer(Reasoning("Hm")), "retry go on"),
        (answer(ProviderTool("w", "web_search")), ""),
        (answer(ToolCall("c", "f", "{}")), ""),
    ],
)
def test_the_buttons_of_a_notice(message: Message, shown: str | None) -> None:
    found = notice(message, "OpenAI")
    if shown is None:
        assert found is not None
        shown = ""
    assert buttons(found) == shown


def test_notices_that_the_page_itself_gives() -> None:
    assert buttons(OUR_MISTAKE) == "error retry go on"
    assert buttons(ON_SERVER) == ""
    assert buttons(PAGE_CLOSED) == buttons(INTERRUPTED) == "retry go on"


def test_an_answer_of_several_messages_has_the_notice_of_its_end() -> None:
    called = answer(ToolCall("c", "f", "{}"))
    results = Message("tool", [ToolResult("c", "1")], status="complete")
    half, nothing = answer(status="incomplete"), Message("assistant", status="incomplete")
    cut = notice(half, "OpenAI")
    assert notice_of([half], "OpenAI") == cut
    assert notice_of([called, results, half], "OpenAI") == cut
    assert notice_of([half], "OpenAI", was_closed=True) == PAGE_CLOSED
    assert notice_of([nothing], "OpenAI", was_closed=True) == PAGE_CLOSED._replace(advice="")
    assert notice_of([user("Go on"), nothing], "O", was_closed=True) == PAGE_CLOSED._replace(
        advice=""
    )
    assert notice_of([answer()], "OpenAI", was_closed=True) is None
    assert notice_of([called, results, nothing], "OpenAI") == INTERRUPTED
    assert notice_of([nothing], "OpenAI") == notice(nothing, "OpenAI")
    assert notice_of([called, results], "OpenAI") == INTERRUPTED
    assert notice_of([called], "OpenAI") == INTERRUPTED
    stopped = answer(ToolCall("c", "f", "{}"), status="aborted")
    assert notice_of([stopped, results], "OpenAI") == notice(stopped, "OpenAI")
    long = answer(ToolCall("c", "f", "{}"), finish_reason="length")
    assert notice_of([long], "OpenAI") == notice(long, "OpenAI")


def test_what_the_provider_said_goes_along_as_far_as_it_is_read() -> None:
    def told(message: str, **fields: Any) -> Notice:
        info = ErrorInfo("overloaded", message, **fields)
        found = notice(answer(status="error", error=info), "OpenAI")
        assert found is not None
        return found

    assert told("").advice.count("“") == 0
    assert "OpenAI says: “No.”" in told(" No. ").advice
    whole, cut = (told("x" * count).advice.count("x") for count in (300, 9999))
    assert whole == 300
    assert 300 <= cut < 9999
    assert told("No.").details == ""
    assert told("No.", status=503, code="busy", raw=" raw ").details == (
        "HTTP status 503\nCode: busy\nraw"
    )
    assert told("No.", raw={"a": 1}).details == '{\n  "a": 1\n}'
    assert told("No.", retry_after_s=7.5).wait_s == 7.5
    assert told("No.").wait_s == 0
