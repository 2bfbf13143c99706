"""Why a document gives no text. Pure."""

from typing import Literal

# How pages are packed that are pictures alone.
Packing = Literal["CCITT", "JBIG2", "JPEG 2000"]
Why = Literal["encrypted", "aes", "damaged", "old", "too large", "unknown"] | Packing


class Unreadable(Exception):
    """A document that cannot be read: locked, damaged, or of a kind that nobody here reads."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why
