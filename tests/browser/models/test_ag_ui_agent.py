"""An agent elsewhere, by its address: its own tools and state are shown, the page's are offered."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect

from app.scripted.steps import Reply, Send
from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.live_server import LiveServer
from tests.protocols.wire import sse

RUN = {"threadId": "t", "runId": "r"}


def say(text: str) -> dict[str, Any]:
    return {"type": "TEXT_MESSAGE_CHUNK", "messageId": text, "delta": text}


def call(id: str, name: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    begin = {"type": "TOOL_CALL_START", "toolCallId": id, "toolCallName": name}
    return [begin, {"type": "TOOL_CALL_ARGS", "toolCallId": id, "delta": json.dumps(arguments)}]


def told(*events: dict[str, Any], outcome: dict[str, Any] | None = None) -> Reply:
    end = {"type": "RUN_FINISHED", **RUN, "outcome": outcome or {"type": "success"}}
    body = sse({"type": "RUN_STARTED", **RUN}, *events, end)
    return Reply(200, {"content-type": "text/event-stream"}, (Send(body),))


def test_an_agent_answers_with_its_tools_and_keeps_its_state(
    new_chat: Callable[..., ChatPage], server: LiveServer
) -> None:
    call = {"type": "TOOL_CALL_START", "toolCallId": "c", "toolCallName": "look_up"}
    arguments = {"type": "TOOL_CALL_ARGS", "toolCallId": "c", "delta": '{"word": "otter"}'}
    result = {"type": "TOOL_CALL_RESULT", "messageId": "t1", "toolCallId": "c"}
    state = {"type": "STATE_SNAPSHOT", "snapshot": {"found": 3}}
    words = {"type": "TEXT_MESSAGE_CHUNK", "messageId": "m", "delta": "Three **otters**."}
    chat = new_chat()
    chat.open()
    # Any address is an agent's that answers so; one that ends in /chat/completions is tidied.
    chat.use_provider(
        f"{server.url}/api/demo/v1/chat/completions?agent", "agent", preset="AG-UI agent"
    )
    server.queue(
        told(call, arguments, result | {"content": "3 found"}, state, words),
        told(words | {"messageId": "m2", "delta": "Still three."}),
    )
    chat.ask("How many otters?")
    chat.wait_for_end()
    expect(chat.text.locator("strong")).to_have_text("otters")
    expect(chat.answer).to_contain_text("look_up")
    expect(chat.answer).to_contain_text("state")
    chat.ask("And now?")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Still three.")
    first, second = (json.loads(request.body) for request in server.requests()[-2:])
    assert first["threadId"] == second["threadId"]
    assert second["state"] == {"found": 3}
    assert [one["role"] for one in second["messages"]] == [
        *("user", "assistant", "tool", "assistant", "user"),
    ]

    # An interrupt is a question; the answer goes with the next run, which goes on by itself.
    asks = {"id": "i", "reason": "tool_call", "message": "Free them?", "toolCallId": "d"}
    free = [call | {"toolCallId": "d", "toolCallName": "free"}, arguments | {"toolCallId": "d"}]
    server.queue(
        told(*free, outcome={"type": "interrupt", "interrupts": [asks]}),
        told(
            result | {"toolCallId": "d", "content": "freed 3"},
            words | {"messageId": "m3", "delta": "They swim."},
        ),
    )
    chat.ask("Free them")
    expect(chat.requests.first).to_contain_text("Free them?")
    chat.choose("Allow once")
    expect(chat.text).to_contain_text("They swim.")
    chat.wait_for_end()
    expect(chat.requests).to_have_count(0)
    expect(chat.answer).to_contain_text("freed 3")
    last = json.loads(server.requests()[-1].body)
    assert last["resume"] == [
        {"interruptId": "i", "status": "resolved", "payload": {"approved": True}}
    ]


def test_the_export_asks_an_agent_at_another_origin(
    exported_site: str, browser: Browser, elsewhere: LiveServer
) -> None:
    elsewhere.reset()
    page = browser.new_context(service_workers="block").new_page()
    chat = ChatPage(page, exported_site, Watch(page))
    chat.open()
    chat.use_provider(f"{elsewhere.url}/agent", "agent", preset="AG-UI agent")
    page.get_by_role("button", name="Tools:").click()
    page.get_by_role("menuitemcheckbox", name="Calculate", exact=True).check()
    page.get_by_role("menuitemcheckbox", name="Ask before: Calculate").check()
    page.keyboard.press("Escape")

    # The agent's own tool waits for a yes; ours runs in the tab; both go with the next run.
    asks = {"id": "i", "reason": "tool_call", "message": "Free them?", "toolCallId": "own"}
    state = {"type": "STATE_SNAPSHOT", "snapshot": {"otters": {"caught": 3}}}
    change = {"op": "replace", "path": "/otters/caught", "value": 0}
    elsewhere.queue(
        told(
            say("I add up."),
            *call("ours", "calculate", {"expression": "6 * 7"}),
            outcome={"type": "success", "pendingToolCallIds": ["ours"]},
        ),
        told(
            say("Forty-two, and all are caught."),
            state,
            *call("own", "free", {"n": 3}),
            outcome={"type": "interrupt", "interrupts": [asks]},
        ),
        told(
            {"type": "TOOL_CALL_RESULT", "messageId": "t", "toolCallId": "own", "content": "freed"},
            {"type": "STATE_DELTA", "delta": [change]},
            say("They **swim**."),
        ),
    )
    chat.ask("How many, and free them")
    expect(chat.requests.first).to_contain_text("6 * 7")
    chat.choose("Allow once", about="6 * 7")
    expect(chat.requests.first).to_contain_text("Free them?")
    chat.choose("Allow once", about="Free them?")
    expect(chat.text.locator("strong")).to_have_text("swim")
    chat.wait_for_end()
    expect(chat.answer).to_contain_text("freed")
    state_of_it = chat.answer.get_by_role("list", name="Tool calls").last
    expect(state_of_it).to_contain_text('"caught": 0')
    expect(chat.answer).not_to_contain_text("does not fit")
    first, second, third = (json.loads(one.body) for one in elsewhere.requests())
    assert [tool["name"] for tool in first["tools"]] == ["calculate"]
    assert (second["messages"][-1]["role"], second["messages"][-1]["content"]) == ("tool", "42")
    assert third["state"] == {"otters": {"caught": 3}}
    assert third["resume"] == [
        {"interruptId": "i", "status": "resolved", "payload": {"approved": True}}
    ]
    page.context.close()
    chat.watch.check()
