"""Addresses that the relay may ask, by every way of writing one."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address
from types import SimpleNamespace

import pytest

from app.server.addresses import may_be_asked

OWN_PORT = 8765

# IPv6 addresses that lead to an IPv4 one, by the IPv4 one's four bytes.
WRITTEN_IN_IPV6: dict[str, Callable[[bytes], bytes]] = {
    "mapped": lambda four: bytes(10) + b"\xff\xff" + four,
    "translated": lambda four: bytes(8) + b"\xff\xff\0\0" + four,
    "compatible": lambda four: bytes(12) + four,
    "NAT64": lambda four: b"\0\x64\xff\x9b" + bytes(8) + four,
    "local NAT64, /96": lambda four: b"\0\x64\xff\x9b\0\1" + bytes(6) + four,
    "local NAT64, /48": lambda four: b"\0\x64\xff\x9b\0\1" + four[:2] + b"\0" + four[2:] + bytes(5),
    "local NAT64, /56": lambda four: (
        b"\0\x64\xff\x9b\0\1\7" + four[:1] + b"\0" + four[1:] + bytes(4)
    ),
    "local NAT64, /64": lambda four: b"\0\x64\xff\x9b\0\1\7\7\0" + four + bytes(3),
    "6to4": lambda four: b"\x20\2" + four + bytes(9) + b"\1",
    "Teredo's client": lambda four: (
        b"\x20\1\0\0\x08\x08\x08\x08" + bytes(4) + bytes(255 - byte for byte in four)
    ),
    "Teredo's server": lambda four: b"\x20\1\0\0" + four + bytes(4) + bytes([247] * 4),
    "ISATAP": lambda four: b"\x20\1\x0d\xb9" + bytes(4) + b"\0\0\x5e\xfe" + four,
    "ISATAP, unique": lambda four: b"\x20\1\x0d\xb9" + bytes(4) + b"\2\0\x5e\xfe" + four,
}
FOR_MACHINES = [
    *("169.254.169.254", "169.254.1.1", "169.254.170.2", "100.100.100.200", "168.63.129.16"),
    *("192.0.0.192", "192.0.0.8", "192.88.99.1", "0.1.2.3", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.1", "255.255.255.255"),
]


@pytest.mark.parametrize(
    "address",
    [
        *FOR_MACHINES,
        *("fd00:ec2::254", "fd00:ec2::23", "fd00:ec2::254%1", "fd20:ce::254", "fd00:c1::a9fe:a9fe"),
        *("fd00:42::42", "fd00:a9fe:a9fe::1", "fd00:100::100:200"),
        *("fe80::1", "fe80::1%eth0", "fe80::a9fe:a9fe", "fec0::1", "ff02::1", "ff0e::1"),
        *("64:ff9b:1::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    ],
)
def test_what_is_for_machines_is_not_asked(address: str) -> None:
    assert not may_be_asked(ip_address(address), 80, OWN_PORT)


@pytest.mark.parametrize(
    ("address", "way"),
    [
        (address, way)
        for address in FOR_MACHINES
        for way in WRITTEN_IN_IPV6
        # There zeros mean that nothing is written.
        if not (address.startswith("0.") and "local" in way)
    ],
)
def test_nor_by_way_of_ipv6(address: str, way: str) -> None:
    written = ip_address(WRITTEN_IN_IPV6[way](IPv4Address(address).packed))
    assert not may_be_asked(written, 80, OWN_PORT)


@pytest.mark.parametrize("way", [None, *WRITTEN_IN_IPV6])
def test_this_server_is_not_asked(way: str | None) -> None:
    loopback = IPv4Address("127.1.2.3")
    address = ip_address(WRITTEN_IN_IPV6[way](loopback.packed)) if way else loopback
    assert not may_be_asked(address, OWN_PORT, OWN_PORT)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "0.0.0.0", "::", "::1%lo", "::ffff:0.0.0.0"]
)
def test_this_computer_is_asked_at_another_port_by_its_own_person_only(address: str) -> None:
    assert may_be_asked(ip_address(address), 11434, OWN_PORT)
    assert not may_be_asked(ip_address(address), OWN_PORT, OWN_PORT)
    for stranger in ("127.0.0.1", "::1", "192.168.1.20", "8.8.8.8", "2606:4700::1"):
        assert not may_be_asked(ip_address(address), 11434, OWN_PORT, stranger=ip_address(stranger))


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "10.1.2.3", "172.20.0.1", "192.168.1.5", "100.64.0.7", "198.18.0.4"),
        *("2606:4700::1111", "fd12:3456::1", "64:ff9b::808:808", "64:ff9b:1::a01:203"),
    ],
)
def test_people_are_asked_for(address: str) -> None:
    assert may_be_asked(ip_address(address), 443, OWN_PORT)
    assert may_be_asked(ip_address(address), OWN_PORT, OWN_PORT)


@pytest.mark.parametrize(
    ("address", "stranger", "may"),
    [
        ("8.8.8.8", "192.168.1.20", True),
        ("8.8.8.8", "127.0.0.1", True),
        ("2606:4700::1111", "::1", True),
        ("64:ff9b::808:808", "8.8.4.4", True),
        # A private network: for those who are in it, and have a way there themselves.
        ("192.168.1.5", "192.168.1.20", True),
        ("192.168.1.5", "::ffff:192.168.1.20", True),
        ("::ffff:192.168.1.5", "192.168.1.20", True),
        ("fd12:3456:789a::1", "fd12:3456:789a:1::7", True),
        ("fd12:3456:789b::1", "fd12:3456:789a:1::7", False),
        ("192.168.1.5", "10.0.0.7", False),
        ("10.0.0.7", "192.168.1.20", False),
        ("172.17.0.2", "192.168.1.20", False),  # as Docker's, on this computer
        ("100.64.0.7", "8.8.8.8", False),
        ("192.168.1.5", "8.8.8.8", False),
        ("192.168.1.5", "127.0.0.1", False),  # a proxy in front: nobody knows whose it is
        ("fd12:3456:789a::1", "::1", False),
        ("fd12:3456:789a::1", "2606:4700::1", False),
        ("198.18.0.4", "192.168.1.20", False),
        ("203.0.113.1", "192.168.1.20", False),
        ("2001:db8::1", "2001:db8::2", False),
        ("64:ff9b:1::808:808", "192.168.1.20", False),
        ("100::1", "192.168.1.20", False),
        ("4000::1", "192.168.1.20", False),
        ("2002:c0a8:105::1", "8.8.8.8", False),
    ],
)
def test_for_others_it_is_asked_where_they_could_ask_themselves(
    address: str, stranger: str, may: bool
) -> None:
    whose = ip_address(stranger)
    assert may_be_asked(ip_address(address), 443, OWN_PORT, stranger=whose) is may


def test_an_address_of_this_computer_in_its_network_is_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Bound:
        """A socket of a computer that has every address in 192.168.1.0/30."""

        def __init__(self, *kind: object) -> None: ...

        def __enter__(self) -> "Bound":
            return self

        def __exit__(self, *error: object) -> None: ...

        def bind(self, where: tuple[str, int]) -> None:
            if not where[0].startswith("192.168.1.2"):
                raise OSError

    names = SimpleNamespace(**vars(socket) | {"socket": Bound})
    monkeypatch.setattr("app.server.addresses.socket", names)
    neighbour = ip_address("192.168.1.20")
    assert not may_be_asked(ip_address("192.168.1.2"), 22, OWN_PORT, stranger=neighbour)
    assert may_be_asked(ip_address("192.168.1.5"), 22, OWN_PORT, stranger=neighbour)
    assert not may_be_asked(ip_address("192.168.1.2"), OWN_PORT, OWN_PORT)
    assert may_be_asked(ip_address("192.168.1.2"), 22, OWN_PORT)
