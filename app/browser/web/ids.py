"""Ids and times of records."""

from time import time
from uuid import uuid4


def new_id() -> str:
    """An id for a chat, a message, or a file: different in every tab."""
    return uuid4().hex


def now_ms() -> int:
    """The time in milliseconds since 1970."""
    return int(time() * 1000)
