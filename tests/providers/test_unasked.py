"""Parts that nobody asked for are taken back where a provider refuses them, and not sent again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import user
from app.core.options import Options
from app.core.running.chat import Chat
from app.core.wire.transport import Request
from app.providers import provider, unasked
from app.scripted.steps import Reply, Send
from app.scripted.transport import ScriptedTransport

UNVERIFIED = {
    "error": {
        "message": "Your organization must be verified to generate reasoning summaries.",
        "type": "invalid_request_error",
        "param": "reasoning.summary",
        "code": "unsupported_value",
    }
}
ANSWER: dict[str, Any] = {
    "id": "r",
    "object": "response",
    "model": "gpt-5-mini",
    "status": "completed",
    "output": [
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hi.", "annotations": []}],
        }
    ],
}


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    unasked._refused.clear()
    yield
    unasked._refused.clear()


def reply(status: int, body: Any) -> Reply:
    headers = {"content-type": "application/json"}
    return Reply(status, headers, (Send(json.dumps(body).encode()),))


async def test_thoughts_that_an_account_may_not_see_are_not_asked_for_again() -> None:
    asked: list[Any] = []

    def answer(request: Request) -> Reply:
        asked.append(json.loads(request.body))
        shows = "summary" in asked[-1].get("reasoning", {})
        return reply(400, UNVERIFIED) if shows else reply(200, ANSWER)

    def chat() -> Chat:
        who = provider("openai", key="k")
        return Chat(who, "gpt-5-mini", transport=ScriptedTransport(answer))

    events: list[ev.Event] = []
    message = await chat().ask("Hi", events.append)
    assert (message.text, message.status) == ("Hi.", "complete")
    assert [event.reason for event in events if isinstance(event, ev.Retry)] == [
        UNVERIFIED["error"]["message"]
    ]
    assert len(asked) == 2
    await chat().ask("And now?")
    assert len(asked) == 3
    assert "reasoning" not in asked[2]


async def test_what_was_set_is_refused_once() -> None:
    asked: list[Any] = []
    told = {"error": {"message": "temperature is not supported", "param": "temperature"}}

    def answer(request: Request) -> Reply:
        asked.append(json.loads(request.body))
        return reply(400, told)

    message = await Chat(
        provider("openai", key="k"), "gpt-5-mini", transport=ScriptedTransport(answer)
    ).ask("Hi")
    assert message.status == "error"
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("who", "model", "words", "field"),
    [
        ("openai-chat", "m", "Unrecognized request argument: prompt_cache_key", "prompt_cache_key"),
        ("vllm", "m", "stream_options: Extra inputs are not permitted", "stream_options"),
        ("google", "gemini-2.5-flash", "includeThoughts is not supported", "generationConfig"),
        ("anthropic", "claude-sonnet-5", "thinking: unknown field", "thinking"),
    ],
)
def test_each_thing_that_is_sent_unasked_can_be_taken_back(
    who: str, model: str, words: str, field: str
) -> None:
    asked = provider(who, key="k")

    def body() -> Any:
        options = Options(cache_key="k")
        return json.loads(
            asked.render([user("Hi")], model=model, options=options, stream=True).body
        )

    assert field in body()
    error = ErrorInfo("invalid_request", words, status=400)
    assert asked.withdraws(error, model)
    assert field not in body()
    assert not asked.withdraws(error, model)
    assert not asked.withdraws(ErrorInfo("server", words, status=500), f"{model}-2")


@pytest.mark.parametrize(
    "message",
    [
        "Expected `thinking` or `redacted_thinking`, but found `text`",
        "`max_tokens` must be greater than `thinking.budget_tokens`",
        "prompt is too long for a model that is thinking",
        "thinking.budget_tokens: Extra inputs are not permitted",
    ],
)
def test_errors_that_refuse_none_of_it_switch_nothing_off(message: str) -> None:
    error = ErrorInfo("invalid_request", message, status=400)
    assert not unasked.note_refusal("https://api.anthropic.com/v1", "m", error)
