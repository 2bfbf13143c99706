"""Tools of a provider that came to no end go back only where the provider goes on from them."""

import json
from typing import Any

import pytest

from app.core.messages import Message, ProviderTool, Reasoning, Text, ToolCall, ToolResult, user
from app.core.options import Options
from app.providers import provider


def use(id: str, name: str = "web_search") -> list[Any]:
    return [0, {"type": "server_tool_use", "id": id, "name": name}]


def result(id: str) -> list[Any]:
    return [1, {"type": "web_search_tool_result", "tool_use_id": id}]


PAGES = [{"type": "web_search_result", "url": "u"}]
SEARCH = ProviderTool("s1", "web_search", '{"query": "sea"}', None, [use("s1")])
FOUND = ProviderTool("s1", "web_search", "", PAGES, [result("s1")])
WHOLE = ProviderTool("s0", "web_search", "{}", PAGES, [use("s0"), result("s0")])
PROGRAM: list[Any] = [["executableCode", {}, "sig"]]
OUTPUT: list[Any] = [["codeExecutionResult", {}, None]]
CODE = ProviderTool("", "code_execution", '{"code": "1"}', None, PROGRAM)
RAN = ProviderTool("", "code_execution", '{"code": "1"}', {"output": "1"}, PROGRAM + OUTPUT)


def item(status: str) -> ProviderTool:
    extra = {"type": "web_search_call", "id": "ws", "status": status}
    return ProviderTool("ws", "web_search", "", None, extra)


def answer(who: str, *parts: Any, **fields: Any) -> Message:
    protocol = provider(who).protocol
    return Message("assistant", [*parts], protocol=protocol, provider=who, model="m", **fields)


def sent(who: str, *messages: Message) -> Any:
    row = provider(who, key="k")
    body = json.loads(row.render(messages, model="m", options=Options(), stream=True).body)
    return body.get("messages") or body.get("contents") or body["input"]


BROKEN = [
    {"status": "aborted"},
    {"status": "error"},
    {"status": "incomplete"},
    {"status": "complete", "finish_reason": "length"},
    {"status": "complete", "finish_reason": "pause"},  # and then stopped before it went on
]


@pytest.mark.parametrize("fields", BROKEN, ids=str)
@pytest.mark.parametrize(
    ("who", "tool", "kind"),
    [
        ("anthropic", SEARCH, "server_tool_use"),
        ("google", CODE, "executableCode"),
        ("openai", item("in_progress"), "web_search_call"),
    ],
)
@pytest.mark.parametrize("text", ["", "Let me look."])
def test_a_search_that_was_cut_off_does_not_go_back(
    who: str, tool: ProviderTool, kind: str, text: str, fields: Any
) -> None:
    parts = [Text(text), tool] if text else [tool]
    turns = sent(who, user("Hi"), answer(who, *parts, **fields), user("And?"))
    assert kind not in json.dumps(turns)
    assert ("Let me look." in json.dumps(turns)) == bool(text)
    roles = [turn["role"] for turn in turns]
    between = "model" if who == "google" else "assistant"
    assert roles == (["user", between, "user"] if text else ["user"])


@pytest.mark.parametrize("status", ["complete", "aborted"])
@pytest.mark.parametrize(
    ("who", "tool", "kind"),
    [("anthropic", WHOLE, "web_search_tool_result"), ("google", RAN, "codeExecutionResult")],
)
def test_one_that_came_to_its_end_goes_back(
    who: str, tool: ProviderTool, kind: str, status: Any
) -> None:
    turns = sent(who, user("Hi"), answer(who, tool, Text("So."), status=status), user("And?"))
    assert kind in json.dumps(turns[1])


def test_where_the_provider_goes_on_from_it_stays() -> None:
    paused = answer("anthropic", SEARCH, status="complete", finish_reason="pause")
    (_, turn) = sent("anthropic", user("Hi"), paused)
    assert [block["type"] for block in turn["content"]] == ["server_tool_use"]
    rest = answer("anthropic", FOUND, Text("Found."), status="complete", finish_reason="stop")
    (_, turn, _) = sent("anthropic", user("Hi"), paused, rest, user("And?"))
    assert [block["type"] for block in turn["content"]] == [
        "server_tool_use",
        "web_search_tool_result",
        "text",
    ]


def test_a_program_that_waits_for_a_call_stays_until_another_question_comes() -> None:
    program = ProviderTool("p", "code_execution", "{}", None, [use("p", "code_execution")])
    caller = {"caller": {"type": "code_execution", "tool_id": "p"}}
    call = ToolCall("c", "f", "{}", caller)
    ended: Any = {"status": "complete", "finish_reason": "tool_calls"}
    asked = answer("anthropic", program, call, **ended)
    results = Message("tool", [ToolResult("c", "1")], status="complete")
    turns = sent("anthropic", user("Hi"), asked, results)
    assert [block["type"] for block in turns[1]["content"]] == ["server_tool_use", "tool_use"]
    assert turns[1]["content"][1]["caller"] == caller["caller"]
    turns = sent("anthropic", user("Hi"), asked, results, user("Stop that."))
    assert [block["type"] for block in turns[1]["content"]] == ["tool_use"]
    assert "caller" not in turns[1]["content"][0]


def test_responses_takes_items_of_whole_answers_only() -> None:
    done = item("completed")
    turns = sent(
        "openai", user("Hi"), answer("openai", done, Text("A"), status="complete"), user("?")
    )
    assert "web_search_call" in json.dumps(turns)
    turns = sent(
        "openai", user("Hi"), answer("openai", done, Text("A"), status="aborted"), user("?")
    )
    assert "web_search_call" not in json.dumps(turns)


@pytest.mark.parametrize("thinks", [True, False])
@pytest.mark.parametrize("who", ["anthropic", "other-anthropic"])
def test_thinking_is_asked_for_amid_calls_only_where_the_turn_is_told_with_thoughts(
    who: str, thinks: bool
) -> None:
    row = provider(who, key="k", base_url="https://api.anthropic.com/v1")
    parts: list[Any] = [Reasoning("Hm.", {"signature": "s"})] if thinks else []
    asked = answer(who, *parts, ToolCall("c", "f", "{}"), status="complete")
    results = Message("tool", [ToolResult("c", "1")], status="complete")

    def body(*messages: Message) -> Any:
        options = Options(reasoning_effort="low")
        request = row.render(messages, model="claude-haiku-4-5", options=options, stream=True)
        return json.loads(request.body)

    told = body(user("Hi"), asked, results)
    assert ("thinking" in told) == thinks
    assert ("signature" in json.dumps(told["messages"])) == thinks
    # A question behind the results begins anew, also for a model that was not asked before.
    told = body(user("Hi"), asked, results, user("And?"))
    assert "thinking" in told
    assert "signature" not in json.dumps(told["messages"])


@pytest.mark.parametrize(
    ("fields", "has_call", "is_sent"),
    [
        ({"status": "complete"}, True, True),
        ({"status": "complete"}, False, False),
        ({"status": "aborted"}, True, False),  # of Claude it would be refused
    ],
)
def test_thoughts_of_servers_that_sign_nothing_go_back_beside_their_calls(
    fields: Any, has_call: bool, is_sent: bool
) -> None:
    parts: list[Any] = [Reasoning("Hm."), Text("Let me look.")]
    results: list[Message] = []
    if has_call:
        parts.append(ToolCall("c", "f", "{}"))
        results = [Message("tool", [ToolResult("c", "1")], status="complete")]
    row = provider("other-anthropic", key="k", base_url="https://a.example/v1")
    asked = [user("Hi"), answer("other-anthropic", *parts, **fields), *results]
    if not has_call:
        asked.append(user("And?"))
    body = json.loads(row.render(asked, model="m", options=Options(), stream=True).body)
    block = body["messages"][1]["content"][0]
    assert (block == {"type": "thinking", "thinking": "Hm.", "signature": ""}) == is_sent
