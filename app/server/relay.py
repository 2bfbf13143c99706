"""The way to providers that do not let web pages call them: the page's request, made from here.

The page names the provider's address in a header. Logs hold the addresses of requests, and some of
those hold a key; and a page elsewhere may not send such a header without being let in first, which
`Guard` refuses. A failure here, and not at the provider, is marked in a header of the answer.

A name is looked up once, and the connection goes to an address that was looked at: what the name
leads to a moment later (DNS rebinding) does not count. Nothing is kept or logged.

Long, because the walls around one request are read together.
"""

import asyncio
import errno
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from socket import SOCK_STREAM, gaierror
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx2
from starlette.requests import Request
from starlette.responses import Response

from .. import __version__
from ..native.http import NO_COOKIES
from .addresses import Address, may_be_asked
from .errors import RELAY_ERROR, api_error
from .proxied_response import ProxiedResponse, is_final_status

# The request's header with the whole address to ask, and the answer's header with the whole address
# that a redirect leads to.
TARGET = "relay-to"
LEADS_TO = "relay-leads-to"
# The provider's `authorization`. The request's own may be the login of a proxy in front, which
# browsers send by themselves; pages of 0.1.0 have the key there.
AUTHORIZATION = "relay-authorization"

# Headers that providers need. Never cookies, `origin` or `referer`: they are about this page.
_REQUEST_HEADERS = frozenset(
    {
        "accept",
        "api-key",
        "content-type",
        "http-referer",  # with `x-title`, how OpenRouter has applications name themselves
        "x-api-key",
        "x-goog-api-key",
        "x-title",
    }
)
_REQUEST_PREFIXES = ("anthropic-", "openai-")
# What the page reads of an answer, or a person who looks for the reason of a failure. The body
# stays as it is, so its encoding is told.
_RESPONSE_HEADERS = frozenset(
    {
        "content-encoding",
        "content-length",
        "content-type",
        "openai-processing-ms",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "x-request-id",
        "x-should-retry",
    }
)
_RESPONSE_PREFIXES = ("anthropic-ratelimit-", "ratelimit", "x-ratelimit-")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

# For looking up the name, and again for connecting.
_CONNECT_LIMIT_S = 10.0
# Of the addresses of one name, how many are tried.
_MOST_ADDRESSES = 4

_OFF = (
    "The server of this page relays nothing, for others can reach it too. "
    "Whoever starts it can switch that on: serve.py --relay."
)

_FORBIDDEN = "it leads to this server itself, or to addresses that are for machines only."
_OPEN = (
    "others can reach this server, so it asks no address of its own computer, and of a private "
    "network only for those who are in it."
)

# Whether this address may be asked at this port.
MayBeAsked = Callable[[Address, int], bool]
# Looks up a name: the addresses to try, in order. Raises `OSError` where there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class _NotAskedError(Exception):
    """Reason why the provider was not asked, or did not answer; a sentence for people."""

    def __init__(self, status: int, code: str, message: str, leads_to: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.leads_to = leads_to


class _Asked(NamedTuple):
    """A request to pass on. `host` is what people know the target by, with its port."""

    method: str
    target: httpx2.URL
    headers: dict[str, str]
    body: bytes

    @property
    def host(self) -> str:
        return self.target.netloc.decode("ascii")


async def resolved(name: str, port: int) -> Sequence[Address]:
    """The addresses of a name, as this computer knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=SOCK_STREAM)
    return [ip_address(str(where[0])) for *_, where in found]


class Relay:
    """Asks where the page can't. `is_on`: whether it asks at all; `is_open`: whether others can
    reach the server; `closing`: the server stops.
    """

    def __init__(
        self,
        closing: asyncio.Event,
        *,
        is_on: bool,
        is_open: bool = False,
        resolve: Resolve = resolved,
    ) -> None:
        self.is_on = is_on
        self._is_open = is_open
        self._closing = closing
        self._resolve = resolve
        # A connection serves one request. httpx2 knows it by its address, and one that was opened
        # to one name must not carry the key of another name with the same address.
        # A proxy of the environment would look names up once more.
        self._client = httpx2.AsyncClient(
            verify=httpx2.create_ssl_context(),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
            follow_redirects=False,
            cookies=NO_COOKIES,
            trust_env=False,
        )

    async def handle(self, request: Request) -> Response:
        """Answer one request to `/api/relay`."""
        try:
            if not self.is_on:
                raise _NotAskedError(403, "relay_off", _OFF)
            asked = _Asked(
                request.method,
                _target(request.headers.get(TARGET, "")),
                _request_headers(request.headers),
                await request.body(),
            )
        except _NotAskedError as reason:
            return _said(reason)
        may_be = partial(
            may_be_asked,
            own_port=request.scope["server"][1],
            stranger=ip_address(request.scope["client"][0]) if self._is_open else None,
        )
        return ProxiedResponse(lambda: self._open(asked, may_be), self._closing, passes=_comes_back)

    async def close(self) -> None:
        """Close connections to providers."""
        await self._client.aclose()

    async def _open(self, asked: _Asked, may_be: MayBeAsked) -> httpx2.Response | Response:
        try:
            answer = await self._ask(asked, await self._addresses(asked, may_be))
        except _NotAskedError as reason:
            return _said(reason)
        if answer.status_code in _REDIRECTS:
            problem = _redirected(asked, answer.headers.get("location", ""))
        elif not is_final_status(answer.status_code):
            message = f"{asked.host} answered {answer.status_code}, which is no status of HTTP."
            problem = _NotAskedError(502, "relay_status", message)
        else:
            return answer
        await answer.aclose()
        return _said(problem)

    async def _addresses(self, asked: _Asked, may_be: MayBeAsked) -> Sequence[Address]:
        """Look up the target's addresses, as far as they may be asked."""
        name = asked.target.raw_host.decode("ascii")
        port = asked.target.port or (443 if asked.target.scheme == "https" else 80)
        try:
            async with asyncio.timeout(_CONNECT_LIMIT_S):
                found = await self._resolve(name, port)
        except TimeoutError:
            message = f"The address of {name} could not be looked up in time. Try again."
            raise _NotAskedError(504, "relay_dns", message) from None
        except (OSError, ValueError) as error:
            raise _NotAskedError(502, "relay_dns", _unknown_name(name, error)) from None
        allowed = [each for each in dict.fromkeys(found) if may_be(each, port)]
        if not allowed:
            reason = _OPEN if self._is_open else _FORBIDDEN
            raise _NotAskedError(403, "relay_forbidden", f"{asked.host} is not asked: {reason}")
        return allowed[:_MOST_ADDRESSES]

    async def _ask(self, asked: _Asked, addresses: Sequence[Address]) -> httpx2.Response:
        """Send the request to the first of these addresses that takes the connection.

        How long the provider may think is for the page to decide: only connecting has a limit.
        """
        timeout = httpx2.Timeout(None, connect=_CONNECT_LIMIT_S / len(addresses))
        failure = _NotAskedError(502, "relay_unreachable", f"There is no way to {asked.host}.")
        for address in addresses:
            request = self._client.build_request(
                asked.method,
                asked.target.copy_with(host=str(address)),
                # As they came: a key that was pasted wrongly may hold letters outside of ASCII.
                headers=httpx2.Headers(asked.headers | {"host": asked.host}, encoding="latin-1"),
                content=asked.body,
                timeout=timeout,
                extensions={"sni_hostname": asked.target.raw_host.decode("ascii")},
            )
            try:
                return await self._client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = _no_connection(asked.host, error)
            except httpx2.TransportError:
                message = f"{asked.host} took the request and hung up without an answer."
                raise _NotAskedError(502, "relay_hung_up", message) from None
        raise failure


def _target(address: str) -> httpx2.URL:
    """The address that is asked for."""
    with suppress(httpx2.InvalidURL):
        target = httpx2.URL(address)
        is_whole = target.scheme in ("http", "https") and target.host and target.port != 0
        if is_whole and not target.userinfo and (target.port or 0) < 65536:
            return target.copy_with(fragment=None)
    message = (
        "The relay asks addresses that begin with https:// or http:// and hold no password; "
        f"the header {TARGET} names one."
    )
    raise _NotAskedError(400, "relay_address", message)


def _request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    passed = {
        name: value
        for name, value in headers.items()
        if name in _REQUEST_HEADERS or name.startswith(_REQUEST_PREFIXES)
    }
    authorization = headers.get(AUTHORIZATION) or headers.get("authorization", "")
    if authorization and not authorization.lower().startswith("basic "):
        passed["authorization"] = authorization
    # Compressed streams come in blocks: the first words would wait for the block to fill.
    return passed | {"accept-encoding": "identity", "user-agent": f"tokenfall/{__version__}"}


def _comes_back(name: str) -> bool:
    return name in _RESPONSE_HEADERS or name.startswith(_RESPONSE_PREFIXES)


def _redirected(asked: _Asked, location: str) -> _NotAskedError:
    leads_to = ""
    with suppress(ValueError, httpx2.InvalidURL):
        leads_to = str(httpx2.URL(urljoin(str(asked.target), location)))  # in ASCII
        to = urlsplit(leads_to)
        # Without its query, where a key may stand.
        location = f"{to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}"
    message = (
        f"{asked.host} sends requests on to {location}, and a key is not taken there by itself. "
        "If that is the right place, enter it as the base URL."
    )
    return _NotAskedError(502, "relay_redirect", message, leads_to)


def _unknown_name(name: str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, gaierror) and error.strerror else str(error)
    return (
        f"There is no {name}, as far as the computer that serves this page knows ({reason}). "
        "Check the address, and that computer's network."
    )


def _no_connection(host: str, error: Exception) -> _NotAskedError:
    if isinstance(error, httpx2.ConnectTimeout):
        message = f"{host} did not take the connection within {_CONNECT_LIMIT_S:g} s."
        return _NotAskedError(504, "relay_timeout", message)
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                message = f"The certificate of {host} is not trusted: {cause.verify_message}."
                return _NotAskedError(502, "relay_tls", message)
            case ssl.SSLError():
                message = (
                    f"{host} does not speak https ({cause.reason}). Should the address begin with "
                    "http:// ?"
                )
                return _NotAskedError(502, "relay_tls", message)
            case ConnectionRefusedError():
                message = f"Nothing answers at {host}: it refused the connection."
                return _NotAskedError(502, "relay_refused", message)
            case OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH):
                message = f"There is no way from the computer that serves this page to {host}."
                return _NotAskedError(502, "relay_unreachable", message)
    return _NotAskedError(502, "relay_unreachable", f"{host} does not take the connection.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said(reason: _NotAskedError) -> Response:
    headers = {RELAY_ERROR: reason.code}
    if reason.leads_to:
        headers[LEADS_TO] = reason.leads_to
    return api_error(reason.status, str(reason), reason.code, headers)
