"""Hosts that the Python of a chat may be let reach: none of this computer or its network, and not
the page's own. Pure: the browser has read the address before.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from . import words

# Names that mean this computer, or one of its network (as web/addresses.mjs has them).
_NEAR = (
    *("localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home"),
    *("lan", "home.arpa", "fritz.box", "test"),
)
# Public names that lead to this computer, and are there for that.
_LEAD_HERE = ("localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "localhost.direct")
# Public names that lead to the address that stands in them: `10.0.0.1.nip.io`, `10-0-0-1.sslip.io`,
# `0a000001.nip.io`, `--1.sslip.io`.
_LEAD_TO_NUMBERS = ("nip.io", "sslip.io", "xip.io", "traefik.me", "backname.io", "ip.addr.tools")
_NUMBERS = re.compile(r"(?<![0-9])(?=([0-9]{1,3}(?:[.-][0-9]{1,3}){3})(?![0-9]))")
_HEX = re.compile(r"[0-9a-f]{8}")
# Of a name that anybody could look up (RFC 1035): a person is shown it.
_LONGEST = 253
# What is global of IPv6 (RFC 4291); beside it there are several ways to write an IPv4 address.
_GLOBAL = IPv6Network("2000::/3")


def refusal(protocol: str, hostname: str, page_hostname: str) -> str:
    """Say why this host may never be asked; empty where the person decides."""
    name = hostname.lower().rstrip(".")
    if protocol != "https:":
        return words.only_https(name)
    if len(name) > _LONGEST:
        return words.no_address(name)
    if name == page_hostname.lower().rstrip("."):
        return words.OWN_HOST
    return "" if _is_public(name) else words.not_public(name)


def _is_public(name: str) -> bool:
    try:
        return _is_public_address(name.strip("[]"))
    except ValueError:
        if "." not in name or _is_below(name, (*_NEAR, *_LEAD_HERE)):
            return False
        return not _is_below(name, _LEAD_TO_NUMBERS) or all(map(_is_public_address, _held(name)))


def _is_below(name: str, ends: Iterable[str]) -> bool:
    return any(name == end or name.endswith(f".{end}") for end in ends)


def _held(name: str) -> Iterator[str]:
    """Give the addresses that stand in a name."""
    found = [each.replace("-", ".") for each in _NUMBERS.findall(name)]
    for label in name.split("."):
        found += [str(IPv4Address(int(each, 16))) for each in _HEX.findall(label)]
        found.append(label.replace("-", ":"))
    for each in found:
        with suppress(ValueError):
            yield str(ip_address(each))


def _is_public_address(written: str) -> bool:
    address = ip_address(written)
    if isinstance(address, IPv6Address) and (
        address not in _GLOBAL or address.sixtofour or address.teredo
    ):
        return False
    return address.is_global and not address.is_multicast
