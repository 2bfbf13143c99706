"""Access to the server. Static files are no secret; anything below /api/ is answered only

- to the user who runs this server, where only this computer can reach it and the system tells whose
  a connection is (`peer`). Its other users then get nothing at all;
- to browsers that have been at the printed address: its token became a cookie;
- to programs that have proved the token: the terminal (`proving`); or that bring it with each
  request (`Authorization: Bearer`), as `curl` and Prometheus do;
- to the proxy that `--behind` names, which runs as a service of this computer and asks for a login.

So a route below /api/ runs for those requests only, and need not ask again. Their state holds the
person as `owner`: always the same one, or the one that the proxy names.
"""

import os
import secrets
import sys
from typing import TypeGuard
from urllib.parse import parse_qsl, quote, unquote, urlencode

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..native.server_file import PROOF_PATH, is_same
from . import peer
from .addresses import is_loopback_host
from .errors import RELAY_ERROR, error_body
from .identity import Identity
from .protocol import connection_of
from .public_address import PublicAddress

_TOKEN = "token"
_PAGES = frozenset({"/", "/index.html"})
# The owner where nobody is named.
ONE = "me"
_LOGIN = "login:"
_AT = "\n"
_LONGEST_NAME = 200
# Browsers keep no cookie for longer than 400 days.
_COOKIE_S = 400 * 86_400

OTHER_USER = (
    "This is the Tokenfall of another user of this computer, and answers only that user. Start "
    "your own, on another port: python3 serve.py --port 8766"
)
NO_TOKEN = (
    "This server does not know this browser. Open the address that serve.py printed when it "
    "started: it holds a token."
)


NO_LOGIN = (
    "The proxy in front of this server did not say who you are. It should send the header that "
    "--login-header names."
)


class Access:
    """Decides on access to one server, which listens on `host`, `behind` a proxy or not.

    `token` is new with each start, unless one is given; the cookie is the same for all of this
    folder. `by_user` says whether a connection tells its user. `login_header` is the header in
    which the proxy names the person who has logged in.
    """

    def __init__(
        self,
        identity: Identity,
        host: str,
        behind: PublicAddress | None = None,
        *,
        token: str = "",
        login_header: str = "",
    ) -> None:
        self.by_user = is_loopback_host(host) and peer.tells()
        self.token = token or secrets.token_urlsafe(32)
        self._behind = behind
        self._login_header = login_header.lower()
        self._cookie = identity.cookie
        self.cookie_name = f"tokenfall-{identity.instance}"

    def address(self, url: str) -> str:
        """The address to open, given that of the page: with the token, where a browser needs it."""
        return url if self.by_user else f"{url}/?{_TOKEN}={self.token}"

    def answer(self, scope: Scope) -> Response | None:
        """Give the refusal of a request; None where it is answered."""
        user = self._user(scope)
        is_api = scope["path"].startswith("/api/")
        if user is not None and not (_is_ours(user) or self._is_proxy(user, scope)):
            if is_api:
                return _refused(scope, 403, OTHER_USER, "other_user")
            return PlainTextResponse(f"{OTHER_USER}\n", 403)
        if not is_api:
            return self._welcome(scope)
        if user is None and scope["path"] != PROOF_PATH and not self._is_known(scope):
            return _refused(scope, 401, NO_TOKEN, "browser_unknown")
        if self.owner(scope) is None:
            return _refused(scope, 401, NO_LOGIN, "login_unknown")
        return None

    def owner(self, scope: Scope) -> str | None:
        """Name the owner of the runs that a request is about; None where the proxy should have
        told.
        """
        if not self._login_header or not self._is_forwarded(scope):
            return ONE
        # Twice is a header of the browser's own that the proxy has let through.
        names = Headers(scope=scope).getlist(self._login_header)
        return owner_named(names[0]) if len(names) == 1 and is_name(names[0]) else None

    def _is_forwarded(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "")
        return self._behind is not None and self._behind.is_named(host)

    def _is_proxy(self, user: int, scope: Scope) -> bool:
        return peer.is_service(user) and self._is_forwarded(scope)

    def _user(self, scope: Scope) -> int | None:
        connection = connection_of(scope)
        return connection.user if connection and self.by_user else None

    def _is_known(self, scope: Scope) -> bool:
        connection = connection_of(scope)
        is_proven = connection is not None and connection.is_proven
        return is_proven or self._has_cookie(scope) or self._has_token(scope)

    def _has_token(self, scope: Scope) -> bool:
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and is_same(token.strip(), self.token)

    def _has_cookie(self, scope: Scope) -> bool:
        # Another program of this host may have set one of the same name, which then comes first.
        for header in Headers(scope=scope).getlist("cookie"):
            for pair in header.split(";"):
                name, _, value = pair.strip().partition("=")
                if name == self.cookie_name and is_same(value, self._cookie):
                    return True
        return False

    def _welcome(self, scope: Scope) -> Response | None:
        """Turn the token of the page's address into the cookie, and take it out of the address."""
        if scope["path"] not in _PAGES or scope["method"] not in ("GET", "HEAD"):
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        tokens = [value for name, value in query if name == _TOKEN]
        if not tokens:
            return None
        rest = urlencode([pair for pair in query if pair[0] != _TOKEN])
        # Relative, for the page may lie under any path of a proxy.
        page = "./" + scope["path"].removeprefix("/")
        welcome = RedirectResponse(f"{page}?{rest}" if rest else page, 303)
        welcome.headers["cache-control"] = "no-store"
        if any(is_same(token, self.token) for token in tokens):
            proxy = self._behind if self._is_forwarded(scope) else None
            welcome.set_cookie(
                self.cookie_name,
                self._cookie,
                max_age=_COOKIE_S,
                path=f"{proxy.path}/" if proxy else "/",
                secure=proxy.is_secure if proxy else scope["scheme"] == "https",
                httponly=True,
                samesite="strict",
            )
        return welcome


class AccessControl:
    """ASGI middleware: lets through what `access` answers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http":
            answer = self._access.answer(scope)
            scope.setdefault("state", {})["owner"] = self._access.owner(scope)
        await (answer or self._app)(scope, receive, send)


def owner_named(name: str) -> str:
    """Name the owner of the runs of a person who has logged in by this name."""
    return f"{_LOGIN}{name}"


def owner_at(owner: str, mount: str) -> str:
    """Name the same person at one of several pages, which may keep their runs in one place. Names
    may be any texts, and a log takes no half characters.
    """
    return _AT.join(quote(one, errors="surrogatepass") for one in (owner, mount))


def name_of(owner: str) -> str:
    """Give the name by which an owner has logged in, "" where nobody had to."""
    if _AT in owner:
        owner = unquote(owner.partition(_AT)[0], errors="surrogatepass")
    return owner.removeprefix(_LOGIN) if owner.startswith(_LOGIN) else ""


def is_name(name: object) -> TypeGuard[str]:
    """Tell whether people can be told apart by it."""
    return isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME


def _is_ours(user: int) -> bool:
    return sys.platform != "win32" and user == os.geteuid()


def _refused(scope: Scope, status: int, message: str, code: str) -> Response:
    """Say why, in a way that every part of the page understands."""
    body = error_body(status, message, code)
    if scope["path"] == "/api/status":
        # Pages of 0.1.0 that are still open show what this says.
        body["model"] = {"state": "failed", "message": message}
    headers = {RELAY_ERROR: code} if scope["path"] == "/api/relay" else {}
    if status == 401:
        headers["www-authenticate"] = "Tokenfall"
    return JSONResponse(body, status, headers)
