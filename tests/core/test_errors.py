"""Failures as exceptions, for who wants them: the right type, with what had arrived."""

import typing

import pytest

from app import errors
from app.core.errors import ErrorInfo, ErrorKind
from app.core.messages import (
    AnswerError,
    IncompleteError,
    Message,
    RateLimitError,
    Status,
    Text,
)

KINDS = typing.get_args(ErrorKind)


def failed(kind: ErrorKind) -> Message:
    return Message("assistant", [Text("One")], status="error", error=ErrorInfo(kind, "No luck."))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_raised_with_the_partial_answer(kind: ErrorKind) -> None:
    answer = failed(kind)
    with pytest.raises(AnswerError, match=r"No luck\.") as raised:
        answer.raise_for_error()
    assert raised.value.answer is answer
    assert raised.value.answer.text == "One"
    assert raised.value.info.kind == kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("rate_limit", "RateLimitError"),
        ("auth", "AuthenticationError"),
        ("context_length", "ContextLengthError"),
        ("connect", "ConnectionFailedError"),
        ("read", "ConnectionFailedError"),
        ("timeout", "DeadlineError"),
        ("server", "ServerError"),
        ("unknown", "AnswerError"),
    ],
)
def test_the_type_tells_the_kind(kind: ErrorKind, name: str) -> None:
    with pytest.raises(AnswerError) as raised:
        failed(kind).raise_for_error()
    assert type(raised.value) is getattr(errors, name)


def test_a_too_long_question_is_an_invalid_request_too() -> None:
    with pytest.raises(errors.InvalidRequestError):
        failed("context_length").raise_for_error()


def test_an_answer_that_broke_off_is_a_failure() -> None:
    with pytest.raises(IncompleteError, match="broke off"):
        Message("assistant", status="incomplete").raise_for_error()


@pytest.mark.parametrize("status", ["complete", "aborted"])
def test_an_answer_that_ended_or_was_stopped_is_none(status: Status) -> None:
    answer = Message("assistant", [Text("One")], status=status)
    assert answer.raise_for_error() is answer


async def test_ask_raises_where_that_is_wanted() -> None:
    from .running.test_run import BUSY, Script, chat_with

    chat = chat_with(Script(BUSY, BUSY, BUSY))
    with pytest.raises(errors.OverloadedError) as raised:
        await chat.ask("Go", raises=True)
    assert not isinstance(raised.value, RateLimitError)
    assert chat.messages[-1] is raised.value.answer
