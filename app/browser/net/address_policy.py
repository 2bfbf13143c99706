"""Addresses that the page may call: its own policy and the browser's rules, as sentences.

Pure, so that it can be tested anywhere. The policy itself is the server's (`connect-src`).
"""

from urllib.parse import urlsplit

from ...providers.loopback import is_callable_by_pages
from . import words


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def forbidden(url: str, page_url: str) -> str:
    """Say why the page may not call this address, empty where it may."""
    try:
        parts = urlsplit(url)
        host = parts.netloc
    except ValueError:
        return words.no_address(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return words.no_address(url)
    if parts.scheme == "https" or origin(url) == origin(page_url) or is_callable_by_pages(url):
        return ""
    if urlsplit(page_url).scheme == "https":
        return words.mixed_content(host)
    return words.plain_http(host)
