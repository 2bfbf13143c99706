"""Settings that a model takes of a question's, and their form in a request."""

import json
import re
from datetime import date
from typing import Any

import pytest

from app.core.messages import File, Message, Reasoning, Text, ToolCall, ToolResult, user
from app.core.options import Effort, Options, OutputFormat, ToolDefinition
from app.protocols.takes import Takes
from app.providers import PROVIDERS, provider
from app.providers.families import FAMILIES, takes

LOOK = ToolDefinition("look", "Look.", {"type": "object", "properties": {}})


def body_of(who: str, model: str, *messages: Message, base_url: str = "", **options: Any) -> Any:
    asked = provider(who, base_url=base_url, key="k")
    question = messages or (user("Hi"),)
    request = asked.render(question, model=model, options=Options(**options), stream=True)
    return json.loads(request.body)


def test_every_row_can_be_read_and_says_where_it_is_from() -> None:
    for family in FAMILIES:
        re.compile(family.who)
        re.compile(family.models)
        Takes(**family.takes)
        assert family.source.startswith("https://")
        assert date.fromisoformat(family.seen)


def test_what_no_row_names_is_sent_as_it_was_set() -> None:
    set_ = {"temperature": 0.5, "top_p": 0.9, "stop": ["END"], "reasoning_effort": "minimal"}
    assert set_.items() <= body_of("other", "m", base_url="https://a.example/v1", **set_).items()
    assert takes("other", "https://a.example/v1", "m") == Takes()
    assert takes("other", "https://[", "m") == Takes()


def test_newer_gemini_is_sent_no_sampling_that_it_passes_over() -> None:
    for model in ("gemini-3.6-flash", "gemini-3.8-flash", "gemini-4-argon", "gemini-flash-latest"):
        body = body_of("google", model, temperature=0.5, top_p=0.9)
        assert not body.get("generationConfig", {}).keys() & {"temperature", "topP"}
    body = body_of("google", "gemini-3.1-pro-preview", temperature=0.5, top_p=0.9)
    assert body["generationConfig"].items() >= {"temperature": 0.5, "topP": 0.9}.items()


@pytest.mark.parametrize(
    ("model", "level"),
    [
        ("gemini-3-flash-preview", "minimal"),
        ("gemini-3.6-flash", "minimal"),
        ("gemini-3.5-flash-lite", "minimal"),
        ("gemini-flash-lite-latest", "minimal"),
        ("gemini-3.7-flash", "low"),
        ("gemini-3.8-flash", "low"),
        ("gemini-flash-latest", "low"),
        ("gemini-4-carbon", "low"),
    ],
)
def test_the_least_that_gemini_thinks(model: str, level: str) -> None:
    body = body_of("google", model, reasoning_effort="minimal")
    assert body["generationConfig"]["thinkingConfig"]["thinkingLevel"] == level
    body = body_of("google-interactions", model, reasoning_effort="minimal")
    assert body["generation_config"]["thinking_level"] == level


def test_tiers_are_sent_in_the_words_of_each() -> None:
    for who, name in (
        ("xai", "service_tier"),
        ("xai-responses", "service_tier"),
        ("google", "serviceTier"),
        ("google-interactions", "service_tier"),
    ):
        model = "grok-4.5" if who.startswith("xai") else "gemini-3.8-flash"
        assert body_of(who, model, service_tier="priority")[name] == "priority"
        assert name not in body_of(who, model, service_tier="auto")


def test_perplexity_is_told_how_much_to_think_for_research_alone() -> None:
    assert "reasoning_effort" not in body_of("perplexity", "sonar-pro", reasoning_effort="low")
    body = body_of("perplexity", "sonar-deep-research", reasoning_effort="low")
    assert body["reasoning_effort"] == "low"


@pytest.mark.parametrize(
    ("who", "model", "sent"),
    [
        ("anthropic", "claude-opus-4-6", {"temperature"}),
        ("anthropic", "claude-haiku-4-5-20251001", {"temperature"}),
        ("anthropic", "claude-opus-4-7", set()),
        ("anthropic", "claude-sonnet-5", set()),
        ("anthropic", "claude-opus-4-10", set()),
        ("anthropic", "claude-3-5-haiku-latest", {"temperature", "top_p"}),
        ("openrouter", "anthropic/claude-opus-4-7", set()),
        ("openai", "gpt-5-mini", set()),
        ("openai-chat", "o4-mini", set()),
        ("openai", "gpt-4.1", {"temperature", "top_p"}),
        ("openai", "gpt-5-chat-latest", {"temperature", "top_p"}),
    ],
)
def test_sampling_is_set_as_far_as_a_model_takes_it(who: str, model: str, sent: set[str]) -> None:
    body = body_of(who, model, temperature=0.5, top_p=0.9)
    assert body.keys() & {"temperature", "top_p"} == sent


@pytest.mark.parametrize(
    ("who", "model", "wanted", "sent"),
    [
        ("openai-chat", "gpt-5", "max", "high"),
        ("openai-chat", "gpt-5.2", "max", "xhigh"),
        ("openai-chat", "gpt-5.6-sol", "max", "max"),
        ("openai-chat", "gpt-5.6", "none", "none"),
        ("openai-chat", "gpt-6-astra", "minimal", "low"),
        ("openai-chat", "gpt-5.3-codex", "none", "low"),
        ("openai-chat", "gpt-5-pro", "low", "high"),
        ("xai", "grok-4.5", "none", "low"),
        ("xai", "grok-4.3", "none", "none"),
        ("openrouter", "anthropic/claude-opus-5.5", "max", "max"),
        ("llama.cpp", "m", "max", "high"),
        ("groq", "openai/gpt-oss-20b", "max", "high"),
        ("deepseek", "deepseek-v4", "medium", "high"),
        ("deepseek", "deepseek-v4", "max", "max"),
        ("groq", "openai/gpt-oss-20b", "minimal", "low"),
        ("groq", "openai/gpt-oss-20b", "none", "low"),
        ("groq", "qwen/qwen3-32b", "none", "none"),
        ("mistral", "mistral-small-latest", "low", "high"),
        ("mistral", "mistral-small-latest", "none", "none"),
        ("xai", "grok-4.3", "minimal", "low"),
        ("openai-chat", "o4-mini", "none", "low"),
        ("openai-chat", "gpt-5.1", "none", "none"),
        ("openai-chat", "gpt-5.1", "minimal", "low"),
        ("openai-chat", "gpt-5-mini", "minimal", "minimal"),
        ("llama.cpp", "m", "minimal", "minimal"),
    ],
)
def test_effort_is_told_in_a_word_that_is_known(
    who: str, model: str, wanted: Effort, sent: str
) -> None:
    assert body_of(who, model, reasoning_effort=wanted)["reasoning_effort"] == sent


@pytest.mark.parametrize(
    ("model", "effort", "thinking"),
    [
        ("claude-sonnet-5", None, {"type": "adaptive", "display": "summarized"}),
        ("claude-sonnet-5", "none", {"type": "disabled"}),
        ("claude-fable-5", "none", {"type": "adaptive", "display": "summarized"}),
        ("claude-opus-4-7", None, None),
        ("claude-opus-4-7", "none", None),
    ],
)
def test_claude_shows_what_it_thinks_anyway(
    model: str, effort: Effort | None, thinking: object
) -> None:
    body = body_of("anthropic", model, reasoning_effort=effort)
    assert body.get("thinking") == thinking


def test_an_answer_has_room_behind_its_thoughts() -> None:
    assert body_of("anthropic", "claude-sonnet-5")["max_tokens"] == 32_000
    assert body_of("anthropic", "claude-sonnet-5", max_tokens=9)["max_tokens"] == 9


@pytest.mark.parametrize(
    ("model", "effort", "thinking"),
    [
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128, "includeThoughts": True}),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0, "includeThoughts": False}),
        ("gemini-3.8-flash", "none", {"thinkingLevel": "low", "includeThoughts": True}),
        ("gemini-3.6-flash", "none", {"thinkingLevel": "minimal", "includeThoughts": True}),
        ("gemini-3.1-pro-preview", "medium", {"thinkingLevel": "medium", "includeThoughts": True}),
        ("gemini-flash-latest", "max", {"thinkingLevel": "high", "includeThoughts": True}),
        ("gemini-2.0-flash", "high", None),
        ("gemini-3-pro", "medium", {"thinkingLevel": "high", "includeThoughts": True}),
        ("gemma-3-27b-it", "high", None),
    ],
)
def test_gemini_is_told_how_much_to_think_in_its_own_way(
    model: str, effort: Effort, thinking: object
) -> None:
    config = body_of("google", model, reasoning_effort=effort).get("generationConfig", {})
    assert config.get("thinkingConfig") == thinking


def test_instructions_stand_before_the_question_where_a_model_takes_none() -> None:
    body = body_of("google", "gemma-3-27b-it", Message("system", [Text("Be brief.")]), user("Hi"))
    assert "systemInstruction" not in body
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "Be brief."}, {"text": "\n\n"}, {"text": "Hi"}]}
    ]


@pytest.mark.parametrize(
    ("who", "base_url"),
    [
        ("deepseek", ""),
        ("other", "https://api.deepseek.com"),
        ("other", "https://api.moonshot.ai/v1"),
    ],
)
def test_thoughts_go_back_with_every_answer_where_that_is_wanted(who: str, base_url: str) -> None:
    asked = provider(who, base_url=base_url)

    def said(*parts: Any) -> Message:
        return Message("assistant", [*parts], protocol=asked.protocol, provider=asked.name)

    call = said(Reasoning("I look."), ToolCall("a", "look", "{}"))
    history = [
        user("1"),
        call,
        Message("tool", [ToolResult("a", "x")]),
        said(Reasoning("I know."), Text("It is x.")),
        user("2"),
    ]
    thoughts = [
        one.get("reasoning_content")
        for one in body_of(who, "m", *history, base_url=base_url, tools=[LOOK])["messages"]
        if one["role"] == "assistant"
    ]
    assert thoughts == ["I look.", "I know."]


def test_deepseek_is_told_to_think_or_not_by_a_switch() -> None:
    off = body_of("deepseek", "deepseek-v4", reasoning_effort="none")
    assert (off["thinking"], off.get("reasoning_effort")) == ({"type": "disabled"}, None)
    on = body_of("deepseek", "deepseek-v4", reasoning_effort="high")
    assert (on["thinking"], on["reasoning_effort"]) == ({"type": "enabled"}, "high")


FORM = OutputFormat("n", {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}})


def test_the_form_of_an_answer_is_told_in_words_where_it_must_be() -> None:
    body = body_of("deepseek", "deepseek-v4", output=FORM)
    assert body["response_format"] == {"type": "json_object"}
    assert '"minimum":1' in body["messages"][0]["content"]
    system = Message("system", [Text("Be brief.")])
    both = body_of("deepseek", "deepseek-v4", system, user("Hi"), output=FORM)
    assert [one["role"] for one in both["messages"]] == ["system", "user"]


def test_no_temperature_goes_to_claude_that_it_refuses() -> None:
    for name, model in (("anthropic", "claude-haiku-4-5"), ("openrouter", "anthropic/claude-3.5")):
        assert body_of(name, model, temperature=1.7)["temperature"] == 1
        assert body_of(name, model, temperature=0.3)["temperature"] == 0.3
        forced = body_of(name, model, temperature=1.7, sent_anyway=["temperature"])
        assert forced["temperature"] == 1.7
    assert "temperature" not in body_of("anthropic", "claude-opus-5", temperature=1.7)
    assert body_of("openai-chat", "gpt-4.1", temperature=1.7)["temperature"] == 1.7


def test_gemini_2_is_told_the_form_in_words_beside_tools() -> None:
    tools = [ToolDefinition("f", "", {"type": "object", "properties": {}})]
    for name, form in (
        ("google", "responseMimeType"),
        ("google-interactions", "response_format"),
        ("openrouter", "response_format"),
    ):
        old, new = "google/gemini-2.5-flash", "google/gemini-3.8-flash"
        for model, given, is_in_words in (
            (old, tools, True),
            (old, [], False),
            (new, tools, False),
        ):
            body = body_of(name, model, output=FORM, tools=given)
            assert bool(given) == bool(body.get("tools"))
            assert (form in body or form in body.get("generationConfig", {})) != is_in_words
            assert ("JSON Schema" in str(body)) == is_in_words


@pytest.mark.parametrize("name", ["openai", "groq", "anthropic", "google"])
def test_a_word_for_effort_that_others_know_is_the_most_of_ours(name: str) -> None:
    given: Any = "xhigh"
    model = {"openai": "gpt-5", "anthropic": "claude-sonnet-5", "google": "gemini-3.8-flash"}
    asked = model.get(name, "openai/gpt-oss-120b")
    assert body_of(name, asked, reasoning_effort=given) == body_of(
        name, asked, reasoning_effort="max"
    )


def test_bounds_stand_in_the_description_where_they_are_refused() -> None:
    schema = body_of("anthropic", "claude-sonnet-5", output=FORM)["output_config"]["format"][
        "schema"
    ]
    assert schema["properties"]["n"] == {"type": "integer", "description": "(minimum: 1)"}


def test_every_property_has_a_type_where_that_is_wanted() -> None:
    parameters = {
        "type": "object",
        "properties": {
            "a": {"enum": ["x", None]},
            "b": {"enum": ["x"]},
            "enum": {"type": "string"},
        },
    }
    tool = ToolDefinition("f", "", parameters)
    body = body_of("other", "m", base_url="https://api.moonshot.ai/v1", tools=[tool])
    assert body["tools"][0]["function"]["parameters"]["properties"] == {
        "a": {"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]},
        "b": {"type": "string", "enum": ["x"]},
        "enum": {"type": "string"},
    }


def test_a_question_behind_results_has_an_answer_before_it_where_that_is_wanted() -> None:
    call = Message("assistant", [ToolCall("a", "look", "{}")])
    history = [user("1"), call, Message("tool", [ToolResult("a", "x")]), user("2")]
    roles = [one["role"] for one in body_of("mistral", "m", *history)["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    roles = [one["role"] for one in body_of("llama.cpp", "m", *history)["messages"]]
    assert roles == ["user", "assistant", "tool", "user"]


def test_a_document_is_told_as_one_with_its_name() -> None:
    pdf = File("data:application/pdf;base64,AAAA", "application/pdf", "a.pdf")
    chat = body_of("openai-chat", "gpt-4.1", user([Text("Read."), pdf]))
    assert chat["messages"][0]["content"][1] == {
        "type": "file",
        "file": {"filename": "a.pdf", "file_data": pdf.url},
    }
    responses = body_of("openai", "gpt-4.1", user([Text("Read."), pdf]))
    assert responses["input"][0]["content"][1] == {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": pdf.url,
    }


def test_a_picture_alone_is_no_empty_answer() -> None:
    drawn = Message("assistant", [File("data:image/png;base64,AAAA", "image/png")])
    messages = body_of("openrouter", "m", user("A cat"), drawn, user("In blue"))["messages"]
    assert messages[1]["content"] == "(file.png)"


@pytest.mark.parametrize("who", ["openai", "openai-chat", "anthropic", "google"])
def test_tools_of_the_provider_stand_beside_those_of_the_page(who: str) -> None:
    body = body_of(who, "m", tools=[LOOK], extra={"tools": [{"type": "web_search"}], "x": 1})
    assert len(body["tools"]) == 2
    assert body["tools"][1] == {"type": "web_search"}
    assert body["x"] == 1


def test_every_provider_of_the_table_renders_every_effort() -> None:
    efforts: list[Effort] = ["none", "minimal", "low", "medium", "high", "max"]
    for who in PROVIDERS:
        for effort in efforts:
            assert body_of(who, "m", base_url="https://a.example/v1", reasoning_effort=effort)


def marks(value: Any) -> int:
    if isinstance(value, dict):
        return ("cache_control" in value) + sum(map(marks, value.values()))
    return sum(map(marks, value)) if isinstance(value, list) else 0


def long_talk(turns: int) -> list[Message]:
    said = Message("assistant", [Text("Yes.")], status="complete")
    talk = [part for n in range(turns) for part in (user(f"{n}?"), said)]
    return [Message("system", [Text("Be brief.")]), *talk, user("And now?")]


@pytest.mark.parametrize("who", ["anthropic", "openrouter"])
def test_claude_is_asked_to_keep_what_it_has_read(who: str) -> None:
    model = "anthropic/claude-sonnet-5" if who == "openrouter" else "claude-sonnet-5"
    for turns in (0, 1, 9):
        body = body_of(who, model, *long_talk(turns), tools=[LOOK])
        assert marks(body["messages"][-1:]) == 1
        assert 2 <= marks(body) <= 4
    # The question that was the last one before is marked too: what was kept is found from there.
    assert [marks(one) for one in body["messages"] if one["role"] == "user"][-3:] == [0, 1, 1]
    first = body.get("system") or body["messages"][0]["content"]
    assert first[-1]["cache_control"] == {"type": "ephemeral"}


def test_results_of_tools_are_marked_where_they_are_the_last() -> None:
    call = Message("assistant", [ToolCall("a", "look", "{}")])
    history = [user("1"), call, Message("tool", [ToolResult("a", "x")])]
    body = body_of("anthropic", "claude-haiku-4-5", *history, tools=[LOOK])
    assert body["messages"][-1]["content"][-1]["type"] == "tool_result"
    assert marks(body["messages"][-1]) == 1


@pytest.mark.parametrize(
    ("who", "base_url", "model"),
    [
        ("other-anthropic", "https://api.deepseek.com/anthropic/v1", "deepseek-v4"),
        ("anthropic", "https://proxy.example/v1", "claude-sonnet-5"),
        ("openrouter", "", "openai/gpt-5"),
        ("openai", "", "gpt-5"),
        ("llama.cpp", "", "m"),
    ],
)
def test_marks_go_only_where_they_are_taken(who: str, base_url: str, model: str) -> None:
    assert marks(body_of(who, model, *long_talk(2), base_url=base_url, tools=[LOOK])) == 0


def test_marks_of_a_person_stand_alone() -> None:
    extra = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    assert marks(body_of("anthropic", "claude-sonnet-5", *long_talk(2), extra=extra)) == 1


@pytest.mark.parametrize("who", ["openai", "openai-chat", "mistral"])
def test_requests_of_one_conversation_share_a_key_where_that_is_taken(who: str) -> None:
    assert body_of(who, "m", cache_key="abc")["prompt_cache_key"] == "abc"
    assert "prompt_cache_key" not in body_of(who, "m")
    assert "prompt_cache_key" not in body_of("llama.cpp", "m", cache_key="abc")


@pytest.mark.parametrize(
    ("who", "model", "effort", "thoughts"),
    [
        ("openai", "gpt-5-mini", None, {"summary": "auto"}),
        ("openai", "gpt-5-mini", "low", {"effort": "low", "summary": "auto"}),
        ("openai", "gpt-5.1", "none", {"effort": "none"}),
        ("openai", "o4-mini", None, {"summary": "auto"}),
        ("openai", "gpt-4.1", None, None),
        ("openai", "gpt-5-chat-latest", None, None),
        ("other-responses", "gpt-5-mini", None, None),
        ("google", "gemini-2.5-flash", None, {"includeThoughts": True}),
        ("google", "gemini-3.8-flash", None, {"includeThoughts": True}),
        ("google", "gemini-flash-latest", None, {"includeThoughts": True}),
        ("google", "gemini-2.0-flash", None, None),
        ("google", "gemini-2.5-flash-image", None, None),
        ("google", "gemma-4-31b-it", None, None),
    ],
)
def test_thoughts_are_shown_where_a_model_thinks_and_can_show_them(
    who: str, model: str, effort: Effort | None, thoughts: object
) -> None:
    body = body_of(
        who,
        model,
        base_url="https://a.example/v1" if "other" in who else "",
        reasoning_effort=effort,
    )
    shown = body.get("generationConfig", {}).get("thinkingConfig", body.get("reasoning"))
    assert shown == thoughts


@pytest.mark.parametrize(
    ("who", "model", "verbosity", "tier"),
    [
        ("openai", "gpt-5-mini", "low", "flex"),
        ("openai-chat", "gpt-5-mini", "low", "flex"),
        ("openai", "gpt-4.1", None, "flex"),
        ("mistral", "mistral-small-latest", None, None),
        ("groq", "openai/gpt-oss-20b", None, "flex"),
        ("anthropic", "claude-sonnet-5", None, None),
        ("vllm", "m", "low", "flex"),
    ],
)
def test_verbosity_and_tier_go_where_they_are_known(
    who: str, model: str, verbosity: str | None, tier: str | None
) -> None:
    body = body_of(who, model, verbosity="low", service_tier="flex")
    assert body.get("text", body).get("verbosity") == verbosity
    assert body.get("service_tier") == tier
    standard = body_of("anthropic", "claude-sonnet-5", service_tier="standard_only")
    assert standard["service_tier"] == "standard_only"


def test_verbosity_stands_beside_the_form_of_an_answer() -> None:
    text = body_of("openai", "gpt-5-mini", verbosity="high", output=FORM)["text"]
    assert (text["verbosity"], text["format"]["name"]) == ("high", "n")


@pytest.mark.parametrize(
    ("who", "model", "modalities"),
    [
        ("openrouter", "google/gemini-2.5-flash-image", ["image", "text"]),
        ("openrouter", "openai/gpt-5-image", ["image", "text"]),
        ("openrouter", "google/gemini-2.5-flash", None),
        ("openai-chat", "gpt-5", None),
    ],
)
def test_images_are_asked_for_where_a_model_makes_them(
    who: str, model: str, modalities: object
) -> None:
    assert body_of(who, model).get("modalities") == modalities


@pytest.mark.parametrize(
    "model",
    ["black-forest-labs/flux.2-pro", "bytedance-seed/seedream-4.5", "openai/gpt-image-2", "krea/a"],
)
def test_a_model_that_only_draws_is_asked_at_its_own_address(model: str) -> None:
    old, drawn, new = (File(f"data:image/png;base64,{name}") for name in ("AAAA", "BBBB", "CCCC"))
    history = (
        Message("system", [Text("Be brief.")]),
        user([Text("A boat"), old]),
        Message("assistant", [Text("Here"), drawn]),
        user([Text("Now in red, like this"), new]),
    )
    options = Options(seed=7, temperature=0.5, stop=["END"], reasoning_effort="high")
    request = provider("openrouter", key="k").render(
        history, model=model, options=options, stream=True
    )
    assert request.url == "https://openrouter.ai/api/v1/images"
    assert json.loads(request.body) == {
        "model": model,
        "prompt": "Now in red, like this",
        "input_references": [
            {"type": "image_url", "image_url": {"url": file.url}} for file in (drawn, new)
        ],
        "seed": 7,
    }
    again = (*history[:3], user([new]))  # a picture without a word
    body = provider("openrouter", key="k").render(
        again, model=model, options=Options(), stream=True
    )
    assert json.loads(body.body)["prompt"] == "A boat"


def test_what_a_model_drew_is_part_of_the_next_question() -> None:
    drawn = Message("assistant", [Text("A cat."), File("data:image/png;base64,AAAA")])
    history = [user("A cat"), drawn, user("In blue")]
    messages = body_of("openrouter", "google/gemini-2.5-flash-image", *history)["messages"]
    assert messages[2]["content"] == [
        {"type": "text", "text": "In blue"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    assert messages[1]["content"] == "A cat."
    seen = body_of("openrouter", "openai/gpt-5", *history)["messages"]
    assert seen[2]["content"] == "In blue"
    gemini = body_of("google", "gemini-2.5-flash-image", *history)["contents"]
    assert gemini[1]["parts"][1] == {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}


def test_progress_is_asked_for_where_a_server_tells_it_and_streams() -> None:
    asked = provider("llama.cpp")
    for who in (asked, provider("built-in", base_url="http://a.example/v1"), provider("vllm")):
        for stream in (True, False):
            request = who.render([user("Hi")], model="m", options=Options(), stream=stream)
            is_told = "return_progress" in json.loads(request.body)
            assert is_told == (stream and who.name != "vllm")


@pytest.mark.parametrize(
    ("base_url", "model", "effort", "sent"),
    [
        ("https://api.moonshot.ai/v1", "kimi-k2.6", "none", {"thinking": {"type": "disabled"}}),
        ("https://api.moonshot.ai/v1", "kimi-k2.6", "high", {}),
        ("https://api.moonshot.ai/v1", "kimi-k2.7-code", "none", {}),
        ("https://api.moonshot.ai/v1", "kimi-k3", "none", {"reasoning_effort": "low"}),
        ("https://api.moonshot.ai/v1", "kimi-k3.1-pro", "max", {"reasoning_effort": "max"}),
        ("https://api.z.ai/api/paas/v4", "glm-5", "none", {"thinking": {"type": "disabled"}}),
        ("https://api.z.ai/api/paas/v4", "glm-5.3", "none", {"reasoning_effort": "low"}),
        ("https://api.z.ai/api/paas/v4", "glm-4.7", "none", {"thinking": {"type": "disabled"}}),
        ("https://api.minimax.io/v1", "MiniMax-M2.7", "none", {}),
        ("https://api.minimax.io/v1", "MiniMax-M3", "none", {"thinking": {"type": "disabled"}}),
        (
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "qwen-plus",
            "high",
            {"enable_thinking": True},
        ),
        (
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "qwen3.8-max",
            "none",
            {"enable_thinking": False},
        ),
        (
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "qwen3.8-max",
            "high",
            {"enable_thinking": True, "reasoning_effort": "xhigh"},
        ),
        (
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            "qwen3-235b-a22b-thinking-2507",
            "none",
            {},
        ),
        ("https://a.example/v1", "llama-3.3-70b", "high", {}),
        (
            "https://a.example/v1",
            "deepseek-r1-distill-llama-70b",
            "high",
            {"reasoning_effort": "high"},
        ),
    ],
)
def test_each_has_its_own_way_of_being_told_to_think(
    base_url: str, model: str, effort: Effort, sent: dict[str, Any]
) -> None:
    body = body_of("other", model, base_url=base_url, reasoning_effort=effort)
    told = body.keys() & {"thinking", "reasoning_effort", "enable_thinking"}
    assert {name: body[name] for name in told} == sent


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("claude-haiku-5-5", {"thinking": {"type": "disabled"}}),
        ("claude-sonnet-5-5", {"thinking": {"type": "between_tools"}}),
        # These think in any case: as little as they can.
        *(
            (
                model,
                {
                    "thinking": {"type": "adaptive", "display": "summarized"},
                    "output_config": {"effort": "low"},
                },
            )
            for model in ("claude-opus-5-5", "claude-fable-5-1")
        ),
    ],
)
def test_claude_is_told_not_to_think_in_the_words_of_each(model: str, told: dict[str, Any]) -> None:
    body = body_of("anthropic", model, reasoning_effort="none")
    assert {name: body[name] for name in body.keys() & {"thinking", "output_config"}} == told


@pytest.mark.parametrize(
    ("who", "model", "tier", "sent"),
    [
        ("openai", "gpt-6-luna", "fast", "fast"),
        ("openai", "gpt-6-luna", "ultrafast", None),
        ("openai-chat", "gpt-6.1-sol", "ultrafast", "ultrafast"),
        ("openai", "gpt-6.2-astra", "ultrafast", "ultrafast"),
        ("azure", "gpt-6-luna", "priority", "priority"),
        ("azure", "gpt-6-luna", "fast", None),
        ("fireworks", "accounts/fireworks/models/glm-5p3", "priority", "priority"),
        ("fireworks", "accounts/fireworks/models/glm-5p3", "flex", None),
    ],
)
def test_a_tier_is_sent_to_those_who_have_it(
    who: str, model: str, tier: str, sent: str | None
) -> None:
    assert body_of(who, model, service_tier=tier).get("service_tier") == sent


def test_kimi_is_not_told_how_to_choose_its_words() -> None:
    kimi = body_of("other", "kimi-k2.6", base_url="https://api.moonshot.ai/v1", temperature=0.5)
    assert "temperature" not in kimi


@pytest.mark.parametrize(
    ("model", "effort", "told"),
    [
        ("claude-opus-4-7", "max", "max"),
        ("claude-sonnet-5-5", "minimal", "low"),
        ("claude-haiku-5-5", "high", "high"),
    ],
)
def test_claude_is_told_how_hard_to_think(model: str, effort: Effort, told: str) -> None:
    body = body_of("anthropic", model, reasoning_effort=effort)
    assert body["output_config"]["effort"] == told
    assert body["thinking"]["type"] == "adaptive"


@pytest.mark.parametrize(
    ("who", "model", "effort", "sent"),
    [
        ("openai-chat", "gpt-6-luna", None, "none"),
        ("openai-chat", "gpt-5.6-terra", "high", "none"),
        ("azure", "gpt-6.1-terra", "low", "none"),
        ("openai-chat", "gpt-5.4", "high", "high"),
        ("openrouter", "openai/gpt-6-luna", "high", "high"),
    ],
)
def test_functions_in_chat_completions_go_without_thinking_where_they_must(
    who: str, model: str, effort: Effort | None, sent: str
) -> None:
    tool = ToolDefinition("f", "", {"type": "object"})
    address = "https://a.openai.azure.com/openai/v1" if who == "azure" else ""
    body = body_of(who, model, base_url=address, tools=[tool], reasoning_effort=effort)
    assert body["reasoning_effort"] == sent
    without = body_of(who, model, base_url=address, reasoning_effort=effort)
    assert without.get("reasoning_effort") == effort
    wanted = body_of(
        who,
        model,
        base_url=address,
        tools=[tool],
        reasoning_effort="high",
        sent_anyway=("reasoning_effort",),
    )
    assert wanted["reasoning_effort"] == "high"
    responses = body_of("openai", "gpt-6-luna", tools=[tool], reasoning_effort="high")
    assert responses["reasoning"]["effort"] == "high"


PICTURE = File("data:image/png;base64,AAAA", "image/png", "cat.png")


@pytest.mark.parametrize(
    ("who", "model"),
    [
        ("deepseek", "deepseek-v4-pro"),
        ("groq", "openai/gpt-oss-20b"),
        ("cerebras", "gpt-oss-120b"),
        ("hugging-face", "deepseek-ai/DeepSeek-V3.2"),
        ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("fireworks", "accounts/fireworks/models/glm-5p1"),
        ("openrouter", "moonshotai/kimi-k2-0905"),
        ("ollama", "qwen3:8b"),
        ("llama.cpp", "qwen3-8b-instruct"),
        ("ollama", "llama3.2:3b"),
        ("openai", "o3-mini"),
        ("openai-chat", "gpt-3.5-turbo"),
        ("xai", "grok-3-mini"),
        ("other-anthropic", "minimax-m2"),
        ("other-gemini", "gemma-3-1b-it"),
    ],
)
def test_a_model_that_sees_nothing_is_told_the_names_of_images(who: str, model: str) -> None:
    """One image of an earlier question, for another model, and it would refuse all that follow."""
    base_url = "https://a.example/v1" if who.startswith("other") else ""
    said = Message("assistant", [Text("A cat.")], status="complete")
    asked = user([Text("What is this?"), PICTURE]), said, user("And its colour?")
    plain = json.dumps(body_of(who, model, *asked, base_url=base_url))
    assert "AAAA" not in plain
    assert "(cat.png: an image, which this model can't see)" in plain
    forced = body_of(who, model, *asked, base_url=base_url, sent_anyway=["images"])
    assert "AAAA" in json.dumps(forced)


@pytest.mark.parametrize(
    ("who", "model"),
    [
        ("deepseek", "deepseek-flash"),
        ("ollama", "llama3.2-vision:11b"),
        ("ollama", "gemma3:4b"),
        ("ollama", "minicpm-llama3-v2.5"),
        ("hugging-face", "nvidia/Llama-3.1-Nemotron-Nano-VL-8B-V1"),
        ("ollama", "qwen2.5vl:7b"),
        ("ollama", "qwen3.5:9b"),
        *(("llama.cpp", name) for name in ("qwen3-5-35b-a3b", "qwen3_5", "qwen35")),
        ("hugging-face", "llava-hf/llava-v1.6-mistral-7b-hf"),
        ("ollama", "llava-phi3"),
        ("hugging-face", "google/paligemma2-10b-mix-448"),
        ("hugging-face", "HuggingFaceM4/Idefics3-8B-Llama3"),
        ("openai-chat", "gpt-4-1106-vision-preview"),
        ("hugging-face", "zai-org/GLM-4.6V"),
        ("openrouter", "moonshotai/kimi-k2.6"),
        ("groq", "meta-llama/llama-4-scout-17b-16e-instruct"),
        ("anthropic", "claude-haiku-5-5"),
        ("openai", "gpt-6-luna"),
        ("google", "gemini-flash-latest"),
        ("llama.cpp", "m"),
    ],
)
def test_images_go_where_they_are_seen_or_nothing_is_known(who: str, model: str) -> None:
    assert "AAAA" in json.dumps(body_of(who, model, user([Text("What is this?"), PICTURE])))
    refused = body_of(who, model, user([Text("What is this?"), PICTURE]), left_out=["images"])
    assert "AAAA" not in json.dumps(refused)


def test_a_document_is_told_by_its_text_where_a_model_reads_no_files() -> None:
    pdf = File("data:application/pdf;base64,AAAA", "application/pdf", "a.pdf", text="Rain.")
    body = body_of("deepseek", "deepseek-v4-pro", user([Text("Read."), pdf]))
    assert body["messages"][0]["content"] == "Read.\n\na.pdf:\nRain.\n\n"


def test_openrouter_reads_documents_for_models_that_read_none() -> None:
    pdf = File("data:application/pdf;base64,AAAA", "application/pdf", "a.pdf")
    asked = user([Text("Read."), pdf])
    assert "AAAA" in json.dumps(body_of("openrouter", "qwen/qwen3-max", asked))


@pytest.mark.parametrize("effort", ["low", "high", "max"])
def test_no_more_are_asked_for_where_it_thinks(effort: Effort) -> None:
    model = "claude-opus-4-1-20250805"
    body = body_of("anthropic", model, max_tokens=64_000, reasoning_effort=effort)
    assert body["thinking"]["budget_tokens"] < body["max_tokens"] <= 32_000


@pytest.mark.parametrize(
    ("who", "model", "name", "wanted", "sent"),
    [
        ("anthropic", "claude-haiku-4-5", "max_tokens", 200_000, 64_000),
        ("anthropic", "claude-sonnet-4-6", "max_tokens", 200_000, 64_000),
        ("anthropic", "claude-opus-4-1-20250805", "max_tokens", 200_000, 32_000),
        ("anthropic", "claude-opus-5-5", "max_tokens", 200_000, 128_000),
        ("anthropic", "claude-3-haiku-20240307", "max_tokens", None, 4096),
        ("openai-chat", "gpt-4o", "max_completion_tokens", 32_000, 16_384),
        ("openai", "gpt-4.1-mini", "max_output_tokens", 100_000, 32_768),
        ("openai", "gpt-6-luna", "max_output_tokens", 64_000, 64_000),
        ("llama.cpp", "m", "max_tokens", 10**9, 10**9),
    ],
)
def test_no_more_tokens_are_asked_for_than_a_model_writes(
    who: str, model: str, name: str, wanted: int | None, sent: int
) -> None:
    assert body_of(who, model, max_tokens=wanted)[name] == sent
    if wanted:
        forced = body_of(who, model, max_tokens=wanted, sent_anyway=["max_tokens"])
        assert forced[name] == wanted


@pytest.mark.parametrize(
    ("who", "model"),
    [("openai-chat", "gpt-6-astra"), ("azure", "gpt-6.2-sol"), ("google", "gemma-3-27b-it")],
)
def test_a_model_that_calls_no_functions_is_given_none(who: str, model: str) -> None:
    assert "tools" not in body_of(who, model, tools=[LOOK])
    assert "tools" in body_of(who, model, tools=[LOOK], sent_anyway=["tools"])


@pytest.mark.parametrize(
    ("who", "model", "wanted", "sent"),
    [
        ("openai", "gpt-6-astra", "none", "low"),
        ("openai", "gpt-6.1-sol", "none", "low"),
        ("openai", "gpt-6.2-astra", "none", "low"),
        ("openai", "gpt-6.2-sol", "max", "max"),
        ("openai", "gpt-6-luna", "none", "none"),
        ("openai", "o3-deep-research", "high", "medium"),
        ("xai-responses", "grok-4.7", "max", "xhigh"),
        ("xai-responses", "grok-4.6", "max", "high"),
        ("xai-responses", "grok-4.6", "none", "low"),
        ("xai-responses", "grok-4.20-multi-agent-0309", "max", "xhigh"),
        ("xai-responses", "grok-4.20-0309-reasoning", "high", None),
        ("cerebras", "qwen-3.8-27b", "minimal", "low"),
        ("cerebras", "qwen-3.8-27b", "none", "none"),
        ("cerebras", "gpt-oss-120b", "none", "low"),
        ("fireworks", "accounts/fireworks/models/glm-5p3", "none", "low"),
        ("fireworks", "accounts/fireworks/models/glm-5p3", "medium", "high"),
        ("fireworks", "accounts/fireworks/models/deepseek-v4-pro", "minimal", "low"),
        ("mistral", "codestral-latest", "high", None),
        ("mistral", "mistral-large-4", "low", "high"),
        ("mistral", "zai-glm-5-2", "max", "max"),
    ],
)
def test_effort_is_told_in_the_words_of_newer_models(
    who: str, model: str, wanted: Effort, sent: str | None
) -> None:
    body = body_of(who, model, reasoning_effort=wanted)
    told = body.get("reasoning_effort", body.get("reasoning", {}).get("effort"))
    assert told == sent
