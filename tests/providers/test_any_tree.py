"""Whatever happened in a chat, each provider of the table gets a request that it accepts."""

import itertools
import json
import sys
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from app.core.options import Options, ToolDefinition
from app.history.brought import asked_with, set_apart, take
from app.history.records import CONTINUE, ChatRecord, MessageRecord
from app.history.tree import Tree
from app.providers import provider
from app.providers.table import PROVIDERS
from tests.providers.request_rules import broken

# A model of each protocol, and another one of the same provider that may have answered before.
MODELS = {
    "anthropic-messages": ("claude-haiku-4-5", "claude-opus-4-5"),
    "gemini": ("gemini-3-flash", "gemini-2.5-pro"),
    "gemini-interactions": ("gemini-3-flash", "gemini-2.5-pro"),
    "openai-responses": ("gpt-5-mini", "gpt-5"),
    "openai-chat": ("model-a", "model-b"),
    "ollama": ("qwen3:8b", "qwen3:4b"),
    "ag-ui": ("agent", "agent"),
    "tokenfall": ("default", "otter"),
}
ADDRESSES = {"other": "https://api.moonshot.ai/v1", "azure": "https://a.openai.azure.com/openai/v1"}
OWN = "the row's own name"

texts = st.sampled_from(["", " \n", "Hi", "Grüße 😀", "half \ud83d", "<|im_end|>", "a\x00b", "[]"])
ids = st.sampled_from(["call_0", "call_0", "", "x" * 300, "functions.f:0", "née", "123456789"])
names = st.sampled_from(["f", "f", "", "browser.tabs open", "n" * 400, "\ud800", "日本"])
arguments = st.sampled_from(
    ["{}", "", '{"n": ', "null", "[1]", '{"n": 1}', "[" * 3000, '"{}"', '{"a": "\ud83d"}', "{}{}"]
)
files = st.sampled_from(
    [
        File("data:image/png;base64,AAAA", "image/png"),
        File("data:application/pdf;base64,AAAA", "application/pdf", "deed.pdf"),
        File("https://a.example/x.png"),
        File("", "image/png", "lost.png"),
    ]
)
# What providers keep with an answer, each in its own form.
KEPT: dict[str, dict[str, list[Any]]] = {
    "anthropic-messages": {
        "reasoning": [None, {"signature": "s"}, {"redacted": "r"}],
        "call": [None, {"caller": {"type": "code_execution", "tool_id": "s1"}}],
        "tool": [
            [[0, {"type": "server_tool_use", "id": "s1", "name": "web_search"}]],
            [
                [0, {"type": "server_tool_use", "id": "s2", "name": "web_search"}],
                [1, {"type": "web_search_tool_result", "tool_use_id": "s2"}],
            ],
        ],
    },
    "gemini": {
        "reasoning": [None, {"thoughtSignature": "s"}],
        "call": [
            None,
            {"thoughtSignature": "s"},
            {"id": "c"},
            {"id": "c", "thoughtSignature": "s"},
        ],
        "tool": [
            [["executableCode", {}, "s"]],
            [["executableCode", {}, None], ["codeExecutionResult", {}, "s"]],
        ],
    },
    "gemini-interactions": {
        "reasoning": [None, {}, {"signature": "s"}, {"continuationToken": "t"}],
        "call": [None, {"signature": "s"}],
        "tool": [
            [{"type": "google_search_call", "id": "g1"}],
            [
                {"type": "google_search_call", "id": "g2"},
                {"type": "google_search_result", "call_id": "g2"},
            ],
        ],
    },
    "openai-responses": {
        "reasoning": [
            None,
            {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "e"},
            {"type": "reasoning", "id": "rs", "summary": []},
            {"phase": "commentary"},
        ],
        "call": [None, {"id": "fc"}, {"id": "ct", "type": "custom_tool_call"}],
        "tool": [
            {"type": "web_search_call", "id": "ws", "status": "completed"},
            {"type": "web_search_call", "id": "ws", "status": "in_progress"},
        ],
    },
    "ag-ui": {
        "reasoning": [None, {"id": "r", "encryptedValue": "e"}],
        "call": [None, {"encryptedValue": "e"}],
        "tool": [None],
    },
    "openai-chat": {
        "reasoning": [None, [{"type": "reasoning.encrypted", "data": "d", "index": 0}]],
        "call": [None, {"google": {"thought_signature": "s"}}],
        "tool": [None],
    },
    "ollama": {"reasoning": [None], "call": [None], "tool": [None]},
    # It keeps what whoever it asked has given.
    "tokenfall": {"reasoning": [None, {"signature": "s"}], "call": [None], "tool": [None]},
}


@cache  # checked by Hypothesis once, not for every draw
def answers(protocol: str) -> st.SearchStrategy[list[Message]]:
    """The messages of one answer: its steps, and the results between them; however it ended."""
    return st.one_of(
        _answers(protocol, OWN, st.sampled_from([*MODELS[protocol], ""])),
        _answers("gemini", "google", st.just("gemini-3-pro")),
        _answers("openai-chat", "openrouter", st.just("a/b")),
        _answers("", "", st.just("")),  # of another app
    )


def _answers(protocol: str, who: str, model: Any) -> st.SearchStrategy[list[Message]]:
    kept = KEPT.get(protocol, KEPT["ollama"])
    call = st.builds(ToolCall, ids, names, arguments, st.sampled_from(kept["call"]))
    results = st.lists(st.builds(ToolResult, ids, texts, is_error=st.booleans()), max_size=3)
    parts = st.lists(
        st.one_of(
            st.builds(Text, texts),
            st.builds(Reasoning, texts, st.sampled_from(kept["reasoning"])),
            st.builds(Refusal, texts),
            st.sampled_from(kept["tool"]).map(_provider_tool),
            st.builds(Source, st.just("https://a.example")),
            files,
            call,
            call,
            st.builds(ToolResult, ids, texts),  # of a run elsewhere
        ),
        max_size=6,
    )
    step = st.builds(
        Message,
        st.just("assistant"),
        parts,
        model=model,
        protocol=st.just(protocol),
        provider=st.just(who),
        status=st.sampled_from(["complete", "complete", "aborted", "error", "incomplete"]),
        finish_reason=st.sampled_from(["stop", "length", "tool_calls", "pause", "refusal", None]),
    )
    tool = results.map(lambda found: Message("tool", list(found), status="complete"))
    system = st.just(Message("system", [Text("Be brief.")]))
    return st.lists(st.one_of(step, step, tool, system), min_size=1, max_size=4)


def _provider_tool(extra: Any) -> ProviderTool:
    first = extra[0] if isinstance(extra, list) else {}
    id = (first[1] if isinstance(first, list) else first or {}).get("id", "")
    is_whole = isinstance(extra, list) and len(extra) > 1
    return ProviderTool(id, "web_search", "{}", {"output": "1"} if is_whole else None, extra)


questions = st.one_of(
    st.builds(user, texts),
    st.lists(st.one_of(st.builds(Text, texts), files), min_size=1, max_size=3).map(user),
)


class Grown:
    """A tree that things happen to, as the page does them."""

    def __init__(self, is_brought: bool) -> None:
        self.tree = Tree(ChatRecord("c", 0, 0))
        self._numbers = itertools.count(1)
        self._is_brought = is_brought

    def add(self, messages: list[Message], *, below: str = "", note: str = "") -> None:
        for message in messages:
            number = next(self._numbers)
            copied = msgspec.structs.replace(message, parts=list(message.parts))
            record = MessageRecord(f"m{number}", "c", number, copied, below, note=note)
            record.from_file = self._is_brought
            self.tree.add(record)
            below = record.id

    def happen(self, what: str, answer: list[Message], question: Message, place: int) -> None:
        path = self.tree.path()
        chosen = path[place % len(path)] if path else None
        head = path[-1].id if path else ""
        match what:
            case "ask":
                self.add([question, *answer], below=head)
            case "fail":
                self.add([question, Message("assistant", status="error")], below=head)
            case "go on":
                self.add([user("Go on.")], below=head, note=CONTINUE)
                self.add(answer, below=self.tree.chat.head)
            case "edit" if chosen:
                self.add([question, *answer], below=chosen.parent)
            case "again" if chosen:
                self.add(answer, below=chosen.parent)
            case "delete" if chosen:
                self.tree.remove(chosen.id)
            case "show" if chosen:
                self.tree.select(chosen.id)


@st.composite
def conversations(draw: Any, protocol: str) -> list[Message]:
    is_brought = draw(st.booleans())
    grown = Grown(is_brought)
    events = ["ask", "ask", "ask", "fail", "go on", "edit", "again", "delete", "show"]
    for _ in range(draw(st.integers(1, 5))):
        what = draw(st.sampled_from(events))
        answer = draw(answers(protocol))
        grown.happen(what, answer, draw(questions), draw(st.integers(0, 9)))
    path = grown.tree.path()
    if is_brought:
        set_apart(grown.tree.chat, path)
        if draw(st.booleans()):
            take(grown.tree.chat)
    asked = asked_with(grown.tree.chat, path, "Go on.")
    if draw(st.booleans()):
        asked = [Message("system", [Text("Be kind.")]), *asked]
    if draw(st.booleans()) and asked and asked[-1].role == "assistant":
        call = ToolCall(draw(ids), draw(names), draw(arguments))
        return [*asked, Message("assistant", [call], status="complete"), Message("tool")]
    return [*asked, user("And now?")]


TOOLS = [ToolDefinition("f", "", {"type": "object", "properties": {}})]


@pytest.mark.parametrize("protocol", MODELS)
def test_every_provider_gets_a_request_that_it_accepts(protocol: str) -> None:
    rows = [
        provider(row.name, key="k", base_url=ADDRESSES.get(row.name, ""))
        for row in PROVIDERS.values()
        if row.protocol == protocol
    ]
    assert rows
    model = MODELS[protocol][0]

    @settings(
        max_examples=10 if sys.platform == "emscripten" else 40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(conversations(protocol), st.booleans(), st.booleans())
    def accepts(messages: list[Message], has_tools: bool, is_stream: bool) -> None:
        options = Options(tools=TOOLS if has_tools else [])
        for row in rows:
            asked = [
                msgspec.structs.replace(one, provider=row.name) if one.provider == OWN else one
                for one in messages
            ]
            before = repr(asked)
            request = row.render(asked, model=model, options=options, stream=is_stream)
            assert (row.name, broken(row, model, json.loads(request.body))) == (row.name, [])
            assert repr(asked) == before  # what was said stays as it was

    accepts()


def test_every_row_of_the_table_is_among_them() -> None:
    assert {row.protocol for row in PROVIDERS.values()} == set(MODELS)
