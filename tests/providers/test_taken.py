"""Words on a model's options agree with its requests."""

import json
from typing import Any

import pytest

from app.core.messages import user
from app.core.options import Options
from app.protocols.takes import EFFORTS
from app.providers import PROVIDERS, Provider, provider
from app.providers.taken import options_taken

VALUES: dict[str, Any] = {
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 77,
    "stop": ["END"],
    "seed": 7,
    "verbosity": "low",
    "context_tokens": 12_345,
}
MODELS = [
    *("claude-sonnet-5", "claude-opus-4-6", "claude-3-5-haiku-latest", "gpt-5-mini", "gpt-4.1"),
    *("o4-mini", "gemini-2.5-pro", "gemini-3.8-flash", "gemma-3-27b-it", "grok-4.5", "m"),
    *(
        "deepseek-v4",
        "kimi-k2.6",
        "openai/gpt-oss-20b",
        "mistral-small-latest",
        "qwen3-32b",
        "flux.2",
    ),
]


def sent(who: Provider, model: str, **options: Any) -> Any:
    request = who.render([user("Hi")], model=model, options=Options(**options), stream=True)
    body = json.loads(request.body)
    body.pop("runId", None)  # another one each time
    return body


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_is_told_to_be_taken_is_sent_and_nothing_else(name: str) -> None:
    who = provider(name, base_url="" if PROVIDERS[name].base_url else "https://a.example/v1")
    for model in MODELS:
        plain = sent(who, model)
        told = options_taken(who, model)
        for option, value in VALUES.items():
            is_sent = sent(who, model, **{option: value}) != plain
            assert is_sent == (told[option].why_not == ""), (model, option)
            forced = sent(who, model, **{option: value}, sent_anyway=[option]) != plain
            # While it thinks, Claude is never told how to choose its words.
            if option not in ("temperature", "top_p") or who.protocol != "anthropic-messages":
                assert forced == (is_sent or told[option].can_be_forced), (model, option)


@pytest.mark.parametrize("name", PROVIDERS)
def test_words_that_are_told_to_be_known_are_sent_as_they_are(name: str) -> None:
    who = provider(name, base_url="" if PROVIDERS[name].base_url else "https://a.example/v1")
    for model in MODELS:
        told = options_taken(who, model)
        effort = told["reasoning_effort"]
        known = [one for one in EFFORTS if effort.values is None or one in effort.values]
        bodies = {word: sent(who, model, reasoning_effort=word) for word in EFFORTS}
        if effort.why_not:
            assert all(body == sent(who, model) for body in bodies.values())
        for word in EFFORTS:
            if word not in known and not effort.why_not:
                assert bodies[word] in [*(bodies[one] for one in known), sent(who, model)]
        tier = told["service_tier"]
        tiers = ("priority",) if tier.values is None else tier.values
        for one in tiers if not tier.why_not else ():
            body = sent(who, model, service_tier=one)
            options = body.get("options", {})  # of our own format
            words = body.get("service_tier"), body.get("serviceTier"), options.get("service_tier")
            assert one in words
        if tier.why_not or tier.values is not None:
            assert "service_tier" not in sent(who, model, service_tier="galactic")


def test_the_reasons_are_sentences() -> None:
    for name in PROVIDERS:
        for taken in options_taken(provider(name), "m").values():
            for words in (taken.why_not, taken.note):
                assert not words or words.endswith(".")


@pytest.mark.parametrize(
    ("who", "model", "option", "words"),
    [
        ("anthropic", "claude-sonnet-5", "temperature", "can't be told how"),
        ("anthropic", "claude-sonnet-5", "seed", "Anthropic has no such setting."),
        ("openai", "gpt-5-mini", "stop", "OpenAI has no such setting."),
        ("openai-chat", "gpt-5-mini", "stop", "refuses stop words"),
        ("google", "gemma-3-27b-it", "reasoning_effort", "how much to think"),
        ("mistral", "m", "web_search", "Conversations API"),
        ("openai", "gpt-5-mini", "context_tokens", "Ollama only"),
        ("openrouter", "black-forest-labs/flux.2-pro", "max_tokens", "only draws"),
    ],
)
def test_why_an_option_is_not_taken(who: str, model: str, option: str, words: str) -> None:
    assert words in options_taken(provider(who), model)[option].why_not


def test_what_is_taken_in_part_says_so() -> None:
    told = options_taken(provider("anthropic"), "claude-opus-4-6")
    assert "one of the two" in told["top_p"].note
    effort = options_taken(provider("groq"), "openai/gpt-oss-20b")["reasoning_effort"]
    assert effort.values == ("low", "medium", "high")
    assert "low, medium, high" in effort.note
    for who, is_told in (("openai-chat", True), ("openai", False)):
        note = options_taken(provider(who), "gpt-6-luna")["reasoning_effort"].note
        assert ("With tools it does not think" in note) == is_told
    assert options_taken(provider("google"), "gemini-2.5-flash")["web_search"].note
