"""The user of a connection, as Linux answers for that one, or lists it in /proc/net/tcp."""

import os
import socket
import sys
from pathlib import Path

import pytest

from app.server import peer
from app.server.peer import listed_user, user_of

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
V4 = (("127.0.0.1", 0xB66A), ("127.0.0.1", 8765))
V6 = (("::1", 0xB66A), ("::1", 8765))
MAPPED = (("::ffff:127.0.0.1", 0xB66A), ("::ffff:127.0.0.1", 8765))


def row(local: str, remote: str, *, st: str = "01", uid: int = 1000, inode: int = 7) -> str:
    return (
        f"   0: {local} {remote} {st} 00000000:00000000 00:00000000 00000000 {uid:5}        0 "
        f"{inode} 1 0000000000000000 20 4 30 10 -1"
    )


def table(*rows: str) -> str:
    return "\n".join([HEAD, *rows, ""])


LITTLE = {
    "v4": ("0100007F:B66A", "0100007F:223D"),
    "v6": ("00000000000000000000000001000000:B66A", "00000000000000000000000001000000:223D"),
    "mapped": ("0000000000000000FFFF00000100007F:B66A", "0000000000000000FFFF00000100007F:223D"),
}
BIG = {
    "v4": ("7F000001:B66A", "7F000001:223D"),
    "v6": ("00000000000000000000000000000001:B66A", "00000000000000000000000000000001:223D"),
    "mapped": ("00000000000000000000FFFF7F000001:B66A", "00000000000000000000FFFF7F000001:223D"),
}


@pytest.mark.parametrize(
    ("ends", "kind"),
    [
        (V4, "v4"),
        (V6, "v6"),
        (V4, "mapped"),  # an IPv6 socket of the client
        (MAPPED, "v4"),  # an IPv6 socket of ours
        (MAPPED, "mapped"),
    ],
)
@pytest.mark.parametrize("order", ["little", "big"])
def test_the_clients_row_names_the_user(
    ends: tuple[peer.Address, peer.Address],
    kind: str,
    order: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "byteorder", order)
    theirs, ours = (LITTLE if order == "little" else BIG)[kind]
    # Our own side of the same connection, and another connection of the same client.
    rows = [row(ours, theirs, uid=1), row(theirs, ours), row(theirs, theirs[:-4] + "223E", uid=2)]
    assert listed_user(table(*rows), *ends) == 1000


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(*LITTLE["v4"][::-1])],
        [row(*LITTLE["v4"], st="06", uid=0, inode=0)],  # TIME_WAIT
        [row(*LITTLE["v4"], st="05", uid=0, inode=0)],  # closed by its process
        [row(*LITTLE["v4"], st="01", uid=0, inode=0)],
        [row(*LITTLE["v4"], st="02")],  # still connecting
        [row(*LITTLE["v4"], uid=1), row(*LITTLE["v4"], uid=2)],
        [row(*LITTLE["v4"])[:60]],
        [row("0100007F:B66A", "0100007F:223E")],
        [row("0200007F:B66A", "0100007F:223D")],
    ],
)
def test_without_one_open_row_nothing_is_told(rows: list[str]) -> None:
    assert listed_user(table(*rows), *V4) is None


def test_a_zone_is_no_part_of_an_address() -> None:
    words = "000080FE00000000FF005450B6AA01FE"
    listed = row(f"{words}:B66A", f"{words}:223D")
    link = "fe80::5054:ff:fe01:aab6%eth0"
    assert listed_user(table(listed), (link, 0xB66A), (link, 8765)) == 1000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such list")
@pytest.mark.parametrize(
    ("listens", "connects"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("::", "127.0.0.1"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
    ],
)
@pytest.mark.parametrize("queries", [True, False])
def test_real_connections(
    listens: str, connects: str, queries: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "_takes_queries", lambda: queries)
    family = socket.AF_INET6 if ":" in listens else socket.AF_INET
    with socket.create_server(
        (listens, 0), family=family, dualstack_ipv6=listens == "::"
    ) as server:
        client = socket.create_connection((connects, server.getsockname()[1]))
        accepted, theirs = server.accept()
        with accepted:
            ends = theirs[:2], accepted.getsockname()[:2]
            assert user_of(*ends) == os.geteuid()
            client.close()
            # Closed, it stays in the list as nobody's, which reads as root's.
            assert user_of(*ends) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such question")
def test_the_list_of_all_connections_is_not_read_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_text

    def no_list(path: Path, *arguments: str) -> str:
        assert not str(path).startswith("/proc/net/")
        return read(path, *arguments)

    monkeypatch.setattr(Path, "read_text", no_list)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert user_of(client.getsockname(), server.getsockname()) == os.geteuid()
        # The other side, which nobody has accepted, and the socket that listens.
        assert user_of(server.getsockname(), client.getsockname()) is None
        assert user_of(server.getsockname(), ("127.0.0.1", 1)) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such number")
def test_the_number_that_stands_for_all_unknown_users_of_a_container_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = Path.read_text
    listed = table(row(*LITTLE["v4"], uid=65534))
    files = {
        "/proc/net/tcp": listed,
        "/proc/net/tcp6": "",
        "/proc/sys/kernel/overflowuid": "65534\n",
        "/proc/self/uid_map": "         0       1000          1\n",
    }
    monkeypatch.setattr(Path, "read_text", lambda self, *a: files.get(str(self)) or read(self, *a))
    monkeypatch.setattr(sys, "byteorder", "little")
    monkeypatch.setattr(peer, "_takes_queries", lambda: False)
    assert user_of(*V4) is None
    files["/proc/self/uid_map"] = "         0          0 4294967295\n"
    assert user_of(*V4) == 65534


@pytest.mark.parametrize(
    ("user", "is_service"),
    [(0, True), (33, True), (1000, False), (60_010, False), (61_184, True), (100_005, False)]
    + [(200_000, False), (1_234_601_104, False)],
)
def test_people_of_a_directory_are_no_services(user: int, is_service: bool) -> None:
    assert peer.is_service(user) is is_service
