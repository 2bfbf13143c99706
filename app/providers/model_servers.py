"""Model servers on this very computer: where they usually are, and which of them are there.

A port says nothing: a server is known by what its list of models looks like, which is all that is
asked for. No key and no word of a person goes there. Where they listen unless they are told
otherwise: https://docs.ollama.com/faq, https://lmstudio.ai/docs/developer/core/server,
https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md (LocalAI has the same,
https://localai.io/basics/getting_started), https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html,
https://jan.ai/docs/api-server, https://github.com/LostRuins/koboldcpp/wiki,
https://github.com/oobabooga/text-generation-webui/wiki/12-%E2%80%90-OpenAI-API,
https://docs.sglang.ai/basic_usage/openai_api_completions.html.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..core.errors import TransportError
from ..core.wire.transport import Transport
from ..protocols.tolerant import as_dict, as_list, as_str, values
from .model_facts import UNKNOWN, ModelFacts, parse_facts
from .models import ask_further, fetch
from .provider import Provider
from .table import provider

# The rows of the table that are asked first there; whoever else answers has a list like OpenAI's.
USUAL_PORTS: Mapping[int, str] = {
    11434: "ollama",
    1234: "lm-studio",
    8080: "",  # llama.cpp, LocalAI
    8000: "",  # vLLM
    1337: "",  # Jan
    5001: "",  # KoboldCpp
    5000: "",  # text-generation-webui
    30000: "",  # SGLang
}
# What servers of that kind call themselves in their lists (`owned_by`): their row, and their name.
_OWNERS = {
    "llamacpp": ("llama.cpp", "llama.cpp"),
    "vllm": ("vllm", "vLLM"),
    "koboldcpp": ("other", "KoboldCpp"),
    "sglang": ("other", "SGLang"),
}
_ANOTHER = ("other", "Model server")

# For a list, and again for what is said beside it.
LIMIT_S = 0.5
# Longer lists, more models and longer names no server on somebody's computer has.
_MAX_BYTES = 1_000_000
_MAX_MODELS = 300
_MAX_NAME = 200


class ModelServer(msgspec.Struct, frozen=True):
    """One that answers. `name` is its row in the table of providers, `label` what people call it,
    `base_url` where it is; `models` are those that can chat, and `facts` what it says of them.
    """

    name: str
    label: str
    base_url: str
    models: list[str]
    facts: dict[str, ModelFacts] = {}


async def find_model_servers(
    transport: Transport, ports: Mapping[int, str] = USUAL_PORTS, limit_s: float = LIMIT_S
) -> list[ModelServer]:
    """Ask at all of these ports at once; raises nothing. A list, and again its facts from
    elsewhere, may take `limit_s`.
    """
    asked = (_at(port, usual, transport, limit_s) for port, usual in ports.items())
    found = await asyncio.gather(*asked)
    return [server for server in found if server is not None]


async def _at(port: int, usual: str, transport: Transport, limit_s: float) -> ModelServer | None:
    # By address, for a name may lead elsewhere. Which of the two a server takes is its own matter.
    for host in ("127.0.0.1", "[::1]"):
        found = None
        try:
            async with asyncio.timeout(limit_s):
                found = await _listed(f"http://{host}:{port}", usual, transport)
        except TransportError:
            continue  # nobody listens there
        except TimeoutError:
            return None
        if found is None:
            return None
        who, label, models, facts = found
        await ask_further(who, models, facts, transport, limit_s, _MAX_BYTES)
        chatting = [one for one in models if facts.get(one, UNKNOWN).chats is not False]
        known = {one: facts[one] for one in chatting if facts.get(one, UNKNOWN) != UNKNOWN}
        # By its name, as people enter it.
        base_url = who.base_url.replace(host, "localhost", 1)
        return ModelServer(who.name, label, base_url, chatting, known) if chatting else None
    return None


_Found = tuple[Provider, str, list[str], dict[str, ModelFacts]]


async def _listed(origin: str, usual: str, transport: Transport) -> _Found | None:
    """Ask the server there for its name, its models and their facts; None for a stranger."""
    if usual == "ollama":
        who = provider(usual, base_url=origin)
        body = await _body(who, "/api/tags", transport)
        if names := _names(body, "models", "name", marks={"model", "digest", "details"}):
            return who, who.label, names, parse_facts(body)
    if usual == "lm-studio":
        who = provider(usual, base_url=f"{origin}/v1")
        for path, at, name in (
            ("/api/v0/models", "data", "id"),
            ("/api/v1/models", "models", "key"),
        ):
            body = await _body(who, path, transport)
            if names := _names(body, at, name, marks={"type"}):
                return who, who.label, names, parse_facts(body)
    who = provider("other", base_url=f"{origin}/v1")
    body = await _body(who, "/v1/models", transport)
    names = _names(body, "data", "id", marks={"object", "owned_by"})
    if not names:
        return None
    owners = (as_str(one.get("owned_by")).lower() for one in _entries(body, "data"))
    row, label = next((_OWNERS[one] for one in owners if one in _OWNERS), _ANOTHER)
    return provider(row, base_url=who.base_url), label, names, parse_facts(body)


async def _body(who: Provider, path: str, transport: Transport) -> bytes:
    request = who.request("GET", path, at_root=True)
    body, error = await fetch(who, request, transport, _MAX_BYTES)
    return b"" if error or len(body) > _MAX_BYTES else body


def _entries(body: bytes, at: str) -> list[dict[str, Any]]:
    parsed, bad = values(body)
    if len(parsed) != 1 or bad:
        return []
    return [as_dict(one) for one in as_list(as_dict(parsed[0]).get(at))]


def _names(body: bytes, at: str, name: str, *, marks: Iterable[str]) -> list[str]:
    """The names in a list of this form, each entry of which has one of these marks; empty where
    it has another form, or names that nobody could read.
    """
    entries = _entries(body, at)
    names = [as_str(one.get(name)) for one in entries]
    if not all(0 < len(one) <= _MAX_NAME and one.isprintable() for one in names):
        return []
    is_such = all(not one.keys().isdisjoint(marks) for one in entries)
    return list(dict.fromkeys(names))[:_MAX_MODELS] if is_such else []
