"""Linux's answer to the question whose one TCP socket is, by its two addresses (sock_diag(7)).

It is found by its hash, so the answer costs the same among any number of connections.
"""

import socket
import struct
from ipaddress import IPv4Address, IPv6Address

_SOCK_DIAG = 4  # NETLINK_SOCK_DIAG
_BY_FAMILY = 20  # SOCK_DIAG_BY_FAMILY
_REQUEST = 1  # NLM_F_REQUEST, of one and not of all
_ESTABLISHED = 1
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = b"\xff" * 8
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_QUERY = struct.Struct("=BBBxI")  # struct inet_diag_req_v2, before the addresses
_ENDS = struct.Struct("!HH16s16s4x8s")  # struct inet_diag_sockid
_ANSWER = struct.Struct("=xBxx48x12xII")  # struct inet_diag_msg
_ANSWER_BYTES = 4096


def queried_user(
    there: IPv4Address | IPv6Address, port: int, here: IPv4Address | IPv6Address, here_port: int
) -> int | None:
    """Ask for the user of the open socket that is bound to the first address and connected to the
    second; None where there is none, or no answer.
    """
    family = socket.AF_INET if there.version == 4 else socket.AF_INET6
    query = _QUERY.pack(family, socket.IPPROTO_TCP, 0, _ANY_STATE)
    query += _ENDS.pack(port, here_port, there.packed, here.packed, _NO_COOKIE)
    head = _HEADER.pack(_HEADER.size + len(query), _BY_FAMILY, _REQUEST, 0, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
            kernel.setblocking(False)  # the answer is there when the question is sent
            kernel.sendto(head + query, (0, 0))
            answer = kernel.recv(_ANSWER_BYTES)
    except OSError:
        return None
    if len(answer) < _HEADER.size + _ANSWER.size or _HEADER.unpack_from(answer)[1] != _BY_FAMILY:
        return None
    state, user, inode = _ANSWER.unpack_from(answer, _HEADER.size)
    # One that listens there stands in for one that is gone. One that its process has closed has no
    # inode, and belongs to nobody.
    return int(user) if state == _ESTABLISHED and inode else None
