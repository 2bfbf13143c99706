"""A chat, a prompt or a file of tools as the fragment of an address, which no server sees. Pure.

JSON, deflated, in base64: `#shared=…`. It brings words alone: who opens it looks at them first, and
a chat that comes so has no power, as none from a file has (`brought`).
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

import msgspec

from ..core.json_values import encoded
from ..core.nesting import is_too_deep
from .transfer import SHARED, ImportProblem

# Longer addresses are cut off by much of what carries them.
MOST_CHARACTERS = 30_000
# What one may unpack to.
_MOST_BYTES = 5_000_000
_NAME_CHARACTERS = 200


class Shared(msgspec.Struct):
    """`text` is a prompt, the source of tools, or a file of one chat as `transfer` writes it."""

    kind: Literal["chat", "prompt", "tools"]
    name: str
    text: str


def to_fragment(shared: Shared) -> str:
    """Write it; empty where it is too long for an address."""
    data = urlsafe_b64encode(zlib.compress(encoded(shared), 9)).decode().rstrip("=")
    return SHARED + data if len(data) <= MOST_CHARACTERS else ""


def from_fragment(fragment: str) -> Shared:
    """Read such a fragment.

    Raises:
        ImportProblem: It is damaged, or was never one.
    """
    data = fragment.removeprefix(SHARED)
    try:
        packed = urlsafe_b64decode(data + "=" * (-len(data) % 4))
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, _MOST_BYTES)
        if not unpacking.eof or is_too_deep(text):
            raise ValueError
        shared = msgspec.json.decode(text, type=Shared)
    except (ValueError, zlib.error):
        raise ImportProblem("This link is damaged: a part of it is missing.") from None
    shared.name = " ".join(shared.name.split())[:_NAME_CHARACTERS]
    return shared
