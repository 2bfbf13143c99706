"""Keeps other websites out: which host, which origin, and what our own page may load.

A server on this computer can be reached by every page that is open in the browser. So the
`Host` must be a name of this computer (against DNS rebinding), an `Origin` must be our own, and
the API answers nobody but our own page and programs outside of browsers.
"""

import re
from collections.abc import Collection, Sequence
from ipaddress import ip_address
from socket import gethostname

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..core.errors import UsageError
from .public_address import DEFAULT_PORTS, PublicAddress

_META_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self' https: http://127.0.0.1:* http://localhost:*",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    # DOMPurify's, and those of offline.mjs and script_addresses.mjs. No other can be made,
    # `default` neither.
    "trusted-types dompurify service-worker workers",
    "require-trusted-types-for 'script'",
)

# What the page may load and do. A <meta> cannot carry `frame-ancestors`: browsers ignore it
# there with a message in the console.
META_POLICY = "; ".join(_META_DIRECTIVES)
HEADER_POLICY = "; ".join((*_META_DIRECTIVES, "frame-ancestors 'none'"))
# A page that may be named as one who frames ours.
_FRAMER = re.compile(r"self|https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:([0-9]{1,5}|\*))?", re.ASCII)

# Of an answer whose bytes a model made: whatever shows it, nothing in it runs or loads anything.
FROM_A_MODEL = "sandbox; default-src 'none'; frame-ancestors 'none'"

# Of every answer.
HEADERS = {
    "content-security-policy": HEADER_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # A name that is looked up tells its host's owner that it was read.
    "x-dns-prefetch-control": "off",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    # With the line above the page is isolated: threads of its frames may share memory, by which a
    # Python there is interrupted. What is loaded from elsewhere needs CORS, which all of it has.
    "cross-origin-embedder-policy": "credentialless",
}

# The sandboxes say themselves what they may load. This makes them documents without an origin also
# where they are opened by their address.
SANDBOXES = frozenset(
    {"/app/browser/tools/sandbox/sandbox.html", "/app/browser/tools/session/session.html"}
)
_SANDBOX_POLICY = "sandbox allow-scripts; frame-ancestors 'self'"
# So does what shows diagrams and previews. Its forms can't be sent, but their scripts run.
DISPLAY = "/app/browser/displays/display.html"
_DISPLAY_POLICY = "sandbox allow-scripts allow-forms; frame-ancestors 'self'"
_OWN_POLICIES = {**dict.fromkeys(SANDBOXES, _SANDBOX_POLICY), DISPLAY: _DISPLAY_POLICY}

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]@/?#\s]+)(?::(?P<port>[0-9]{1,5}))?")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PAGES = frozenset({"/", "/index.html"})
# `none` is an address typed by a person. `same-site` is another port of this computer.
_OWN_FETCH_SITES = frozenset({"same-origin", "none"})


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, and adds the security headers.

    `host` is what the server was told to listen on. Where that is all addresses, any literal IP
    address is a good `Host` too: rebinding needs a name. `behind` is the address of a proxy in
    front, which names itself as the `Host`; `names` are those that its certificate is for.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        behind: PublicAddress | None = None,
        names: Collection[str] = (),
    ) -> None:
        self._app = app
        self._behind = behind
        plain = {f"[{name}]" if ":" in name else name for name in names if "*" not in name}
        self._names = {*_LOOPBACK_NAMES, *plain}
        # `*` stands for one label.
        self._domains = {name.removeprefix("*") for name in names if name.startswith("*.")}
        self._any_address = host in ("0.0.0.0", "::")
        if self._any_address:
            self._names.add(gethostname().lower())
        else:
            self._names.add(f"[{host}]" if ":" in host else host.lower())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        proxy = self._behind if self._behind and self._behind.is_named(_host(scope)) else None
        if proxy:
            scope = {**scope, "path": proxy.below(scope["path"])}

        answer = self._refusal(scope, proxy) or (None if proxy else _redirect(scope))
        await (answer or self._app)(scope, receive, with_headers(send, scope["path"]))

    def _refusal(self, scope: Scope, proxy: PublicAddress | None) -> Response | None:
        host = _host(scope)
        if proxy is None and not self._is_our_host(host, scope["scheme"], scope["server"][1]):
            return _forbidden(f'this server does not answer for the host "{host}"', "foreign_host")
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        own = proxy.origin if proxy else f"{scope['scheme']}://{host}"
        if origin is not None and origin != own:
            return foreign_origin(origin)
        return from_elsewhere(scope["path"], headers)

    def _is_our_host(self, host: str, scheme: str, port: int) -> bool:
        parts = _HOST.fullmatch(host.lower())
        if parts is None or int(parts["port"] or DEFAULT_PORTS[scheme]) != port:
            return False
        name = parts["name"]
        is_named = name in self._names or name[name.find(".") :] in self._domains
        return is_named or (self._any_address and _is_address(name))


def checked_framers(origins: Sequence[str]) -> tuple[str, ...]:
    """The origins as a policy names them; "self" is the page's own.

    Raises:
        UsageError: One is no origin.
    """
    for origin in origins:
        if not _FRAMER.fullmatch(origin.lower()):
            message = 'as https://intranet.example.org is one, or "self" for the page\'s own'
            raise UsageError(f"{origin!r} is no origin that can frame the page, {message}")
    return tuple("'self'" if origin == "self" else origin for origin in origins)


def with_headers(send: Send, path: str, framers: Sequence[str] = ()) -> Send:
    """Send with the headers that an answer at this path of ours has to have. `framers` are the
    origins whose pages may have ours in a frame.
    """
    framed = f"frame-ancestors {' '.join(framers)}"

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            own = headers.get("content-security-policy")
            for name, value in HEADERS.items():
                headers[name] = value
            if own == FROM_A_MODEL:
                headers["content-security-policy"] = own
            if policy := _OWN_POLICIES.get(path):
                headers["content-security-policy"] = policy
                # Without an origin it is foreign to itself: Firefox would not load it.
                headers["cross-origin-resource-policy"] = "cross-origin"
            if framers:
                policy = headers["content-security-policy"]
                # Each page around a frame counts, so the inner ones have to name them too.
                policy = policy.replace("frame-ancestors 'none'", framed)
                policy = policy.replace("frame-ancestors 'self'", f"{framed} 'self'")
                headers["content-security-policy"] = policy
            if path.startswith("/api/"):
                headers["cache-control"] = "no-store"
        await send(message)

    return send_with_headers


def from_elsewhere(path: str, headers: Headers) -> Response | None:
    """Refuse what another site lets a browser ask the API; None where it is none of that."""
    site = headers.get("sec-fetch-site", "none")
    if path.startswith("/api/") and site not in _OWN_FETCH_SITES:
        return _forbidden("requests from other sites are not answered", "foreign_origin")
    return None


def foreign_origin(origin: str) -> Response:
    """Refuse what a page of another origin asks."""
    return _forbidden(f"requests from {origin} are not answered", "foreign_origin")


def _host(scope: Scope) -> str:
    return Headers(scope=scope).get("host", "")


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _redirect(scope: Scope) -> Response | None:
    """Send pages asked for by a loopback address to `localhost`.

    The browser keeps a person's history by origin, so there must be one origin only.
    """
    if scope["method"] not in ("GET", "HEAD") or scope["path"] not in _PAGES:
        return None
    parts = _HOST.fullmatch(Headers(scope=scope)["host"])
    if parts is None or parts["name"] not in ("127.0.0.1", "[::1]"):
        return None
    port = f":{parts['port']}" if parts["port"] else ""
    query = scope["query_string"].decode("ascii")
    path = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"{scope['scheme']}://localhost{port}{path}", 307)


def _forbidden(message: str, code: str) -> Response:
    error = {"message": message, "type": "forbidden", "param": None, "code": code}
    return JSONResponse({"error": error}, 403)
