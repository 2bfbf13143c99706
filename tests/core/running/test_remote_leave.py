"""A tool that the provider runs only once a person has let it: OpenAI's remote MCP tools."""

import json
from typing import Any

import pytest

from app.core.events import ApprovalRequest, ToolRunStart
from app.core.messages import Message, ProviderTool, ToolResult, user
from app.core.options import Options
from app.core.running.calls import ALLOWED, DENIED, Decision
from app.core.running.chat import Chat
from app.core.unanswered import NOT_RUN
from app.core.wire.transport import Request
from app.providers import provider
from app.scripted.openai_chat import whole
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport

LISTED = {"id": "mcpl_1", "type": "mcp_list_tools", "server_label": "zip", "tools": [{"name": "s"}]}
ASKS = {
    "id": "mcpr_1",
    "type": "mcp_approval_request",
    "arguments": '{"url": "https://a.example/"}',
    "name": "shorten",
    "server_label": "zip",
}
DONE = {
    "id": "mcp_1",
    "type": "mcp_call",
    "approval_request_id": "mcpr_1",
    "arguments": ASKS["arguments"],
    "name": "shorten",
    "output": "https://z.example/1",
    "server_label": "zip",
}
SAID = {"type": "message", "content": [{"type": "output_text", "text": "There."}]}
MCP = {"tools": [{"type": "mcp", "server_label": "zip", "require_approval": "always"}]}


def answer(*output: dict[str, Any], streaming: bool = True) -> Reply:
    response = {"id": "resp_1", "object": "response", "status": "completed", "output": output}
    if not streaming:
        return whole(json.dumps(response).encode())
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {"id": "resp_1"}}]
    for place, item in enumerate(output):
        events += [
            {"type": f"response.output_item.{word}", "output_index": place, "item": item}
            for word in ("added", "done")
        ]
    events.append({"type": "response.completed", "response": response})
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return whole(body.encode(), headers={"content-type": "text/event-stream"})


class Asked:
    """A conversation with a provider that gives these answers, and what it was sent."""

    def __init__(self, *replies: Reply) -> None:
        self.bodies: list[Any] = []
        left = iter(replies)

        def reply_for(request: Request) -> Reply:
            self.bodies.append(json.loads(request.body))
            return next(left)

        who = provider("openai", key="k")
        self.chat = Chat(who, "gpt-5-mini", transport=ScriptedTransport(reply_for))

    async def ask(self, decision: Decision | None, *, streaming: bool = True) -> list[object]:
        """Ask, answer what is asked back (None stops there), and give all events."""
        run = self.chat.stream("Shorten it.", streaming=streaming)
        events: list[object] = []
        async for event in run:
            events.append(event)
            if isinstance(event, ApprovalRequest):
                if decision is None:
                    run.cancel()
                else:
                    run.decide(event.call_id, decision)
        return events

    def told(self, number: int) -> list[dict[str, Any]]:
        """Give a request's items on leave."""
        return [one for one in self.bodies[number]["input"] if "approval" in one.get("type", "")]


def response(approve: bool) -> dict[str, Any]:
    return {
        "type": "mcp_approval_response",
        "approval_request_id": "mcpr_1",
        "approve": approve,
    }


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize(("decision", "said"), [("once", ALLOWED), ("deny", DENIED)])
async def test_a_person_is_asked_and_the_provider_told(
    streaming: bool, decision: Decision, said: str
) -> None:
    asked = Asked(
        answer(LISTED, ASKS, streaming=streaming), answer(DONE, SAID, streaming=streaming)
    )
    events = await asked.ask(decision, streaming=streaming)
    (request,) = [one for one in events if isinstance(one, ApprovalRequest)]
    assert (request.name, request.arguments) == ("zip.shorten", ASKS["arguments"])
    assert (request.wants, request.by_provider) == ("approval", True)
    # Nothing of it runs here.
    assert not [one for one in events if isinstance(one, ToolRunStart)]
    assert [one for one in events if isinstance(one, ToolResult)] == [
        ToolResult("mcpr_1", said, "zip.shorten", is_error=decision == "deny")
    ]
    assert asked.told(1) == [ASKS, response(decision == "once")]
    assert LISTED in asked.bodies[1]["input"]
    assert asked.chat.messages[-1].text == "There."
    assert asked.chat.messages[-1].tool_calls == []


async def test_who_stops_has_not_allowed_it() -> None:
    asked = Asked(answer(ASKS), answer(SAID), answer(SAID))
    await asked.ask(None)
    assert asked.chat.messages[-1].parts == [
        ToolResult("mcpr_1", NOT_RUN, "zip.shorten", is_error=True)
    ]
    await asked.ask("once")
    # An answer that was stopped asks for nothing any more, so nothing is allowed.
    assert asked.told(1) == []


def test_a_request_without_an_answer_is_refused() -> None:
    asking = ProviderTool("mcpr_1", "mcp_approval_request", "{}", None, ASKS, "zip.shorten")
    said = Message("assistant", [asking], status="complete")
    said.protocol, said.provider = "openai-responses", "openai"
    rendered = provider("openai", key="k").render(
        [user("Hi"), said, user("And?")], model="gpt-5-mini", options=Options(), stream=True
    )
    assert response(False) in json.loads(rendered.body)["input"]


async def test_a_yes_for_the_chat_is_for_this_server_and_tool() -> None:
    again = ASKS | {"id": "mcpr_2"}
    other = ASKS | {"id": "mcpr_3", "server_label": "zap"}
    asked = Asked(answer(ASKS), answer(again), answer(other), answer(SAID))
    events = await asked.ask("chat")
    requests = [one.name for one in events if isinstance(one, ApprovalRequest)]
    assert requests == ["zip.shorten", "zap.shorten"]
    answers = [one["approve"] for one in asked.told(3) if "approve" in one]
    assert answers == [True, True, True]


async def test_an_own_tool_that_may_run_is_no_leave_for_a_remote_one() -> None:
    asked = Asked(answer(ASKS), answer(SAID))
    for name in ("shorten", "zip"):
        asked.chat.toolbox.allow(name)
    events = await asked.ask("deny")
    assert [one.name for one in events if isinstance(one, ApprovalRequest)] == ["zip.shorten"]


def test_an_answer_that_broke_off_asks_for_nothing() -> None:
    who = provider("openai", key="k")
    asking = ProviderTool("mcpr_1", "mcp_approval_request", "{}", None, ASKS, "zip.shorten")
    for status in ("incomplete", "aborted", "error"):
        said = Message("assistant", [asking], status=status)
        said.protocol, said.provider = "openai-responses", "openai"
        rendered = who.render(
            [user("Hi"), said, user("And?")], model="gpt-5-mini", options=Options(), stream=True
        )
        assert b"mcp_approval" not in rendered.body


def test_another_provider_hears_nothing_of_it() -> None:
    asking = ProviderTool("mcpr_1", "mcp_approval_request", "{}", None, ASKS, "zip.shorten")
    said = Message("assistant", [asking], status="complete")
    said.protocol, said.provider = "openai-responses", "openai"
    result = Message("tool", [ToolResult("mcpr_1", ALLOWED, "zip.shorten")], status="complete")
    for name in ("anthropic", "google", "mistral", "ollama", "xai-responses"):
        body = (
            provider(name, key="k")
            .render(
                [user("Hi"), said, result, user("And?")], model="m", options=Options(), stream=True
            )
            .body
        )
        assert b"mcpr_1" not in body
        assert b"allowed" not in body
