"""Talking to a run that is elsewhere, and serving one: adapters around `core.chat`.

    session = Session(fetch_server_sent_events("/api/chat"))
    await session.send_message("Hi")

    return to_sse_response(chat.stream("Hi"))      # in any ASGI framework

A connection is what a `Session` or a `Chat` talks to: an endpoint and, where it brings its own, a
transport.
"""

from .function import Signal, stream
from .remote import Connection, fetch_http_stream, fetch_server_sent_events
from .serving import StreamResponse, to_ag_ui_response, to_ndjson_response, to_sse_response
from .session import Session

__all__ = [
    "Connection",
    "Session",
    "Signal",
    "StreamResponse",
    "fetch_http_stream",
    "fetch_server_sent_events",
    "stream",
    "to_ag_ui_response",
    "to_ndjson_response",
    "to_sse_response",
]
