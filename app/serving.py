"""A run as an HTTP response: public names, of `connections.serving`; a function or an agent as such
a run (`answering`).
"""

from .agents.answers import answering
from .connections.serving import (
    StreamResponse,
    to_ag_ui_response,
    to_ndjson_response,
    to_sse_response,
    to_ui_message_response,
)
from .connections.ui_request import UIRequest, parse_ui_request
from .protocols.ag_ui import AgentInput
from .protocols.ag_ui import parse_request as parse_ag_ui_request

__all__ = [
    "AgentInput",
    "StreamResponse",
    "UIRequest",
    "answering",
    "parse_ag_ui_request",
    "parse_ui_request",
    "to_ag_ui_response",
    "to_ndjson_response",
    "to_sse_response",
    "to_ui_message_response",
]
