"""Addresses: whether one is of the web at all, is on this very computer, and of which host."""

from urllib.parse import urlsplit

# As `urlsplit` has them.
_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# A page's policy (`connect-src`) has no word for the third.
_NAMES_IN_POLICIES = _NAMES - {"::1"}


def is_web_address(url: str) -> bool:
    """Tell whether the text is a whole address that http or https leads to."""
    return hostname(url) != "" and urlsplit(url).scheme in ("http", "https")


def is_loopback(url: str) -> bool:
    """Tell whether the address is on this computer."""
    return hostname(url) in _NAMES


def is_callable_by_pages(url: str) -> bool:
    """Tell whether it is on this computer, in a form that a page may call over plain http."""
    return hostname(url) in _NAMES_IN_POLICIES


def hostname(url: str) -> str:
    """The name in small letters, an IPv6 address without brackets; "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # such as an unfinished IPv6 address
        return ""
