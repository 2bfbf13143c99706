"""The connection test: asks a provider for its models, and says apart what is wrong.

A browser tells a page very little about a request that failed: refused, blocked by CORS and a wrong
address look alike. Where they can be told apart they are; for the rest the advice names the likely
cause first, from the provider's row in the table.
"""

import asyncio
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from ..core.errors import ConnectError, CorsError, ErrorInfo, TransportError
from ..core.messages import user
from ..core.options import Options
from ..core.wire.transport import Transport
from .loopback import is_callable_by_pages, is_loopback, is_web_address
from .model_facts import ModelFacts
from .models import fetch, list_models
from .provider import Provider
from .table import PLACEHOLDER

Problem = Literal["", "address", "mixed_content", "cors", "unreachable", "key", "model", "server"]

_TIMEOUT_S = 20

# The least that all protocols take as the limit of an answer.
_FEW_TOKENS = 16

_PERHAPS_CORS = "If both are right, the provider does not allow requests from a web page (CORS)."
_NOT_FROM_A_PAGE = "does not let web pages call it. Ask it from Python or a terminal instead."


class Check(msgspec.Struct, frozen=True):
    """The test's finding. `message` says what happened, `advice` what to do; both for people.

    `facts` are what the list says of a model, where it says something.
    """

    problem: Problem
    message: str
    advice: str = ""
    models: list[str] = []
    facts: dict[str, ModelFacts] = {}

    @property
    def ok(self) -> bool:
        return not self.problem

    @property
    def bars_pages(self) -> bool:
        """Tell whether only web pages are kept out, so that a program could ask."""
        return self.problem in ("cors", "mixed_content")


async def check(provider: Provider, model: str, transport: Transport, page_url: str) -> Check:
    """Ask for the list of models, each thing once. `page_url` is the page's, "" outside a browser.

    Where a list can't tell (there is none, or it is open to all), `model` is asked a question of a
    few tokens. Never raises for what the provider or the network does.
    """
    if problem := _not_an_address(provider.base_url):
        return problem
    if problem := _blocked_by_browser(provider.base_url, page_url):
        return problem
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            if provider.lists_models:
                return await _check_list(provider, model, transport)
            return await _check_question(provider, model or provider.default_model, transport)
    except CorsError as failure:
        return Check("cors", str(failure), _cors(provider, _origin(page_url)))
    except ConnectError as failure:
        return _unreachable(provider, page_url, str(failure))
    except TransportError as failure:
        return Check("server", str(failure), "Try again; the connection broke off.")
    except TimeoutError:
        message = f"{_host(provider)} did not answer within {_TIMEOUT_S} s."
        return Check("unreachable", message, "Is the address right, and the server not too busy?")


async def _check_list(provider: Provider, model: str, transport: Transport) -> Check:
    listing = await list_models(provider, transport)
    if listing.error is not None:
        return _refused(provider, listing.error, model="")
    found = _listed(provider, model, listing.models, is_list=listing.is_list)
    found = msgspec.structs.replace(found, facts=listing.facts)
    if not found.ok or not provider.has_open_list or not provider.key:
        return found
    if provider.key_path:
        _, error = await fetch(provider, provider.key_request(), transport)
        return _refused(provider, error, model="") if error is not None else found
    if model:
        asked = await _check_question(provider, model, transport)
        return msgspec.structs.replace(asked, models=found.models, facts=found.facts)
    advice = "The key was not tested: choose a model and test again."
    return msgspec.structs.replace(found, advice=advice)


async def _check_question(provider: Provider, model: str, transport: Transport) -> Check:
    if not model:
        return Check(
            "model",
            f"{_name(provider)} has no list of models, so one has to be named.",
            "Enter the model as the provider's pages name it; with Azure it is your deployment.",
        )
    options = Options(max_tokens=_FEW_TOKENS)
    request = provider.render([user("Hi")], model=model, options=options, stream=False)
    _, error = await fetch(provider, request, transport)
    if error is not None:
        return _refused(provider, error, model=model)
    return Check("", f"{_host(provider)} works: {model} answers.", "", [model])


def _not_an_address(base_url: str) -> Check | None:
    if not is_web_address(base_url):
        return Check(
            "address",
            "This is not an address of a provider.",
            "Write it with https:// or http:// before it; most end in /v1.",
        )
    if PLACEHOLDER in base_url:
        message = f"{PLACEHOLDER} in the address stands for a name of your own."
        return Check("address", message, "Put the name of your own resource there.")
    return None


def _blocked_by_browser(base_url: str, page_url: str) -> Check | None:
    address = urlsplit(base_url)
    page = urlsplit(page_url)
    may_be_called = address.scheme != "http" or is_callable_by_pages(base_url)
    if not page.scheme.startswith("http") or may_be_called:
        return None
    if page.scheme == "https":
        message = "A page that came over https may not ask an http address (mixed content)."
    else:
        message = "This page may ask http addresses only on your own machine."
    return Check(
        "mixed_content",
        message,
        "Use an https address, or run the model's server on this machine and use localhost.",
    )


def _unreachable(provider: Provider, page_url: str, detail: str) -> Check:
    advice = [
        "Is the server running, on this port?"
        if is_loopback(provider.base_url)
        else "Check the address and your connection."
    ]
    if page_url:
        cors = _cors(provider, _origin(page_url))
        advice.append(cors or _PERHAPS_CORS)
    if page_url and provider.browser == "no":
        advice.reverse()
    return Check("unreachable", detail, " ".join(advice))


def _cors(provider: Provider, origin: str) -> str:
    """Say how the provider's rules for pages may be the cause, as far as the table knows; "" where
    it knows nothing.
    """
    match provider.browser:
        case "no":
            return f"{_name(provider)} {_NOT_FROM_A_PAGE}"
        case "setting":
            setting = provider.browser_setting.format(origin=origin)
            return f"It must also allow this page. {setting}"
        case "direct" | "header":
            return (
                f"{_name(provider)} lets web pages call it, so a firewall or an extension of the "
                "browser may stand between."
            )
    if is_loopback(provider.base_url):
        return (
            f"It must also allow this page ({origin}): Ollama with OLLAMA_ORIGINS={origin},"
            " LM Studio with its CORS switch."
        )
    return ""


def _origin(page_url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(page_url))


def _refused(provider: Provider, error: ErrorInfo, *, model: str) -> Check:
    """`model` is the one that was asked a question, "" where the list was asked for."""
    match error.kind:
        case "auth" | "permission" if "CORS" in error.message:
            # Anthropic, for organisations that forbid it.
            advice = f"For this key, {_name(provider)} {_NOT_FROM_A_PAGE}"
            return Check("cors", error.message, advice)
        case "auth" | "permission" if not provider.key:
            where = f" Get one at {provider.key_url}." if provider.key_url else ""
            return Check("key", error.message, f"Enter a key.{where}")
        case "auth" | "permission":
            advice = "Check the key, and that it belongs to this address."
            return Check("key", error.message, advice)
        case "not_found" if model and isinstance(error.raw, dict):
            return Check("model", error.message, f"Is {model} the right name?")
        case "not_found" if model:
            return Check("address", "Nobody answers questions at this address.", _PATH_ADVICE)
        case "not_found":
            is_elsewhere = error.status is not None and error.status < 400
            message = "There is no list of models at this address."
            return Check("address", error.message if is_elsewhere else message, _PATH_ADVICE)
        case "quota":
            return Check("server", error.message, "Look at the plan and credit of your account.")
        case "rate_limit" | "overloaded":
            advice = "Address and key are right. Wait a little, then try again."
            return Check("server", error.message, advice)
        case _:
            return Check("server", error.message, "Try again later.")


_PATH_ADVICE = "Check the path: for most providers it is /v1, for some more than that."


_PULL = "Pull one there, as with: ollama pull llama3.2"
_LOAD = "Load one there, then test again."


def _listed(provider: Provider, model: str, models: list[str], *, is_list: bool = False) -> Check:
    host = _host(provider)
    if not models and is_list:
        advice = _PULL if provider.protocol == "ollama" else _LOAD
        return Check("model", f"{host} works, but has no model that answers.", advice)
    if not models:
        return Check("address", f"{host} answered, but not with a list of models.", _form(provider))
    if model and not _has(model, models):
        shown = ", ".join(models[:5]) + (", …" if len(models) > 5 else "")
        return Check(
            "model", f"{host} works, but has no model {model!r}.", f"It has: {shown}", models
        )
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    return Check("", f"{host} works: {count}.", "", models)


def _form(provider: Provider) -> str:
    match provider.protocol:
        case "ollama":
            return "Does Ollama run there, and has it pulled a model? Its address has no path."
        case "anthropic-messages":
            return "Is this the address of an Anthropic-compatible API? Most end in /v1."
        case "gemini" | "gemini-interactions":
            return "Is this the address of a Gemini API? It ends in /v1beta."
    return "Is this the address of an OpenAI-compatible API? Most end in /v1."


def _has(model: str, models: list[str]) -> bool:
    # Google and Ollama answer to shorter and longer names than they list.
    return not {model, model.removeprefix("models/"), f"{model}:latest"}.isdisjoint(models)


def _host(provider: Provider) -> str:
    return urlsplit(provider.base_url).netloc.rpartition("@")[2]


def _name(provider: Provider) -> str:
    return provider.label or _host(provider)
