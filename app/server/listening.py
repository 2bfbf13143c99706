"""The sockets that the server listens on, and the address by which it is reached. Only the standard
library: `command` reads the default before the set-up.
"""

import errno
import socket
import sys
from collections.abc import Sequence

from ..setup.errors import SetupError

DEFAULT_HOST = "127.0.0.1"
# Fixed, because the browser keeps a person's history by address, port included.
DEFAULT_PORT = 8765

# Hosts for all addresses of this computer, and one of them by which it reaches itself.
ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def listen(host: str, port: int) -> list[socket.socket]:
    """Bind the sockets to listen on; port 0 takes a free one.

    For the default host that is 127.0.0.1 and, where there is IPv6, also ::1 with the same
    port: browsers try both for `localhost`, and another program must not answer on one of them.

    Raises:
        SetupError: The port is taken, or this computer has no such address.
    """
    first = _bind(host, port)
    if host != DEFAULT_HOST:
        return [first]
    taken = first.getsockname()[1]
    try:
        return [first, _bind("::1", taken)]
    except SetupError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
            first.close()
            # A free port was asked for, and this one is free on one side only.
            if port == 0:
                return listen(host, 0)
            raise
        return [first]


def address(host: str, port: int, certified: Sequence[str] = ()) -> str:
    """Give the URL to open for a server that listens on this host; with https, where it has a
    certificate for these names, the first of which browsers come by.
    """
    if host in (DEFAULT_HOST, "::1", *ALL_ADDRESSES):
        host = "localhost"
    if certified and host not in certified:
        host = next((name for name in certified if "*" not in name), host)
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if certified else 'http'}://{name}:{port}"


def to_connect(address: str) -> str:
    """Give the address by which programs of this computer reach a server that listens on this
    one.
    """
    return ALL_ADDRESSES.get(address, address)


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    try:
        if sys.platform == "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Without it, a port rests for a minute after each stop.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
        # Also on Linux another program may bind the same address until somebody listens.
        bound.listen()
    except OSError as error:
        bound.close()
        raise _cannot_listen(host, port, error) from error
    return bound


def _cannot_listen(host: str, port: int, error: OSError) -> SetupError:
    if error.errno == errno.EADDRINUSE:
        return SetupError(
            f"Port {port} is in use. If that is Tokenfall, open {address(host, port)}; "
            f"if not, choose another port: --port {port + 1 if port < 65535 else 8765}"
        )
    if error.errno == errno.EACCES:
        return SetupError(f"Port {port} is reserved by the system. Choose one above 1023: --port")
    return SetupError(
        f"Cannot listen on {host}, port {port}: {error.strerror}. "
        f"--host takes an address of this computer; without it, that is {DEFAULT_HOST}."
    )
