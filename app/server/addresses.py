"""Addresses of the network that the relay may ask."""

import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Addresses that tell a machine in a data centre its secrets or run it, other than link-local
# ones, and ranges that no person means.
_FOR_MACHINES: list[Network] = [
    ip_network(each)
    for each in (
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
        # https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
        "fd00:ec2::/32",
        # https://docs.cloud.google.com/compute/docs/metadata/querying-metadata
        "fd20:ce::254",
        # https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
        "100.100.100.200",
        "fd00:100::100:200",
        # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
        "168.63.129.16",
        # Oracle: https://github.com/oracle/oci-python-sdk (instance_principals_…_signer.py); its
        # Classic had 192.0.0.192, see below.
        "fd00:c1::a9fe:a9fe",
        # Scaleway: https://docs.cloud-init.io/en/latest/reference/datasources/scaleway.html
        "fd00:42::42",
        # https://techdocs.akamai.com/cloud-computing/docs/metadata-service-api
        "fd00:a9fe:a9fe::1",
        # https://www.iana.org/assignments/iana-ipv4-special-registry: protocol assignments, 6to4
        # relays, reserved (broadcast is one of them).
        "192.0.0.0/24",
        "192.88.99.0/24",
        "240.0.0.0/4",
        # Site-local, as link-local was meant to be: RFC 3879.
        "fec0::/10",
    )
]
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
# Each is a network of its own, to which nobody outside has a way.
_PRIVATE = [
    IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
]
_UNIQUE_LOCAL = IPv6Network("fc00::/7")
_GLOBAL_UNICAST = IPv6Network("2000::/3")

# IPv6 addresses that stand for the IPv4 one at their end: mapped, translated (RFC 2765),
# compatible (RFC 4291, 2.5.5.1), NAT64 (RFC 6052, 2.1).
_ENDS_IN_IPV4 = [
    IPv6Network(each) for each in ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96")
]
# NAT64 of a network's own (RFC 8215): which bytes are the IPv4 one is for its prefix to say, and
# that is not known here (RFC 6052, 2.2).
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_LOCAL_NAT64_BYTES = ((12, 13, 14, 15), (6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12))
_ISATAP = (b"\0\0\x5e\xfe", b"\2\0\x5e\xfe")  # RFC 5214, 6.1


def is_loopback_host(host: str) -> bool:
    """Tell whether a server that listens on this host is reached from its own computer only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def may_be_asked(
    address: Address, port: int, own_port: int, *, stranger: Address | None = None
) -> bool:
    """Tell whether the relay may connect there. `own_port` is the port of this server.

    Not to what is meant for machines and not for people (link-local, metadata, multicast), and not
    to itself. This computer and its network are what people run model servers on.

    Where others can reach the server, `stranger` is who asks: not for them to this computer, and
    to a private network only where they are in it, for then they have a way there themselves.
    """
    for meant in _meant_by(address):
        if meant.is_link_local or meant.is_multicast or _is_in(meant, _FOR_MACHINES):
            return False
        if meant in _THIS_NETWORK and not meant.is_unspecified:
            return False
        if (stranger or port == own_port) and _is_this_computer(meant):
            return False
        if stranger and not _is_public(meant) and not _share_a_network(meant, stranger):
            return False
    return True


def _meant_by(address: Address) -> Iterator[Address]:
    """Every address that a packet to this one may end at."""
    if isinstance(address, IPv4Address):
        yield address
        return
    data = address.packed
    if _is_in(address, _ENDS_IN_IPV4) and int(address) > 1:  # but for :: and ::1
        yield IPv4Address(data[12:])
        return
    yield address
    if address in _LOCAL_NAT64:
        forms = (IPv4Address(bytes(data[at] for at in form)) for form in _LOCAL_NAT64_BYTES)
        yield from (form for form in forms if form not in _THIS_NETWORK)
    if address.sixtofour:
        yield address.sixtofour
    yield from address.teredo or ()
    if data[8:12] in _ISATAP:
        yield IPv4Address(data[12:])


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    return address.is_global and (address.version == 4 or address in _GLOBAL_UNICAST)


def _share_a_network(address: Address, other: Address) -> bool:
    """Tell whether both are in the same private network, as far as their numbers tell."""
    for one in _meant_by(other):
        if any(address in network and one in network for network in _PRIVATE):
            return True
        if one in _UNIQUE_LOCAL and address in ip_network((int(one), 48), strict=False):
            return True  # RFC 4193, 3.1
    return False


def _is_this_computer(address: Address) -> bool:
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        # Nobody can bind an address that is another computer's.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
