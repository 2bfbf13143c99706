"""A question to a model that only draws, as OpenRouter's Image API wants it, and its answer.

There such models are reachable at this address alone; it takes words and pictures, and no history.
https://openrouter.ai/docs/api/api-reference/images/generate-an-image
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ...core.json_values import encoded
from ...core.messages import File, Message
from ...core.options import Options
from ..rendering import Rendered, is_image, with_extra
from ..tolerant import as_list
from .sources import images_of

# As many as it takes.
_MOST_PICTURES = 16
# What it sends where it is asked for a stream.
_DRAWN = "image_generation.completed"


def render(messages: Sequence[Message], *, model: str, options: Options) -> Rendered:
    """The request for what the last question asks, made of what was drawn before it."""
    body: dict[str, Any] = {"model": model, "prompt": _prompt(messages)}
    if references := list(_pictures(messages))[-_MOST_PICTURES:]:
        body["input_references"] = references
    if options.seed is not None:
        body["seed"] = options.seed
    return Rendered("/images", encoded(with_extra(body, options.extra)))


def drawn(fields: dict[str, Any]) -> list[File]:
    """The pictures of an answer; none where this is no such answer."""
    if fields.get("type") == _DRAWN:
        return list(images_of([fields]))
    return list(images_of(as_list(fields.get("data"))))


def _prompt(messages: Sequence[Message]) -> str:
    """The words of the last question; those of one before it where it is a picture alone."""
    asked = (one.text for one in reversed(messages) if one.role == "user" and one.text.strip())
    return next(asked, "A picture like this one")


def _pictures(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    last = max((at for at, one in enumerate(messages) if one.role == "user"), default=0)
    before = [one for one in messages[:last] if one.role == "assistant"][-1:]
    for message in (*before, *messages[last:]):
        for file in message.files:
            if file.url and is_image(file):
                yield {"type": "image_url", "image_url": {"url": file.url}}
