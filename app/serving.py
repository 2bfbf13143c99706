"""A run as an HTTP response: public names, of `connections.serving`."""

from .connections.serving import (
    StreamResponse,
    to_ag_ui_response,
    to_ndjson_response,
    to_sse_response,
    to_ui_message_response,
)
from .connections.ui_messages import UIRequest, parse_ui_request

__all__ = [
    "StreamResponse",
    "UIRequest",
    "parse_ui_request",
    "to_ag_ui_response",
    "to_ndjson_response",
    "to_sse_response",
    "to_ui_message_response",
]
