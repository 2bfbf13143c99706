"""The user of this computer at the other end of a connection.

Linux tells of every TCP socket which user it belongs to. A connection within this computer has two,
one at each side: the one whose own address is the client's names the client's user. It is asked
for that one (`socket_query`); where it takes no such question, its list of all is read, which takes
milliseconds once there are thousands. Other systems have no such list for everybody, nor has Linux
where it is shut off (Android, gVisor).
"""

import os
import platform
import socket
import sys
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from .socket_query import queried_user

# An IP address and a port, as sockets name them.
Address = tuple[str, int]

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_ESTABLISHED = "01"
_LIMIT_S = 5.0
# The kernel writes the table a page at a time, and may leave out a row while others come and go.
_READINGS = 3


def user_of(theirs: Address, ours: Address) -> int | None:
    """Look up who has connected from `theirs` to `ours`; None where the system does not tell."""
    user = _queried(theirs, ours) if _takes_queries() else _listed(theirs, ours)
    return None if user is None or _stands_for_others(user) else user


@cache
def tells() -> bool:
    """Tell whether this system names a connection's user.

    Under WSL a browser of Windows comes through a process of another user, so nothing is told.
    """
    return "microsoft" not in platform.release().lower() and _finds_ours(user_of)


@cache
def _takes_queries() -> bool:
    return _finds_ours(_queried)


def _finds_ours(find: Callable[[Address, Address], int | None]) -> bool:
    """Try with a connection of our own."""
    if sys.platform != "linux":
        return False
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname(), _LIMIT_S) as client,
        ):
            return find(client.getsockname(), server.getsockname()) == os.geteuid()
    except OSError:
        return False


def _queried(theirs: Address, ours: Address) -> int | None:
    return queried_user(_known(theirs[0]), theirs[1], _known(ours[0]), ours[1])


def _listed(theirs: Address, ours: Address) -> int | None:
    # Each table costs some milliseconds, so the likelier one comes first.
    names = _TABLES if ":" not in theirs[0] else _TABLES[::-1]
    for name in names * _READINGS:
        try:
            table = Path(name).read_text("ascii")
        except OSError:
            continue  # IPv6 can be switched off, and the tables be shut off
        user = listed_user(table, theirs, ours)
        if user is not None:
            return user
    return None


def is_service(user: int) -> bool:
    """Tell whether this is an account of a program, as www-data, and not of a person: the numbers
    below those of people in /etc/login.defs, and those that systemd gives to services as they
    start. Numbers above are people of a directory and of containers.
    """
    return user < 1000 or 61_184 <= user <= 65_519


def listed_user(table: str, theirs: Address, ours: Address) -> int | None:
    """Find the user in a table that looks like /proc/net/tcp; None where no row or more than one
    user fits.

    A socket that its process has closed stays in the table for a while, without an inode and,
    whoever it belonged to, with user 0. So only an open one counts.
    """
    users = set()
    for there, here in zip(_spellings(theirs), _spellings(ours), strict=False):
        wanted = f": {there} {here} {_ESTABLISHED} "
        begin = table.find(wanted)
        while begin >= 0:
            end = table.find("\n", begin)
            fields = table[begin : end if end >= 0 else None].split()
            if len(fields) > 9 and fields[9] != "0":  # the inode
                users.add(int(fields[7]))
            begin = table.find(wanted, begin + 1)
    return users.pop() if len(users) == 1 else None


def _spellings(address: Address) -> list[str]:
    """Give the forms in which the tables may write an address: an IPv4 one also as an IPv6 one that
    stands for it.
    """
    host, port = address
    known = _known(host)
    both: list[IPv4Address | IPv6Address] = [known]
    if isinstance(known, IPv4Address):
        both.append(IPv6Address(b"\0" * 10 + b"\xff\xff" + known.packed))
    return [f"{_hex(each.packed)}:{port:04X}" for each in both]


def _known(host: str) -> IPv4Address | IPv6Address:
    """Read an address without its zone; an IPv6 one that stands for an IPv4 one is that."""
    known = ip_address(host.partition("%")[0])
    return (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known


def _hex(packed: bytes) -> str:
    """Write an address as the kernel does: words of four bytes, each a number of this machine. On
    x86 and ARM 127.0.0.1 is 0100007F, on a big-endian machine 7F000001.
    """
    words = (packed[n : n + 4] for n in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _stands_for_others(user: int) -> bool:
    """Tell whether this number stands for every user that a container does not know."""
    try:
        overflow = int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))
        known = Path("/proc/self/uid_map").read_text("ascii").split()
    except (OSError, ValueError):
        return False
    return user == overflow and known != ["0", "0", str(2**32 - 1)]
