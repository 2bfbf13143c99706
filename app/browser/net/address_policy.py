"""Addresses that the page may call: its own policy and the browser's rules, as sentences.

Pure, so that it can be tested anywhere. The policy itself is the server's (`connect-src`).
"""

from urllib.parse import urlsplit

from ...providers.loopback import is_callable_by_pages, is_web_address
from . import words


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def forbidden(url: str, page_url: str) -> str:
    """Say why the page may not call this address, empty where it may."""
    if not is_web_address(url):
        return words.no_address(url)
    parts = urlsplit(url)
    if parts.scheme == "https" or origin(url) == origin(page_url) or is_callable_by_pages(url):
        return ""
    if urlsplit(page_url).scheme == "https":
        return words.mixed_content(parts.netloc)
    return words.plain_http(parts.netloc)
