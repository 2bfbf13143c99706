"""What a person may set for a conversation; each provider renders it in its own words."""

from typing import Any

import msgspec


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """Settings of a model call; None leaves the provider's own default.

    `extra` is merged into the request's JSON as it is, for what has no field here.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    seed: int | None = None
    extra: dict[str, Any] = {}
