"""The connection test: asks a provider for its models, and says apart what is wrong.

A browser tells a page very little about a request that failed: refused, blocked by CORS and a wrong
address look alike. What can be told apart is told apart; for the rest the advice names the likely
cause first.
"""

import asyncio
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from ..core.errors import ConnectError, ErrorInfo, TransportError
from ..core.transport import Transport
from . import Provider

Problem = Literal["", "address", "mixed_content", "unreachable", "key", "model", "server"]

_TIMEOUT_S = 20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Check(msgspec.Struct, frozen=True):
    """What the test found. `message` says what happened, `advice` what to do; both for people."""

    problem: Problem
    message: str
    advice: str = ""
    models: list[str] = []

    @property
    def ok(self) -> bool:
        return not self.problem


async def check(provider: Provider, model: str, transport: Transport, page_url: str) -> Check:
    """Ask for the list of models. `page_url` is the address of the page, "" outside a browser.

    Never raises for what the provider or the network does.
    """
    address = urlsplit(provider.base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        return Check(
            "address",
            "This is not an address of a provider.",
            "Write it with https:// or http:// before it; most end in /v1.",
        )
    if problem := _blocked_by_browser(provider.base_url, page_url):
        return problem
    status = 0
    body = b""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            async with transport.open(provider.models_request()) as response:
                status = response.status
                async for chunk in response.chunks():
                    body += chunk
                error = provider.http_error(response, body) if status >= 300 else None
    except ConnectError as failure:
        return _unreachable(provider, page_url, str(failure))
    except TransportError as failure:
        return Check("server", str(failure), "Try again; the connection broke off.")
    except TimeoutError:
        message = f"{address.netloc} did not answer within {_TIMEOUT_S} s."
        return Check("unreachable", message, "Is the address right, and the server not too busy?")
    if error is not None:
        return _refused(error)
    return _listed(provider, model, provider.wire_format.parse_models(body))


def _blocked_by_browser(base_url: str, page_url: str) -> Check | None:
    address = urlsplit(base_url)
    page = urlsplit(page_url)
    is_loopback = address.hostname in _LOOPBACK
    if not page.scheme.startswith("http") or address.scheme != "http" or is_loopback:
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
    address = urlsplit(provider.base_url)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page_url)) if page_url else ""
    if address.hostname in _LOOPBACK:
        advice = "Is the server running, on this port?"
        if origin:
            advice += (
                f" It must also allow this page ({origin}): Ollama with OLLAMA_ORIGINS={origin},"
                " LM Studio with its CORS switch."
            )
    else:
        advice = "Check the address and your connection."
        if origin:
            advice += (
                " If both are right, the provider does not allow requests from a web page (CORS)."
            )
    return Check("unreachable", detail, advice)


def _refused(error: ErrorInfo) -> Check:
    if error.kind in ("auth", "permission"):
        return Check("key", error.message, "Check the key, and that it belongs to this address.")
    if error.kind == "not_found":
        return Check(
            "address",
            "There is no list of models at this address.",
            "Check the path: for most providers it is /v1, for some more than that.",
        )
    return Check("server", error.message, "Try again later.")


def _listed(provider: Provider, model: str, models: list[str]) -> Check:
    host = urlsplit(provider.base_url).netloc
    if not models:
        return Check(
            "address",
            f"{host} answered, but not with a list of models.",
            "Is this the address of an OpenAI-compatible API? Most end in /v1.",
        )
    if model and model not in models:
        shown = ", ".join(models[:5]) + (", …" if len(models) > 5 else "")
        return Check(
            "model", f"{host} works, but has no model {model!r}.", f"It has: {shown}", models
        )
    return Check("", f"{host} works: {len(models)} models.", "", models)
