"""Our own wire format: the events of `core.events` as they are, each a JSON object with its `type`.

A request is a POST of `ChatRequest` as JSON. The answer is a stream of server-sent events (`data:`
holds one event, `id:` counts them from 1, the last one is named `done`, so that an EventSource can
listen for it), or one event a line (NDJSON), or, where `stream` is false, one `Message`. A run of
several steps comes with the results of the tools that ran where it came from.

Records of another version of this format that this one does not know are passed over with a
warning.
"""

from ..openai_style import authorization, parse_models
from .decoder import Decoder
from .request import (
    DEFAULT_MODEL,
    MODELS_PATH,
    NAME,
    ChatRequest,
    parse_request,
    render,
)
from .writing import EVENT_STREAM, NDJSON, body, ndjson, sse

__all__ = [
    "DEFAULT_MODEL",
    "EVENT_STREAM",
    "MODELS_PATH",
    "NAME",
    "NDJSON",
    "ChatRequest",
    "Decoder",
    "authorization",
    "body",
    "ndjson",
    "parse_models",
    "parse_request",
    "render",
    "sse",
]
