"""Facts from a list of models come before the table of families."""

import json
from typing import Any

import msgspec
import pytest

from app.core.messages import user
from app.core.options import Options
from app.protocols.takes import Takes
from app.providers import provider
from app.providers.model_facts import UNKNOWN, ModelFacts, parse_facts
from app.providers.taken import options_taken

# As the lists have them, shortened to one model named "m".
LISTS: list[tuple[str, Any, ModelFacts]] = [
    (
        "OpenRouter",
        {
            "context_length": 200_000,
            "architecture": {"input_modalities": ["text", "image"]},
            "supported_parameters": ["max_tokens", "reasoning", "tools", "stop"],
            "reasoning": {"mandatory": True, "supported_efforts": ["xhigh", "high", "low"]},
        },
        ModelFacts(
            window=200_000,
            tools=True,
            images=True,
            thinks=True,
            must_think=True,
            efforts=("low", "high", "max"),
            most="xhigh",
            sampling=False,
            stop=True,
            verbosity=False,
        ),
    ),
    (
        "OpenRouter, any effort",
        {
            "architecture": {"input_modalities": ["text"]},
            "supported_parameters": ["temperature", "include_reasoning", "reasoning"],
            "reasoning": {"supported_efforts": None},
        },
        ModelFacts(
            tools=False, images=False, thinks=True, sampling=True, stop=False, verbosity=False
        ),
    ),
    (
        "Mistral",
        {
            "capabilities": {
                "completion_chat": True,
                "completion_fim": False,
                "function_calling": True,
                "vision": False,
                "reasoning": False,
            },
            "max_context_length": 131_072,
        },
        ModelFacts(window=131_072, chats=True, tools=True, images=False, thinks=False),
    ),
    (
        "Anthropic",
        {
            "type": "model",
            "max_input_tokens": 200_000,
            "capabilities": {
                "image_input": {"supported": True},
                "thinking": {"supported": True, "types": {"enabled": {"supported": True}}},
                "effort": {
                    "supported": True,
                    "low": {"supported": True},
                    "high": {"supported": True},
                    "max": {"supported": False},
                },
            },
        },
        ModelFacts(window=200_000, images=True, thinks=True, efforts=("none", "low", "high")),
    ),
    (
        "OpenRouter, draws only",
        {"architecture": {"input_modalities": ["text", "image"], "output_modalities": ["image"]}},
        ModelFacts(images=True, draws_only=True),
    ),
    ("Together", {"type": "chat", "context_length": 8192}, ModelFacts(window=8192, chats=True)),
    ("Together, no chat", {"type": "image"}, ModelFacts(chats=False)),
    ("Groq", {"context_window": 8192, "active": True}, ModelFacts(window=8192)),
    ("Gemini", {"inputTokenLimit": 1024, "thinking": True}, ModelFacts(window=1024, thinks=True)),
    (
        "Hugging Face",
        {
            "architecture": {"input_modalities": ["text"]},
            "providers": [{"supports_tools": False}, {"supports_tools": True}],
        },
        ModelFacts(tools=True, images=False),
    ),
    (
        "LM Studio v1",
        {
            "type": "llm",
            "max_context_length": 40_960,
            "loaded_instances": [{"id": "m", "config": {"context_length": 4096}}],
            "capabilities": {
                "vision": False,
                "trained_for_tool_use": True,
                "reasoning": {"allowed_options": ["off", "on"], "default": "on"},
            },
        },
        ModelFacts(window=4096, chats=True, tools=True, images=False, thinks=True),
    ),
    ("vLLM", {"owned_by": "vllm", "max_model_len": 4096}, ModelFacts(window=4096)),
    # Neither a yes nor a no.
    (
        "another's",
        {"capabilities": {"vision": "perhaps", "tools": 1}, "thinking": {}, "type": 7},
        UNKNOWN,
    ),
    ("another's", {"context_length": 10**400, "max_model_len": 1e300}, UNKNOWN),
    ("another's", {"context_length": 10**400, "context_window": 8192}, ModelFacts(window=8192)),
    ("another's", {"capabilities": "all", "architecture": [], "reasoning": True}, UNKNOWN),
]


@pytest.mark.parametrize(("entry", "facts"), [one[1:] for one in LISTS], ids=[x[0] for x in LISTS])
@pytest.mark.parametrize("form", ["data", "models", ""])
def test_what_a_list_says(entry: dict[str, Any], facts: ModelFacts, form: str) -> None:
    whole = [{"id": "m", **entry}]
    body = json.dumps({form: whole} if form else whole).encode()
    assert parse_facts(body).get("m", UNKNOWN) == facts


@pytest.mark.parametrize(("who", "model"), [("openrouter", "anthropic/claude-9"), ("other", "m")])
def test_what_a_list_says_comes_before_the_table(who: str, model: str) -> None:
    plain = provider(who, base_url="https://a.example/v1" if who == "other" else "", key="k")

    def sent(facts: ModelFacts, **options: Any) -> Any:
        told = msgspec.structs.replace(plain, facts={model: facts})
        request = told.render([user("Hi")], model=model, options=Options(**options), stream=False)
        return json.loads(request.body)

    told = {"temperature": 0.5, "top_p": 0.5, "stop": ["x"], "verbosity": "low"}
    yes = ModelFacts(sampling=True, stop=True, verbosity=True)
    no = ModelFacts(sampling=False, stop=False, verbosity=False, thinks=False)
    assert told.keys() <= sent(yes, **told).keys()
    assert not told.keys() & sent(no, **told).keys()
    # A person's word comes before the list's.
    assert told.keys() <= sent(no, **told, sent_anyway=[*told]).keys()
    assert "high" not in json.dumps(sent(no, reasoning_effort="high"))
    some = ModelFacts(thinks=True, efforts=("low", "max", "of a later version"), most="xhigh")
    assert '"xhigh"' in json.dumps(sent(some, reasoning_effort="high"))
    assert '"low"' in json.dumps(sent(some, reasoning_effort="none"))


def test_nothing_said_changes_nothing() -> None:
    for takes in (Takes(), Takes(efforts=(), sampling="one", off="switch", context=5)):
        assert UNKNOWN.over(takes) == takes
    # The table may be wrong about thinking, and one of the two is no refusal.
    assert ModelFacts(thinks=True).over(Takes(efforts=())).efforts is None
    assert ModelFacts(sampling=True).over(Takes(sampling="one")).sampling == "one"
    assert ModelFacts(must_think=True).over(Takes()).off == "never"
    assert ModelFacts(window=9).over(Takes(context=5)).context == 9


def test_the_list_is_named_where_it_is_the_source() -> None:
    facts = ModelFacts(sampling=False, thinks=True, efforts=("low",), stop=True)
    who = msgspec.structs.replace(provider("openrouter"), facts={"m": facts})
    told = options_taken(who, "m")
    said = "So says the list of models of OpenRouter."
    assert told["temperature"].why_not.endswith(said)
    assert told["reasoning_effort"].note.endswith(said)
    assert told["reasoning_effort"].values == ("low",)
    assert told["stop"] == (("", "", None, True))
    assert said not in str(options_taken(who, "another"))
