"""Why a document gives no text. Pure."""

from typing import Literal

Why = Literal["encrypted", "damaged", "old", "too large", "unknown"]


class Unreadable(Exception):
    """A document that cannot be read: locked, damaged, or of a kind that nobody here reads."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why
