"""Hosts that the Python of a chat may be let reach: none of this computer or its network, and not
the page's own. Pure: the browser has read the address before.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address

from . import words

# Names that mean this computer, or one of its network.
_NEAR = ("localhost", "local", "internal", "lan", "home", "intranet", "home.arpa")
# What is global of IPv6 (RFC 4291); beside it there are several ways to write an IPv4 address.
_GLOBAL = IPv6Network("2000::/3")


def refusal(protocol: str, hostname: str, page_hostname: str) -> str:
    """Say why this host may never be asked; empty where the person decides."""
    name = hostname.lower().rstrip(".")
    if protocol != "https:":
        return words.only_https(name)
    if name == page_hostname.lower().rstrip("."):
        return words.OWN_HOST
    return "" if _is_public(name) else words.not_public(name)


def _is_public(name: str) -> bool:
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return "." in name and not any(name == end or name.endswith(f".{end}") for end in _NEAR)
    if isinstance(address, IPv6Address) and (
        address not in _GLOBAL or address.sixtofour or address.teredo
    ):
        return False
    return address.is_global and not address.is_multicast
