"""Keys that a browser has remembered, kept here for it: the browser itself keeps a ticket.

    POST api/keys/keep     {"key": "sk-…"}           -> {"ticket": "…"}
    POST api/keys/open     {"tickets": ["…", …]}     -> {"keys": {"…": "sk-…"}}
    POST api/keys/forget   {"tickets": ["…", …]}

What a page keeps in its browser belongs to its host and port, so the next program on that port can
read it: a ticket is of no use there, for this server alone has the key behind it. Another person
with another browser may ask this server too, but has no ticket. Each key is a file of its own for
its owner only, named by its ticket's hash: nothing is read, changed and written back, so several
servers of one folder are in nobody's way.
"""

import secrets
from hashlib import sha256
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..native import private_file
from .errors import api_error

_LONGEST_KEY = 16_384
# So many providers nobody has; it bounds what a page that goes mad can write.
_MOST_KEYS = 1000


class _Keep(msgspec.Struct):
    key: str


class _Tickets(msgspec.Struct):
    tickets: list[str]


class KeptKeys:
    """The keys in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, key: str) -> str:
        """Keep a key; give its ticket. Raises `OSError` where it cannot be written."""
        ticket = secrets.token_urlsafe(32)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_file.create(self._file(ticket), key.encode())
        return ticket

    def open(self, ticket: str) -> str | None:
        """The key behind a ticket; None where there is none, or others could have put it there."""
        try:
            return private_file.read(self._file(ticket)).decode()
        except (OSError, private_file.NotPrivateError, UnicodeDecodeError):
            return None

    def forget(self, ticket: str) -> None:
        """Remove the key behind a ticket, where there is one."""
        self._file(ticket).unlink(missing_ok=True)

    @property
    def is_full(self) -> bool:
        """Tell whether no further key is taken."""
        return self._folder.is_dir() and sum(1 for _ in self._folder.iterdir()) >= _MOST_KEYS

    def _file(self, ticket: str) -> Path:
        return self._folder / sha256(ticket.encode("utf-8", "replace")).hexdigest()


def key_routes(keys: KeptKeys) -> list[Route]:
    """The addresses by which a page keeps its keys here. `access` decides before who may ask at
    all.
    """

    async def keep(request: Request) -> Response:
        try:
            key = msgspec.json.decode(await request.body(), type=_Keep).key
            key.encode()
        except (msgspec.MsgspecError, UnicodeEncodeError):
            return _no_json()
        if not 0 < len(key) <= _LONGEST_KEY:
            return api_error(400, "a key has at least 1 and at most 16,384 characters", "bad_key")
        try:
            if keys.is_full:
                return api_error(507, "too many keys are kept; forget some first", "too_many_keys")
            return _json({"ticket": keys.keep(key)})
        except OSError as error:
            return api_error(507, f"the key cannot be written: {error.strerror}", "not_written")

    async def open_(request: Request) -> Response:
        if (tickets := await _tickets(request)) is None:
            return _no_json()
        found = ((ticket, keys.open(ticket)) for ticket in tickets)
        return _json({"keys": {ticket: key for ticket, key in found if key is not None}})

    async def forget(request: Request) -> Response:
        if (tickets := await _tickets(request)) is None:
            return _no_json()
        try:
            for ticket in tickets:
                keys.forget(ticket)
        except OSError as error:
            return api_error(507, f"the key cannot be removed: {error.strerror}", "not_removed")
        return Response(status_code=204)

    handlers = {"keep": keep, "open": open_, "forget": forget}
    return [Route(f"/api/keys/{name}", each, methods=["POST"]) for name, each in handlers.items()]


async def _tickets(request: Request) -> list[str] | None:
    try:
        tickets = msgspec.json.decode(await request.body(), type=_Tickets).tickets
    except msgspec.MsgspecError:
        return None
    return tickets if len(tickets) <= _MOST_KEYS else None


def _json(value: object) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(value), headers=headers, media_type="application/json")


def _no_json() -> Response:
    return api_error(400, "this is not what a page asks here", "bad_request")
