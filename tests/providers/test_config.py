"""Configuration from the environment: what counts, what it says when something is missing."""

import json

import pytest

from app.core.errors import UsageError
from app.core.wire.transport import Request
from app.providers import PROVIDERS, Provider
from app.providers.config import Config, provider_with_key
from app.scripted.openai_chat import Answer, body, whole
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport

KEY = "sk-of-this-test"


def config(**environ: str) -> Config:
    return Config.from_env(environ)


@pytest.mark.parametrize("row", [row for row in PROVIDERS.values() if row.needs_key])
def test_a_providers_usual_key_is_enough(row: Provider) -> None:
    for variable in row.key_variables:
        environ = {variable: KEY, "TOKENFALL_MODEL": "m"}
        if row.name == "azure":
            environ["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com"
        # Of the two rows of OpenAI, of xAI and of Google the first is chosen.
        first = row.name.partition("-")[0] if row.name != "hugging-face" else row.name
        assert config(**environ).provider.name == first
        named = config(**environ, TOKENFALL_PROVIDER=row.name)
        assert (named.provider.name, named.provider.key, named.model) == (row.name, KEY, "m")


def test_the_model_to_begin_with() -> None:
    assert config(OPENROUTER_API_KEY=KEY).model == "openrouter/auto"
    with pytest.raises(UsageError, match="set TOKENFALL_MODEL: Ollama has no model"):
        config(TOKENFALL_PROVIDER="ollama")
    assert config(TOKENFALL_PROVIDER="ollama", TOKENFALL_MODEL="llama3.2").model == "llama3.2"


def test_all_settings() -> None:
    made = config(
        TOKENFALL_PROVIDER=" groq ",
        GROQ_API_KEY=f" {KEY}\n",
        TOKENFALL_MODEL="m",
        TOKENFALL_INSTRUCTIONS="Be brief.",
        TOKENFALL_TEMPERATURE="0.5",
        TOKENFALL_TOP_P="1",
        TOKENFALL_MAX_TOKENS="100",
        TOKENFALL_SEED="7",
        TOKENFALL_REASONING_EFFORT="low",
    )
    options = made.options
    assert (made.provider.key, made.instructions) == (KEY, "Be brief.")
    assert (options.temperature, options.top_p, options.max_tokens) == (0.5, 1.0, 100)
    assert (options.seed, options.reasoning_effort) == (7, "low")
    # What is not set is the provider's affair.
    assert config(GROQ_API_KEY=KEY).options.temperature is None


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("TOKENFALL_TEMPERATURE", "warm", "TOKENFALL_TEMPERATURE should be a number from 0"),
        ("TOKENFALL_TEMPERATURE", "nan", "not 'nan'"),
        ("TOKENFALL_TOP_P", "1.5", "TOKENFALL_TOP_P should be a number from 0 to 1"),
        ("TOKENFALL_MAX_TOKENS", "0", "TOKENFALL_MAX_TOKENS should be a whole number from 1"),
        ("TOKENFALL_MAX_TOKENS", "many", "not 'many'"),
        ("TOKENFALL_SEED", "1.5", "TOKENFALL_SEED should be a whole number"),
        ("TOKENFALL_REASONING_EFFORT", "huge", "should be none, minimal, low, medium, high or max"),
        ("TOKENFALL_PROVIDER", "opnai", "TOKENFALL_PROVIDER names no provider: 'opnai'; known: "),
        ("TOKENFALL_BASE_URL", "own.example", "TOKENFALL_BASE_URL is no address"),
        ("TOKENFALL_BASE_URL", "https://[", "TOKENFALL_BASE_URL is no address"),
    ],
)
def test_a_variable_that_is_wrong_is_named(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        Config.from_env({"GROQ_API_KEY": KEY, variable: value})
    assert sentence in str(raised.value)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "set TOKENFALL_PROVIDER (to ollama, for one), or a key: OPENAI_API_KEY,"),
        ({"OPENAI_API_KEY": "  "}, "no provider is set"),
        ({"TOKENFALL_PROVIDER": "openai"}, "set OPENAI_API_KEY or TOKENFALL_API_KEY: OpenAI needs"),
        ({"TOKENFALL_PROVIDER": "google"}, "set GEMINI_API_KEY or GOOGLE_API_KEY or TOKENFALL_"),
        ({"TOKENFALL_PROVIDER": "other"}, "set TOKENFALL_BASE_URL: OpenAI-compatible is at"),
        (
            {"AZURE_OPENAI_API_KEY": KEY},
            "set TOKENFALL_BASE_URL or AZURE_OPENAI_ENDPOINT: Azure OpenAI is at an address",
        ),
        ({"TOKENFALL_PROVIDER": "demo"}, "set TOKENFALL_BASE_URL: Demo is at an address"),
    ],
)
def test_a_variable_that_is_missing_is_named(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        Config.from_env(environ)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("environ", "base_url"),
    [
        ({"OLLAMA_HOST": "192.0.2.7:11434"}, "http://192.0.2.7:11434"),
        ({"OLLAMA_HOST": "https://gpu.example/"}, "https://gpu.example"),
        (
            {"AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/", "TOKENFALL_API_KEY": KEY},
            "https://mine.openai.azure.com/openai/v1",
        ),
        (
            {"OPENAI_BASE_URL": "https://own.example/api", "OPENAI_API_KEY": KEY},
            "https://own.example/api",
        ),
        ({"TOKENFALL_BASE_URL": "https://own.example/v1/"}, "https://own.example/v1"),
    ],
)
def test_addresses(environ: dict[str, str], base_url: str) -> None:
    made = Config.from_env({"TOKENFALL_MODEL": "m", **environ})
    assert made.provider.base_url == base_url


def test_a_usual_key_does_not_follow_to_another_server() -> None:
    elsewhere = {"TOKENFALL_BASE_URL": "https://own.example/v1", "TOKENFALL_MODEL": "m"}
    assert config(OPENAI_API_KEY=KEY, **elsewhere).provider.key == ""
    assert config(OPENAI_API_KEY=KEY, TOKENFALL_API_KEY="own", **elsewhere).provider.key == "own"
    at_home = config(OPENAI_API_KEY=KEY, TOKENFALL_BASE_URL="https://api.openai.com/v1")
    assert at_home.provider.key == KEY
    # What belongs to a person's own server goes there.
    made = config(VLLM_API_KEY=KEY, **elsewhere)
    assert (made.provider.name, made.provider.key) == ("vllm", KEY)


def test_changed_copies() -> None:
    first = config(GROQ_API_KEY=KEY)
    second = (
        first.with_model("m")
        .with_instructions("Be brief.")
        .with_temperature(0)
        .with_top_p(0.5)
        .with_max_tokens(9)
        .with_seed(1)
        .with_stop("END")
        .with_reasoning_effort("high")
        .with_options(extra={"user": "me"})
    )
    assert first == config(GROQ_API_KEY=KEY)
    assert (second.model, second.instructions, second.provider) == (
        "m",
        "Be brief.",
        first.provider,
    )
    options = second.options
    assert (options.temperature, options.top_p, options.max_tokens) == (0, 0.5, 9)
    assert (options.seed, options.stop, options.reasoning_effort) == (1, ["END"], "high")
    assert options.extra == {"user": "me"}
    assert second.with_temperature(None).options.temperature is None


def test_another_provider_another_key() -> None:
    made = config(GROQ_API_KEY=KEY).with_provider("mistral")
    assert (made.provider.name, made.provider.key, made.model) == (
        "mistral",
        "",
        "mistral-small-latest",
    )
    assert made.with_key("k").provider.key == "k"
    own = Provider("mine", "Mine", "https://mine.example/v1", key="k")
    assert made.with_provider(own, "m").provider is own
    with pytest.raises(UsageError, match="name a model too: Mine"):
        made.with_provider(own)


def test_a_key_does_not_follow_to_another_address() -> None:
    made = config(GROQ_API_KEY=KEY)
    assert made.with_base_url("https://api.groq.com/other/v1/").provider.key == KEY
    moved = made.with_base_url("https://own.example/v1")
    assert (moved.provider.base_url, moved.provider.key) == ("https://own.example/v1", "")
    own = made.with_provider(Provider("mine", "Mine", "https://mine.example", key="k"), "m")
    assert own.with_base_url("https://other.example").provider.key == ""


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(config(GROQ_API_KEY=KEY))


def test_which_provider_an_environment_is_for() -> None:
    assert provider_with_key({}) == ""
    assert provider_with_key({"MISTRAL_API_KEY": "k", "GROQ_API_KEY": "k"}) == "mistral"
    assert provider_with_key({"OLLAMA_HOST": "localhost"}) == "ollama"
    assert provider_with_key({"TOKENFALL_BASE_URL": "https://own.example"}) == "other"


async def test_a_chat_with_all_of_it() -> None:
    asked: list[Request] = []

    def reply_for(request: Request) -> Reply:
        asked.append(request)
        return whole(body(Answer(text="Hello.")))

    made = config(MISTRAL_API_KEY=KEY).with_instructions("Be brief.").with_temperature(0.5)
    chat = made.chat(transport=ScriptedTransport(reply_for), max_steps=2)
    message = await chat.ask("Hi", streaming=False)
    assert (message.text, message.status, chat.max_steps) == ("Hello.", "complete", 2)
    (request,) = asked
    sent = json.loads(request.body)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert (sent["model"], sent["temperature"]) == ("mistral-small-latest", 0.5)
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert made.chat(instructions="Sing.").instructions == "Sing."


def test_a_key_is_taken_without_what_was_copied_along_with_it() -> None:
    config = Config.from_env({"OPENAI_API_KEY": "Bearer “sk-1”\u200b", "TOKENFALL_MODEL": "m"})
    assert config.provider.key == "sk-1"


def test_a_key_that_no_header_can_hold_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"OPENAI_API_KEY holds “–” \(en dash\)"):
        Config.from_env({"OPENAI_API_KEY": "sk–1", "TOKENFALL_MODEL": "m"})
