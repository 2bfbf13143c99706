"""HTTP over one connection, and the facts of that connection."""

import asyncio
from functools import cached_property

from starlette.types import Scope

from . import peer
from .limits import LimitedProtocol


class Connection:
    """One connection, for as long as it lasts. `is_proven`: the token was proved over it, which
    `nonces` belong to.
    """

    def __init__(self, theirs: peer.Address, ours: peer.Address) -> None:
        self._theirs = theirs
        self.ours = ours
        self.nonces: tuple[str, ...] = ()
        self.is_proven = False

    @cached_property
    def user(self) -> int | None:
        """The user of this computer at the other end; None where the system does not tell."""
        return peer.user_of(self._theirs, self.ours)


class Protocol(LimitedProtocol):
    """One connection, whose requests also know their connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, as soon as the connection is accepted."""
        super().connection_made(transport)
        if self.client is not None and self.server is not None and self.server[1] is not None:
            connection = Connection(self.client, (self.server[0], self.server[1]))
            # Each request gets a copy of it as the state of its scope.
            self.app_state = {**self.app_state, "connection": connection}


def connection_of(scope: Scope) -> Connection | None:
    """Give the connection of a request; None where it came in another way."""
    connection = scope.get("state", {}).get("connection")
    return connection if isinstance(connection, Connection) else None
