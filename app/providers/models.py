"""The models that a provider has, from all pages of its list, and what it says of each."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from ..core.errors import ErrorInfo, TransportError
from ..core.json_values import encoded
from ..core.wire.secrets import Secrets
from ..core.wire.transport import Request, Transport
from ..protocols.tolerant import as_dict, as_str, values
from .model_facts import UNKNOWN, ModelFacts, parse_facts, parse_props, parse_shown
from .provider import Provider

# Against lists without end; the longest real ones have a few hundred models on one page.
_MAX_PAGES = 50
_MAX_BYTES = 20_000_000
# No name of a model is longer; a page could not even lay it out.
_LONGEST_NAME = 500
# Ollama tells what a model can do on a page of its own each, of which so many are asked for.
_MAX_SHOWN = 100
_SHOWN_AT_ONCE = 6
_FURTHER_S = 5.0


class Listing(msgspec.Struct, frozen=True):
    """A provider's reply when asked for its models: their names, or the reason for its refusal.

    `facts` are what it says of a model, of those of which it says something. `is_list`: there was a
    list, be it an empty one.
    """

    models: list[str] = []
    error: ErrorInfo | None = None
    facts: dict[str, ModelFacts] = {}
    is_list: bool = False


async def list_models(provider: Provider, transport: Transport) -> Listing:
    """Ask for all models that can chat, as far as that is told: in the provider's order, each once.

    Empty without an error where something answered that is no such list.

    Raises:
        TransportError: The answer did not come through.
    """
    models: dict[str, None] = {}
    facts: dict[str, ModelFacts] = {}
    query: dict[str, str] = {}
    is_list = False
    for _ in range(_MAX_PAGES):
        body, error = await fetch(provider, provider.models_request(query), transport)
        if error is not None:
            return _listing(models, error, facts)
        known = len(models)
        named = provider.wire_format.parse_models(body)
        models |= dict.fromkeys(name for name in named if len(name) <= _LONGEST_NAME)
        facts |= parse_facts(body)
        is_list = is_list or _is_list(body)
        query = _next_page(body, provider.protocol)
        # A server that does not know pages answers with the first one again.
        if not query or len(models) == known:
            break
    await ask_further(provider, list(models), facts, transport)
    return msgspec.structs.replace(_listing(models, None, facts), is_list=is_list)


async def ask_further(
    provider: Provider,
    models: Sequence[str],
    facts: dict[str, ModelFacts],
    transport: Transport,
    limit_s: float = _FURTHER_S,
    max_bytes: int = _MAX_BYTES,
) -> None:
    """Ask a provider for facts that stand elsewhere than in its list of models, and put into
    `facts` those that came in time.
    """
    free = asyncio.Semaphore(_SHOWN_AT_ONCE)

    async def ask(request: Request, parse: Callable[[bytes], Mapping[str, ModelFacts]]) -> None:
        async with free:
            body, error = await fetch(provider, request, transport, max_bytes)
        for name, more in parse(b"" if error else body).items():
            facts[name] = more.beside(facts.get(name, UNKNOWN))

    asked: list[Coroutine[Any, Any, None]] = []
    if provider.protocol == "ollama":
        for model in models[:_MAX_SHOWN]:
            request = provider.request("POST", "/api/show", encoded({"model": model}))
            asked.append(ask(request, partial(parse_shown, model)))
    elif provider.name == "lm-studio":
        asked.append(ask(provider.request("GET", "/api/v0/models", at_root=True), parse_facts))
    elif provider.name == "llama.cpp" and len(models) == 1:
        request = provider.request("GET", "/props", at_root=True)
        asked.append(ask(request, partial(parse_props, models[0])))
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await asyncio.gather(*asked, return_exceptions=True)


def _listing(
    models: dict[str, None], error: ErrorInfo | None, facts: dict[str, ModelFacts]
) -> Listing:
    chatting = [model for model in models if facts.get(model, UNKNOWN).chats is not False]
    known = {model: facts[model] for model in chatting if facts.get(model, UNKNOWN) != UNKNOWN}
    return Listing(chatting, error, known)


async def fetch(
    provider: Provider, request: Request, transport: Transport, max_bytes: int = _MAX_BYTES
) -> tuple[bytes, ErrorInfo | None]:
    """Fetch the whole answer to a request, and its error, None where there is none: both without
    the secrets of the request.

    Raises:
        TransportError: The answer did not come through.
    """
    secrets = Secrets.of(request)
    received = bytearray()
    try:
        async with transport.open(request) as response:
            async for chunk in response.chunks():
                received += chunk
                if len(received) > max_bytes:
                    break
            body = secrets.clean_bytes(bytes(received))
            failed = response.status >= 300
            error = secrets.cleaned(provider.http_error(response, body)) if failed else None
            return body, error
    except TransportError as failure:
        raise type(failure)(secrets.clean(str(failure))) from None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list(body: bytes) -> bool:
    parsed, _ = values(body)
    fields = as_dict(parsed[0]) if parsed else {}
    listed = (fields.get(name) for name in ("data", "models"))
    return any(isinstance(one, list) and all(map(_is_object, one)) for one in listed)


def _next_page(body: bytes, protocol: str) -> dict[str, str]:
    """Give the parameters that ask for the page after this one; empty after the last.

    Sources: https://ai.google.dev/api/models#method:-models.list,
    https://platform.claude.com/docs/en/api/models/list (OpenAI has no pages; its other lists have
    the same form as Anthropic's, but for the name of the parameter).
    """
    parsed, _ = values(body)
    fields = as_dict(parsed[0]) if parsed else {}
    if token := as_str(fields.get("nextPageToken")):
        return {"pageToken": token}
    if fields.get("has_more") is True and (last := as_str(fields.get("last_id"))):
        return {"after_id" if protocol == "anthropic-messages" else "after": last}
    return {}
