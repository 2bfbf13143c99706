"""Questions to the person, told to front ends of others, and their replies."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from app import serving
from app.agents import Request
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.core.tools.toolbox import Toolbox
from app.providers import Provider
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.transport import ScriptedTransport

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0

Records = list[dict[str, Any]]


async def answer(request: Request) -> AsyncIterator[str]:
    """Asks once, then once more where the reply was yes."""
    yield "Well. "
    if await request.ask("Delete 3 rows?", table="otters"):
        yield "gone " if await request.ask("The table too?") else "kept "
    yield "done"


answers = serving.answering(answer)


def feeding() -> Any:
    """A run whose model calls a tool that asks first."""

    @tool(needs_approval=True)
    def feed(fish: int) -> str:
        return f"fed {fish}"

    replies = iter(
        [
            Answer(tool_calls=(ToolCall("c1", "feed", '{"fish": 2}'),), finish_reason="tool_calls"),
            Answer(text="They are fed."),
        ]
    )
    provider = Provider("up", "Up", "https://up.example/v1", protocol="openai-chat")
    script = ScriptedTransport(lambda request: streamed(records(next(replies))))
    return Chat(provider, "m", tools=Toolbox([feed]), transport=script).stream("Feed them")


async def read(response: serving.StreamResponse) -> Records:
    async with asyncio.timeout(LIMIT_S), aclosing(response.body) as body:
        text = b"".join([chunk async for chunk in body]).decode()
    lines = text.removesuffix("data: [DONE]\n\n").split("\n\n")[:-1]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


# --- AG-UI -------------------------------------------------------------------------------------


async def ag_ui(run: str, stream: Any = None, *resume: Any) -> Records:
    body = {"threadId": "t", "runId": run, "messages": [], "resume": list(resume)}
    asked = serving.parse_ag_ui_request(json.dumps(body).encode())
    return await read(serving.to_ag_ui_response(stream or answers([]), asked))


def reply(interrupt: Any, payload: Any, status: str = "resolved") -> dict[str, Any]:
    return {"interruptId": interrupt["id"], "status": status, "payload": payload}


def said(told: Records) -> str:
    return "".join(one["delta"] for one in told if one["type"] == "TEXT_MESSAGE_CONTENT")


async def test_a_question_is_an_interrupt_and_the_next_run_has_the_reply() -> None:
    told = await ag_ui("r1")
    assert said(told) == "Well. "
    end = told[-1]
    assert (end["type"], end["runId"]) == ("RUN_FINISHED", "r1")
    (asked,) = end["outcome"]["interrupts"]
    assert (asked["reason"], asked["message"]) == ("confirmation", "Delete 3 rows?")
    assert asked["metadata"] == {"table": "otters"}
    assert asked["responseSchema"]["properties"] == {"approved": {"type": "boolean"}}
    told = await ag_ui("r2", None, reply(asked, {"approved": True}))
    assert told[0]["type"] == "RUN_STARTED"
    assert {one["runId"] for one in told if "runId" in one} == {"r2"}
    (asked,) = told[-1]["outcome"]["interrupts"]
    assert asked["message"] == "The table too?"
    told = await ag_ui("r3", None, reply(asked, {"approved": True}))
    assert said(told) == "gone done"
    assert told[-1]["outcome"] == {"type": "success"}


@pytest.mark.parametrize(
    ("payload", "status"),
    [({"approved": False}, "resolved"), ({"approved": "yes"}, "resolved"), (None, "resolved")]
    + [({"approved": True}, "cancelled"), ("true", "resolved")],
)
async def test_what_is_no_clear_yes_is_no(payload: Any, status: str) -> None:
    (asked,) = (await ag_ui("r1"))[-1]["outcome"]["interrupts"]
    assert said(await ag_ui("r2", None, reply(asked, payload, status))) == "done"


async def test_a_reply_that_nobody_waits_for_starts_nothing() -> None:
    (asked,) = (await ag_ui("r1"))[-1]["outcome"]["interrupts"]
    await ag_ui("r2", None, reply(asked, {"approved": False}))
    for id in (asked["id"], "", "ask_1"):
        told = await ag_ui("r3", None, reply({"id": id}, {"approved": True}))
        assert [one["type"] for one in told] == ["RUN_STARTED", "RUN_ERROR"]
        assert "Ask again" in told[-1]["message"]


@pytest.mark.parametrize(("is_yes", "result"), [(True, "fed 2"), (False, "denied")])
async def test_leave_for_a_tool_is_asked_with_its_call(is_yes: bool, result: str) -> None:
    told = await ag_ui("r1", feeding())
    (asked,) = told[-1]["outcome"]["interrupts"]
    assert (asked["reason"], asked["toolCallId"]) == ("tool_call", "c1")
    assert [one["toolCallName"] for one in told if one["type"] == "TOOL_CALL_START"] == ["feed"]
    told = await ag_ui("r2", None, reply(asked, {"approved": is_yes}))
    (had,) = [one for one in told if one["type"] == "TOOL_CALL_RESULT"]
    assert result in had["content"]
    assert said(told) == "They are fed."


async def test_who_leaves_before_a_question_ends_the_answer() -> None:
    ended = asyncio.Event()

    async def waits() -> AsyncIterator[str]:
        try:
            yield "Half"
            await asyncio.Event().wait()
        finally:
            ended.set()

    asked = serving.parse_ag_ui_request(b'{"threadId": "t", "runId": "r", "messages": []}')
    body = serving.to_ag_ui_response(serving.answering(waits)([]), asked).body
    async with asyncio.timeout(LIMIT_S):
        async for chunk in body:
            if b"Half" in chunk:
                break
        await body.aclose()
        await ended.wait()


# --- the AI SDK --------------------------------------------------------------------------------


async def ui(stream: Any = None, *parts: Any) -> Records:
    messages = [{"id": "m", "role": "assistant", "parts": list(parts)}] if parts else []
    asked = serving.parse_ui_request(json.dumps({"id": "c", "messages": messages}).encode())
    return await read(serving.to_ui_message_response(stream or answers([]), asked))


def responded(request: Any, approved: Any) -> dict[str, Any]:
    return {
        "type": "dynamic-tool",
        "toolName": "ask",
        "toolCallId": request["toolCallId"],
        "state": "approval-responded",
        "approval": {"id": request["approvalId"], "approved": approved},
    }


def request_of(told: Records) -> Any:
    (request,) = [one for one in told if one["type"] == "tool-approval-request"]
    return request


async def test_a_question_is_the_approval_of_a_tool() -> None:
    told = await ui()
    request = request_of(told)
    (call,) = [one for one in told if one["type"] == "tool-input-available"]
    assert (call["toolCallId"], call["toolName"]) == (request["toolCallId"], "ask")
    assert call["input"] == {"question": "Delete 3 rows?", "table": "otters"}
    assert told[-1] == {"type": "finish", "finishReason": "tool-calls"}
    again = await ui(None, responded(request, True))
    assert again[0] == told[0]  # the same message goes on
    output = {"type": "tool-output-available", "output": {"approved": True}, "dynamic": True}
    assert again[1] == output | {"toolCallId": request["toolCallId"]}
    last = await ui(None, responded(request_of(again), False))
    assert last[1]["type"] == "tool-output-denied"
    assert "".join(one.get("delta", "") for one in last) == "kept done"


@pytest.mark.parametrize(
    ("is_yes", "kind"), [(True, "tool-output-available"), (False, "tool-output-denied")]
)
async def test_leave_for_a_tool_is_its_approval(is_yes: bool, kind: str) -> None:
    told = await ui(feeding())
    request = request_of(told)
    assert request["toolCallId"] == "c1"
    told = await ui(None, responded(request, is_yes))
    assert [one["type"] for one in told if one.get("toolCallId") == "c1"] == [kind]
    assert "".join(one.get("delta", "") for one in told) == "They are fed."


async def test_an_approval_that_nobody_waits_for_starts_nothing() -> None:
    told = await ui(None, responded({"toolCallId": "c", "approvalId": "x.ask_1"}, True))
    assert [one["type"] for one in told] == ["start", "error", "finish"]
