"""Choice of provider and model: by the options, else by the environment."""

import argparse
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from ...core.errors import TransportError, UsageError
from ...core.options import Options
from ...core.wire.recording import Exchange
from ...core.wire.transport import Transport
from ...providers import PROVIDERS, Provider
from ...providers.config import Config
from ...providers.model_servers import ModelServer
from ...providers.models import list_models

DEFAULT = "built-in"
# Ends of request addresses, and the protocol of their answers.
_ENDINGS = {
    "/chat/completions": "openai-chat",
    "/responses": "openai-responses",
    "/messages": "anthropic-messages",
    ":generateContent": "gemini",
    ":streamGenerateContent": "gemini",
    "/interactions": "gemini-interactions",
    "/api/chat": "ollama",
}


# The variables that are options as well.
_VARIABLE = re.compile(r"\bTOKENFALL_(PROVIDER|MODEL|BASE_URL)\b")


def chosen_name(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    """Give the provider's name. Without any choice it is the built-in one: a key that happens to be
    in the environment is no leave to send a question away.
    """
    if options.gguf:
        return DEFAULT
    return options.provider or environ.get("TOKENFALL_PROVIDER", "").strip() or DEFAULT


def config_of(
    options: argparse.Namespace, ours: Provider | None, environ: Mapping[str, str] = os.environ
) -> Config:
    """Give provider, model and settings. `ours` is the provider where it is one of our own; the
    model is "" where none was named and the provider has no usual one.

    Raises:
        UsageError: Something is missing or wrong; the message names it.
    """
    known = dict(environ)
    if options.gguf:
        if options.base_url:
            raise UsageError("--gguf runs a model here, and --base-url asks elsewhere: give one")
        known.pop("TOKENFALL_MODEL", None)  # another one's
    name = chosen_name(options, environ)
    address = options.base_url or (ours and "http://127.0.0.1")  # ours has its own, taken below
    given = {"PROVIDER": name, "MODEL": options.model, "BASE_URL": address}
    if options.key_env:
        if not environ.get(options.key_env, "").strip():
            raise UsageError(f"--key-env names {options.key_env}, and that variable is not set")
        given["API_KEY"] = environ[options.key_env]
    known |= {f"TOKENFALL_{word}": value for word, value in given.items() if value}
    has_model = bool(known.get("TOKENFALL_MODEL", "").strip())
    try:
        config = Config.from_env(known if has_model else known | {"TOKENFALL_MODEL": "-"})
    except UsageError as error:
        raise UsageError(_VARIABLE.sub(_with_option, str(error))) from error
    config = config.with_provider(ours, config.model) if ours else config
    if not has_model:
        config = msgspec.structs.replace(config, model=config.provider.default_model)
    changes = {
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "reasoning_effort": options.effort,
        "extra": options.extra,
    }
    given_options = {name: value for name, value in changes.items() if value is not None}
    changed = msgspec.structs.replace(config.options, **given_options)
    instructions = config.instructions if options.system is None else options.system
    return msgspec.structs.replace(config, options=changed, instructions=instructions)


def with_provider_tools(options: argparse.Namespace, config: Config) -> Config:
    """Add the tools that the provider is to run.

    Raises:
        UsageError: It has none of them for this model, or not beside tools; the message says why.
    """
    for name in options.provider_tools or ():
        known = config.provider.provider_tool(name, config.model)
        if why := known.why_not or (options.tools and known.alone):
            raise UsageError(f"--{name.replace('_', '-')}: {why}")
    return config.with_options(provider_tools=options.provider_tools or [])


async def only_model(provider: Provider, transport: Transport) -> str:
    """The model of a provider that has one.

    Raises:
        UsageError: It has several, or none; the message tells some.
    """
    models = await models_of(provider, transport)
    if len(models) == 1:
        return models[0]
    some = ", ".join(models[:5]) + (", …" if len(models) > 5 else "")
    raise UsageError(f"name a model of {provider.label} with --model. It has: {some}")


async def models_of(provider: Provider, transport: Transport) -> list[str]:
    """The names of a provider's models.

    Raises:
        UsageError: It has no list, or it cannot be had; the message says why.
    """
    if not provider.lists_models:
        raise UsageError(f"{provider.label} has no list of its models; --model names one")
    try:
        listing = await list_models(provider, transport)
    except TransportError as error:
        raise UsageError(str(error)) from error
    if listing.error is not None:
        raise UsageError(f"{provider.label}: {listing.error.message}")
    if not listing.models:
        raise UsageError(f"{provider.label} answered, but not with a list of models")
    return listing.models


def options_for(server: ModelServer) -> str:
    """The options that ask a model server of this computer, but for its model."""
    at = "" if PROVIDERS[server.name].base_url == server.base_url else server.base_url
    return f"--provider {server.name}" + (f" --base-url {at}" if at else "")


def recorded(options: argparse.Namespace, exchanges: list[Exchange]) -> Config:
    """Find the provider of a recording, as far as reading it again needs that.

    Raises:
        UsageError: The recording does not tell, and no option does.
    """
    if options.provider:
        if options.provider not in PROVIDERS:
            raise UsageError(f"no provider {options.provider!r}; known: {', '.join(PROVIDERS)}")
        provider = PROVIDERS[options.provider]
    else:
        paths = [urlsplit(exchange.request.url).path for exchange in exchanges]
        found = [word for path in paths for end, word in _ENDINGS.items() if path.endswith(end)]
        if not found:
            raise UsageError("the recording does not tell whose it is: name it with --provider")
        provider = Provider(
            "recording", "Recording", "https://recording.invalid", protocol=found[0]
        )
    return Config(provider, options.model or "recorded", options.system or "", Options())


def _with_option(variable: re.Match[str]) -> str:
    return f"--{variable[1].lower().replace('_', '-')} or {variable[0]}"
