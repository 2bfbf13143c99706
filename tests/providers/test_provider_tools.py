"""Tools that providers run: asked for where they can be had, beside functions, when wanted."""

import json
import re
from typing import Any

import pytest

from app.core.messages import user
from app.core.options import Options, ProviderToolName, ToolDefinition
from app.providers import PROVIDERS, provider
from app.providers.provider_tools import NAMES, ROWS

LOOK = ToolDefinition("look", "Look.", {"type": "object", "properties": {}})


def body_of(who: str, model: str, *, base_url: str = "", **options: Any) -> Any:
    asked = provider(who, base_url=base_url, key="k")
    request = asked.render([user("Hi")], model=model, options=Options(**options), stream=True)
    return json.loads(request.body)


def tools_of(body: Any) -> list[str]:
    """List the names of a request's tools there."""
    return [
        str(one.get("type") if one.get("type", "function") != "function" else "function")
        if "type" in one
        else next(iter(one))
        if "input_schema" not in one
        else "function"
        for one in body.get("tools", [])
    ]


SEARCHING = [
    ("anthropic", "", "claude-sonnet-5", "web_search_20250305"),
    ("openai", "", "gpt-5-mini", "web_search"),
    ("google", "", "gemini-3.8-flash", "googleSearch"),
    ("google", "", "gemini-flash-latest", "googleSearch"),
    ("google-interactions", "", "gemini-3.8-flash", "google_search"),
    ("openrouter", "", "meta-llama/llama-4", "openrouter:web_search"),
    ("xai-responses", "", "grok-4.5", "web_search"),
    ("groq", "", "openai/gpt-oss-120b", "browser_search"),
    ("other", "https://api.z.ai/api/paas/v4", "glm-5", "web_search"),
]
RUNNING = [
    ("anthropic", "", "claude-sonnet-5", "code_execution_20250825"),
    ("openai", "", "gpt-5-mini", "code_interpreter"),
    ("google", "", "gemini-3.8-flash", "codeExecution"),
    ("google-interactions", "", "gemini-3.8-flash", "code_execution"),
    ("xai-responses", "", "grok-4.5", "code_interpreter"),
    ("groq", "", "openai/gpt-oss-120b", "code_interpreter"),
]
ALL: list[tuple[ProviderToolName, tuple[str, str, str, str]]] = [
    *(("web_search", each) for each in SEARCHING),
    *(("code_execution", each) for each in RUNNING),
]


@pytest.mark.parametrize(("name", "case"), ALL)
def test_a_tool_of_the_provider_stands_beside_functions(
    name: ProviderToolName, case: tuple[str, str, str, str]
) -> None:
    who, base_url, model, told = case
    assert not provider(who, base_url=base_url).provider_tool(name, model).why_not
    off = body_of(who, model, base_url=base_url, tools=[LOOK])
    assert len(tools_of(off)) == 1
    both = body_of(who, model, base_url=base_url, tools=[LOOK], provider_tools=[name])
    assert both["tools"][0] == off["tools"][0]
    assert tools_of(both)[1:] == [told]
    alone = body_of(who, model, base_url=base_url, provider_tools=[name])
    assert tools_of(alone) == [told]
    own = {"tools": [{"type": "mcp"}], "top_k": 3}
    more = body_of(who, model, base_url=base_url, tools=[LOOK], provider_tools=[name], extra=own)
    assert len(more["tools"]) == 3
    assert more["top_k"] == 3


def test_gemini_3_is_told_that_both_kinds_may_be_called() -> None:
    body = body_of("google", "gemini-3.8-flash", tools=[LOOK], provider_tools=["web_search"])
    assert body["toolConfig"] == {"includeServerSideToolInvocations": True}
    body = body_of(
        "google",
        "gemini-3.8-flash",
        tools=[LOOK],
        tool_choice="required",
        provider_tools=["web_search"],
    )
    assert body["toolConfig"] == {
        "functionCallingConfig": {"mode": "ANY"},
        "includeServerSideToolInvocations": True,
    }
    assert "toolConfig" not in body_of("google", "gemini-3.8-flash", provider_tools=["web_search"])


@pytest.mark.parametrize("name", NAMES)
def test_gemini_2_gets_one_kind_and_a_person_the_reason(name: ProviderToolName) -> None:
    model = "gemini-2.5-flash"
    known = provider("google").provider_tool(name, model)
    assert not known.why_not
    assert "not both" in known.alone
    assert len(body_of("google", model, provider_tools=[name])["tools"]) == 1
    mixed = body_of("google", model, tools=[LOOK], provider_tools=[name])
    assert list(mixed["tools"][0]) == ["functionDeclarations"]
    assert len(mixed["tools"]) == 1
    assert mixed["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}


@pytest.mark.parametrize(
    ("who", "base_url", "model", "words"),
    [
        ("openai-chat", "", "gpt-5-mini", "Responses API"),
        ("openai-chat", "", "gpt-5-search-api", "by itself"),
        ("xai", "", "grok-4.5", "Responses API"),
        ("mistral", "", "mistral-small-latest", "Conversations API"),
        ("perplexity", "", "sonar", "by themselves"),
        ("llama.cpp", "", "m", "not known"),
        ("ollama", "", "m", "not known"),
        ("built-in", "", "m", "not known"),
        ("other", "https://[", "m", "not known"),
        ("anthropic", "https://proxy.example/v1", "claude-sonnet-5", "not known"),
        ("google", "", "gemma-4-31b-it", "not known"),
        ("google", "", "gemini-2.5-flash-image", "not known"),
    ],
)
def test_where_it_cannot_be_had_nothing_is_sent_and_a_sentence_says_why(
    who: str, base_url: str, model: str, words: str
) -> None:
    asked = provider(who)
    if base_url:
        asked = type(asked)(who, "", base_url, protocol=asked.protocol)
    assert words in asked.provider_tool("web_search", model).why_not
    options = Options(provider_tools=["web_search"])
    body = json.loads(asked.render([user("Hi")], model=model, options=options, stream=True).body)
    assert "tools" not in body
    assert "plugins" not in body


def test_a_function_of_the_same_name_stands_in_its_place() -> None:
    own = ToolDefinition("web_search", "Mine.", {"type": "object", "properties": {}})
    body = body_of("anthropic", "claude-sonnet-5", tools=[own], provider_tools=["web_search"])
    assert [one["name"] for one in body["tools"]] == ["web_search"]
    assert "input_schema" in body["tools"][0]


def test_every_row_can_be_read_and_says_where_it_is_from() -> None:
    for row in ROWS:
        re.compile(row.who)
        re.compile(row.models)
        assert row.source.startswith("https://")
        assert bool(row.body) != bool(row.why_not)
        assert row.name in NAMES


def test_nobody_is_sent_a_tool_unasked() -> None:
    for who in PROVIDERS:
        body = body_of(who, "m", base_url="https://a.example/v1")
        assert not body.get("tools")
