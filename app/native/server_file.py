"""The file by which the terminal finds a running `serve.py` of the same folder: only its user reads
it.

Anybody may listen on a port. Both sides know the token that the file holds, and prove it to each
other by a keyed hash, so the token itself goes over no connection. The proof names the address that
was connected to: passed on to the real server by another program, it does not fit.
"""

import hmac
import secrets
from contextlib import suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Literal

import msgspec

from . import private_file
from .private_file import NotPrivateError

NAME = "server.json"
# Where a connection is proved: see `server/proving.py`.
PROOF_PATH = "/api/proof"


class RunningServer(msgspec.Struct, frozen=True):
    """One that runs. `address` is an IP address to connect to, `instance` names the folder's
    servers, `pid` the process.
    """

    version: str
    address: str
    port: int
    token: str
    instance: str
    pid: int
    is_secure: bool = False  # it speaks https

    def __repr__(self) -> str:
        return f"RunningServer({self.address}, {self.port})"


class Proof(msgspec.Struct, frozen=True):
    """One side's message; `nonce` is the server's, the terminal has sent its own before."""

    proof: str
    nonce: str = ""


def announce(runtime: Path, server: RunningServer) -> None:
    """Write the file. Raises `OSError` where that cannot be."""
    private_file.replace(runtime / NAME, [msgspec.json.encode(server).decode()])


def withdraw(runtime: Path, server: RunningServer) -> None:
    """Take the file away, unless another server has written its own meanwhile."""
    with suppress(OSError, NotPrivateError, msgspec.MsgspecError):
        if announced(runtime) == server:
            (runtime / NAME).unlink()


def announced(runtime: Path) -> RunningServer | None:
    """Read the file; None where no server has written one.

    Raises:
        NotPrivateError: Another user may have written or read it.
        OSError: It cannot be read.
        MsgspecError: It is not such a file.
    """
    try:
        return msgspec.json.decode(private_file.read(runtime / NAME), type=RunningServer)
    except FileNotFoundError:
        return None


def new_nonce() -> str:
    """Make a value that was never sent before."""
    return secrets.token_urlsafe(32)


def proof_of(
    side: Literal["server", "terminal"], token: str, address: str, port: int, *nonces: str
) -> str:
    """Prove the token for a connection to this address; `nonces` are the terminal's and the
    server's.
    """
    said = "\n".join(("tokenfall", side, _plain(address), str(port), *nonces))
    return hmac.new(token.encode(), said.encode(), sha256).hexdigest()


def is_same(said: str, known: str) -> bool:
    """Compare secrets in a time that tells nothing of where they differ."""
    return hmac.compare_digest(said.encode(), known.encode())


def _plain(address: str) -> str:
    """Give one spelling for an address, as IPv4 where it is that inside."""
    known = ip_address(address.partition("%")[0])
    return str((known.ipv4_mapped if isinstance(known, IPv6Address) else None) or known)
