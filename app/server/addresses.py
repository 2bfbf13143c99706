"""Which addresses of the network the relay may ask."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# What tells a machine in a data centre its secrets, where that is not a link-local address:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
# https://docs.cloud.google.com/compute/docs/metadata/querying-metadata
# https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
_METADATA = {
    ip_address("fd00:ec2::254"),
    ip_address("fd20:ce::254"),
    ip_address("100.100.100.200"),
}
# IPv6 addresses that lead to an IPv4 one: https://www.rfc-editor.org/rfc/rfc6052#section-2.1
_NAT64 = IPv6Network("64:ff9b::/96")


def is_loopback_host(host: str) -> bool:
    """Whether a server that listens on this host is reached from its own computer only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def may_be_asked(address: Address, port: int, own_port: int) -> bool:
    """Whether the relay may connect there. `own_port` is the port of this server.

    Not to what is meant for machines and not for people (link-local, metadata, multicast), and not
    to itself. This computer and its network are what people run model servers on.
    """
    inner = _inner(address)
    if inner.is_link_local or inner.is_multicast or inner in _METADATA:
        return False
    if inner.version == 4 and inner.is_reserved:  # broadcast too; of IPv6, ::1 counts as reserved
        return False
    return port != own_port or not _is_this_computer(inner)


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for; where there is none, the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


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
