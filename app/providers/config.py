"""Provider, model and settings from environment variables, changed step by step.

    config = Config.from_env().with_temperature(0.2)
    message = await config.chat(transport=HTTPTransport()).ask("Hi")

Variables; an empty one counts as not set:

    TOKENFALL_PROVIDER       a name from the table; else the first provider whose key is set
    TOKENFALL_MODEL          else the provider's default model, where it has one
    TOKENFALL_API_KEY        else the provider's usual variable, such as OPENAI_API_KEY
    TOKENFALL_BASE_URL       else the provider's usual variable, such as OLLAMA_HOST, else its own
    TOKENFALL_INSTRUCTIONS   what the model is told before everything else
    TOKENFALL_TEMPERATURE, TOKENFALL_TOP_P, TOKENFALL_MAX_TOKENS, TOKENFALL_SEED,
    TOKENFALL_REASONING_EFFORT
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import msgspec

from ..core.errors import UsageError
from ..core.header_values import misfit
from ..core.options import Effort, Options
from ..core.running.chat import Chat
from .key_text import tidied
from .loopback import is_web_address
from .provider import Provider
from .table import PLACEHOLDER, PROVIDERS, is_service, moved, provider

# Each option that a variable may set: its type, and what that is in words.
_OPTIONS: dict[str, tuple[Any, str]] = {
    "temperature": (Annotated[float, msgspec.Meta(ge=0, le=10)], "a number from 0"),
    "top_p": (Annotated[float, msgspec.Meta(ge=0, le=1)], "a number from 0 to 1"),
    "max_tokens": (Annotated[int, msgspec.Meta(ge=1)], "a whole number from 1"),
    "seed": (int, "a whole number"),
    "reasoning_effort": (
        Effort,
        "none, minimal, low, medium, high or max",
    ),
}


class Config(msgspec.Struct, frozen=True):
    """A provider, a model and settings. Each `with_…` returns a changed copy.

    `repr` does not show the key.
    """

    provider: Provider
    model: str
    instructions: str = ""
    options: Options = Options()

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the variables that the module names.

        The usual variable of a key counts only for its own provider: where `TOKENFALL_BASE_URL`
        leads to another server, that one is sent `TOKENFALL_API_KEY` or none.

        Raises:
            UsageError: Something is missing or wrong; the message names the variable.
        """
        known = {name: text for name, value in environ.items() if (text := value.strip())}
        name = known.get("TOKENFALL_PROVIDER") or provider_with_key(known)
        if not name:
            keys = ", ".join(row.key_variables[0] for row in PROVIDERS.values() if row.needs_key)
            raise UsageError(
                f"no provider is set: set TOKENFALL_PROVIDER (to ollama, for one), or a key: {keys}"
            )
        if name not in PROVIDERS:
            raise UsageError(
                f"TOKENFALL_PROVIDER names no provider: {name!r}; known: {', '.join(PROVIDERS)}"
            )
        who = _with_key(_with_address(PROVIDERS[name], known), known)
        model = known.get("TOKENFALL_MODEL") or who.default_model
        if not model:
            raise UsageError(f"set TOKENFALL_MODEL: {who.label} has no model to begin with")
        return cls(who, model, known.get("TOKENFALL_INSTRUCTIONS", ""), _options(known))

    def with_provider(self, who: Provider | str, model: str = "") -> Self:
        """Ask another provider: one of one's own, or a row of the table by its name, without a key.

        Raises:
            UsageError: There is no such row, or no model was named and it has none to begin with.
        """
        who = provider(who) if isinstance(who, str) else who
        if not (model or who.default_model):
            raise UsageError(f"name a model too: {who.label} has none to begin with")
        return self._with(provider=who, model=model or who.default_model)

    def with_model(self, model: str) -> Self:
        """Ask another model of the same provider."""
        return self._with(model=model)

    def with_key(self, key: str) -> Self:
        """Send this key, to the address that is set now."""
        return self._with(provider=msgspec.structs.replace(self.provider, key=key))

    def with_base_url(self, base_url: str) -> Self:
        """Ask at another address. The key stays behind where that is another host."""
        return self._with(provider=moved(self.provider, base_url))

    def with_instructions(self, instructions: str) -> Self:
        """Tell the model this before everything else."""
        return self._with(instructions=instructions)

    def with_temperature(self, temperature: float | None) -> Self:
        """Set the temperature. None leaves the provider's own default; so in all that follow."""
        return self.with_options(temperature=temperature)

    def with_top_p(self, top_p: float | None) -> Self:
        """Set the share of likely tokens to choose from, from 0 to 1."""
        return self.with_options(top_p=top_p)

    def with_max_tokens(self, max_tokens: int | None) -> Self:
        """Limit the answer's length."""
        return self.with_options(max_tokens=max_tokens)

    def with_seed(self, seed: int | None) -> Self:
        """Ask for the same answer each time, where the provider can."""
        return self.with_options(seed=seed)

    def with_stop(self, *stop: str) -> Self:
        """End the answer before any of these."""
        return self.with_options(stop=list(stop) or None)

    def with_reasoning_effort(self, effort: Effort | None) -> Self:
        """Set how much the model is to think."""
        return self.with_options(reasoning_effort=effort)

    def with_options(self, **changed: Any) -> Self:
        """Set any fields of `Options`."""
        return self._with(options=msgspec.structs.replace(self.options, **changed))

    def chat(self, **more: Any) -> Chat:
        """A conversation with all this; `more` are further arguments of `Chat`, which win."""
        settings: dict[str, Any] = {"instructions": self.instructions, "options": self.options}
        return Chat(self.provider, self.model, **(settings | more))

    def _with(self, **changed: Any) -> Self:
        return msgspec.structs.replace(self, **changed)


def provider_with_key(environ: Mapping[str, str]) -> str:
    """The first row of the table whose key or address is in the environment; "" where none is."""
    for row in PROVIDERS.values():
        variables = [*row.key_variables, row.address_variable]
        if any(environ.get(variable, "").strip() for variable in variables if variable):
            return row.name
    return "other" if environ.get("TOKENFALL_BASE_URL", "").strip() else ""


def _with_address(row: Provider, known: Mapping[str, str]) -> Provider:
    variables = [name for name in ("TOKENFALL_BASE_URL", row.address_variable) if name]
    variable = next((name for name in variables if name in known), "")
    if not variable:
        if row.base_url.startswith("http") and PLACEHOLDER not in row.base_url:
            return row
        raise UsageError(f"set {' or '.join(variables)}: {row.label} is at an address of your own")
    address = known[variable]
    if variable == row.address_variable:
        # Usual forms are host:port, and an address without the path of the protocol.
        address = address if "://" in address else f"http://{address}"
        if not urlsplit(address).path.strip("/"):
            address = address.rstrip("/") + urlsplit(row.base_url).path
    if not is_web_address(address):
        raise UsageError(f"{variable} is no address: it should begin with https:// or http://")
    return moved(row, address)


def _with_key(who: Provider, known: Mapping[str, str]) -> Provider:
    row = PROVIDERS[who.name]
    is_elsewhere = is_service(row) and "TOKENFALL_BASE_URL" in known and not who.needs_key
    variables = ["TOKENFALL_API_KEY", *(() if is_elsewhere else row.key_variables)]
    variable = next((name for name in variables if name in known), "")
    key = tidied(known.get(variable, ""))
    if letter := misfit(key):
        raise UsageError(f"{variable} holds {letter}, which no key has: copy the key again")
    if who.needs_key and not key:
        wanted = " or ".join([*row.key_variables, "TOKENFALL_API_KEY"])
        raise UsageError(f"set {wanted}: {who.label} needs a key, to be had at {who.key_url}")
    return msgspec.structs.replace(who, key=key)


def _options(known: Mapping[str, str]) -> Options:
    options: dict[str, Any] = {}
    for option, (kind, in_words) in _OPTIONS.items():
        variable = f"TOKENFALL_{option.upper()}"
        if variable not in known:
            continue
        try:
            options[option] = msgspec.convert(known[variable], kind, strict=False)
        except msgspec.ValidationError:
            text = known[variable]
            raise UsageError(f"{variable} should be {in_words}, not {text!r}") from None
    return Options(**options)
