"""Data URLs, taken apart for protocols that send a file's type and its bytes separately."""

import re

_DATA_URL = re.compile(r"data:(?P<type>[^;,]*)(?:;[^;,]*)*?;base64,(?P<data>.*)", re.DOTALL)


def parse_data_url(url: str) -> tuple[str, str] | None:
    """Return type and base64 text of a data URL; None where it is another URL."""
    found = _DATA_URL.fullmatch(url)
    return (found["type"], found["data"]) if found else None


def data_url(mime_type: str, base64_text: str) -> str:
    """The data URL of a file."""
    return f"data:{mime_type or 'application/octet-stream'};base64,{base64_text}"
