"""A run as an HTTP response: public names, of `connections.serving`."""

from .connections.serving import (
    StreamResponse,
    to_ag_ui_response,
    to_ndjson_response,
    to_sse_response,
)

__all__ = [
    "StreamResponse",
    "to_ag_ui_response",
    "to_ndjson_response",
    "to_sse_response",
]
