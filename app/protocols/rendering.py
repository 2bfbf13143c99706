"""What a protocol makes of a question: the part of a request that is its own."""

import msgspec


class Rendered(msgspec.Struct, frozen=True):
    """What is sent, without saying to whom: `path` goes behind the provider's base URL."""

    path: str
    body: bytes
    headers: dict[str, str] = {}
