"""Notices under an answer that is not whole: its sentence, its buttons, its details."""

from typing import Any

import pytest

from app.browser.conversation.notices import INTERRUPTED, PAGE_CLOSED, Notice, notice, notice_of
from app.browser.conversation.turns import gathered
from app.browser.models.words import DEMO
from app.browser.net.words import NOT_LET_IN
from app.core import cut_short
from app.core.errors import ErrorInfo
from app.core.messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    user,
)


def answer(*parts: Any, status: Any = "complete", **known: Any) -> Message:
    return Message("assistant", list(parts), status=status, **known)


def failed(kind: Any, message: str = "", **known: Any) -> Notice:
    found = notice(answer(status="error", error=ErrorInfo(kind, message, **known)), "Otter")
    assert found is not None
    return found


WORDS, KEPT = Text("Hi"), "What had arrived is kept."


@pytest.mark.parametrize(
    ("message", "is_error", "retry", "settings", "may_go_on", "advice"),
    [
        (answer(WORDS, status=None), False, False, False, False, ""),
        (answer(WORDS, status="aborted"), False, True, False, True, KEPT),
        (answer(status="aborted"), False, True, False, True, ""),
        (answer(WORDS, status="incomplete"), True, True, False, True, KEPT),
        (answer(WORDS, status="error"), True, True, False, True, ""),
        (answer(WORDS, finish_reason="length"), False, False, True, True, "Max tokens"),
        (answer(WORDS, finish_reason="content_filter"), False, True, False, True, ""),
        (answer(WORDS, finish_reason="refusal"), False, True, False, False, "Rephrase"),
        (answer(WORDS, finish_reason="error"), True, True, False, True, "Try again."),
        (answer(WORDS, finish_reason="pause"), False, True, False, True, "Continue"),
        (answer(Reasoning("Hm.")), False, True, False, True, "effort"),
        (answer(Text("  ")), False, True, False, True, "rephrase"),
    ],
)
def test_which_buttons_stand_beside_it(
    message: Message, is_error: bool, retry: bool, settings: bool, may_go_on: bool, advice: str
) -> None:
    found = notice(message, "Otter")
    assert found is not None
    told = (found.is_error, found.retry, found.settings, found.may_go_on)
    assert told == (is_error, retry, settings, may_go_on)
    assert advice in found.advice
    assert found.advice or not advice


@pytest.mark.parametrize(
    "message",
    [
        answer(WORDS),
        answer(Refusal("No.")),
        answer(Refusal("No."), finish_reason="refusal"),
        answer(ToolCall("c", "f", "{}")),
        answer(File("data:,", "image/png")),
        answer(ProviderTool("c", "search")),
        answer(WORDS, finish_reason="unknown"),
        answer(WORDS, finish_reason="stop"),
    ],
)
def test_where_nothing_is_wrong_nothing_is_said(message: Message) -> None:
    assert notice(message, "Otter") is None


@pytest.mark.parametrize(
    ("kind", "in_settings"),
    [
        *((kind, True) for kind in ("connect", "protocol", "auth", "permission", "not_found")),
        *((kind, True) for kind in ("quota", "invalid_request")),
        *((kind, False) for kind in ("timeout", "read", "rate_limit", "context_length", "server")),
        *((kind, False) for kind in ("content_filter", "tool_use", "overloaded", "unknown")),
    ],
)
def test_settings_are_offered_where_the_remedy_is_there(kind: Any, in_settings: bool) -> None:
    found = failed(kind)
    assert (found.settings, found.is_error, found.retry) == (in_settings, True, True)
    demo = notice(answer(status="error", error=ErrorInfo(kind, "It broke.")), DEMO)
    assert demo is not None
    assert not demo.settings
    assert "It broke." not in demo.advice


def test_a_connection_that_broke_says_what_is_kept() -> None:
    found = notice(answer(WORDS, status="error", error=ErrorInfo("read", "It broke.")), "Otter")
    assert found is not None
    assert found.advice == f"It broke. {KEPT}"


def test_how_long_to_wait_is_passed_on() -> None:
    assert failed("rate_limit", retry_after_s=7).wait_s == 7
    assert failed("rate_limit").wait_s == 0


@pytest.mark.parametrize(
    ("known", "details"),
    [
        ({}, ""),
        ({"status": 500}, "HTTP status 500"),
        ({"code": "x"}, "Code: x"),
        ({"status": 500, "code": "x", "raw": " body "}, "HTTP status 500\nCode: x\nbody"),
        ({"raw": {"a": [1]}}, '{\n  "a": [\n    1\n  ]\n}'),
        ({"raw": {"a": object}}, "{'a': <class 'object'>}"),
        ({"raw": "x" * 9000}, "x" * 4000),
    ],
)
def test_details_are_what_the_provider_sent(known: dict[str, Any], details: str) -> None:
    assert failed("server", **known).details == details


@pytest.mark.parametrize("status", sorted(NOT_LET_IN))
def test_what_the_pages_own_server_refuses_is_put_in_its_words(status: int) -> None:
    found = failed("auth", code="browser_unknown", status=status)
    assert (found.sentence, found.is_error) == (NOT_LET_IN[status], True)
    assert failed("auth", code="other", status=status).sentence != found.sentence


def test_who_has_not_logged_in_is_told_in_the_servers_words() -> None:
    for code in ("login_unknown", "login_changed"):
        found = failed("auth", message="Log in first.", code=code, status=401)
        assert (found.sentence, found.advice) == ("Log in first.", "")


RESULT = Message("tool", [ToolResult("c", "r", "f")], status="complete")
CALL = ToolCall("c", "f", "{}")


@pytest.mark.parametrize(
    ("messages", "was_closed", "sentence"),
    [
        ([answer(WORDS)], False, None),
        ([answer(WORDS, status="aborted")], False, "You stopped this answer."),
        ([answer(WORDS, status="incomplete")], True, PAGE_CLOSED.sentence),
        ([answer(WORDS, status="incomplete")], False, "This answer was cut off."),
        ([answer(WORDS, status="aborted")], True, "You stopped this answer."),
        ([answer(CALL), RESULT, answer(status="incomplete")], False, INTERRUPTED.sentence),
        ([answer(status="incomplete")], False, "This answer was cut off."),
        ([answer(CALL, status="aborted"), RESULT], False, "You stopped this answer."),
        ([answer(CALL), RESULT], False, INTERRUPTED.sentence),
        ([answer(CALL)], False, INTERRUPTED.sentence),
        (
            [answer(CALL, finish_reason="length")],
            False,
            "The answer reached its length limit.",
        ),
        ([answer(CALL), RESULT, answer(WORDS)], False, None),
    ],
)
def test_an_answer_of_several_messages(
    messages: list[Message], was_closed: bool, sentence: str | None
) -> None:
    found = notice_of(messages, "Otter", was_closed=was_closed)
    assert (found.sentence if found else None) == sentence


@pytest.mark.parametrize(("parts", "advice"), [([WORDS], KEPT), ([], "")])
def test_a_closed_page_says_what_is_kept(parts: list[Any], advice: str) -> None:
    found = notice_of([user("Hi"), answer(*parts, status="incomplete")], "Otter", was_closed=True)
    assert found is not None
    assert found.advice == advice


@pytest.mark.parametrize("sentence", sorted(cut_short.ALL))
def test_a_server_that_ended_an_answer_itself_says_why(sentence: str) -> None:
    found = notice(answer(WORDS, status="incomplete", warnings=["Odd.", sentence]), "Otter")
    assert found is not None
    assert (found.sentence, found.is_error) == (sentence, True)
    odd = notice(answer(WORDS, status="incomplete", warnings=["Odd."]), "Otter")
    assert odd is not None
    assert odd.sentence == "This answer was cut off."


def test_from_so_many_parts_on_texts_of_a_kind_are_one() -> None:
    parts: list[Part] = [
        Text("a"),
        Reasoning("b"),
        Text("c"),
        CALL,
        Reasoning("d"),
        Text("e"),
        Refusal("f"),
    ]
    assert gathered(parts, 7) is parts
    assert gathered(parts, 9) is parts
    assert gathered(parts, 2) == [
        *(Text("a"), Reasoning("b")),
        *(CALL, Reasoning("d"), Text("ce"), Refusal("f")),
    ]
    assert gathered(parts, 6) == parts


def test_what_a_model_cannot_take_is_told_with_what_to_do() -> None:
    tools = failed("invalid_request", "No endpoints found that support tool use.", status=404)
    assert tools.sentence == "This model takes no tools."
    assert "menu of tools" in tools.advice
    assert not tools.settings
    images = failed("invalid_request", "image input is not supported", status=500)
    assert images.sentence == "This model reads no images."
    other = failed("invalid_request", "No such field.", status=400)
    assert other.sentence == "The request was not accepted."
