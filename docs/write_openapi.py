"""Writes docs/openapi.json: the addresses of runs and chats, and the values that go over them.

    python3 -m docs.write_openapi

The values are described by the very structs that read and write them; a test holds the addresses to
the server's own routes, and the file to what this writes.
"""

from pathlib import Path
from typing import Any

import msgspec

from app import __version__
from app.core.events import Event
from app.core.messages import Message
from app.protocols.tokenfall.runs import Change, ChatFacts, ChatList, ChatState, Question, RunState
from app.server.runs.controls import Decided, Result
from app.server.runs.run_routes import EventPage

FILE = Path(__file__).with_name("openapi.json")

_SCHEMAS = "#/components/schemas/{name}"
_EVENTS = ("text/event-stream", "application/x-ndjson", "application/json")


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(kind: type) -> dict[str, Any]:
    return {"$ref": _SCHEMAS.format(name=kind.__name__)}


_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": "null"},
                "code": {"type": "string"},
            },
        }
    },
}
_AFTER = {
    "name": "after",
    "in": "query",
    "schema": {"type": "string"},
    "description": "the last event that was got; the header Last-Event-ID comes first",
}
_LAST_ID = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}
_OFFSET = {
    "name": "offset",
    "in": "query",
    "schema": {"type": "string"},
    "description": "a Stream-Next-Offset; -1 is the start, now the end",
}
_LIVE = {
    "name": "live",
    "in": "query",
    "schema": {"enum": ["sse", "long-poll"]},
    "description": "follow the run, or wait for the next events",
}
_SIMPLE = {
    "name": "format",
    "in": "query",
    "schema": {"enum": ["simple"]},
    "description": "only the text, as data: with a JSON string for each fragment, then event: "
    "complete, or event: error with the message and what had come",
}
_WITH = {
    "name": "message",
    "in": "query",
    "schema": {"type": "string"},
    "description": "the message of its page's places that it was deleted with, for other pages",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string"},
    "description": "the same question sent again with the same key runs once, another one is "
    "refused; the key names the run in its addresses as its id does",
}
_PROVIDER_KEY = {
    "name": "Provider-Key",
    "in": "header",
    "schema": {"type": "string"},
    "description": "the asker's own key, in the place of the question's field",
}
_STREAM = "each event as it is written, with its offset as id; the last one is named done"


def _operation(
    summary: str,
    good: dict[int, tuple[str, dict[str, Any]]],
    *,
    bad: tuple[int, ...] = (),
    body: dict[str, Any] | None = None,
    parameters: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    responses: dict[str, Any] = {
        str(status): {"description": words} | ({"content": content} if content else {})
        for status, (words, content) in good.items()
    }
    for status in (401, 403, *bad):
        responses[str(status)] = {"$ref": "#/components/responses/Refused"}
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if parameters:
        operation["parameters"] = list(parameters)
    return operation


def _paths() -> dict[str, dict[str, Any]]:
    events = {kind: {"schema": {"type": "string"}} for kind in _EVENTS[:2]}
    page = _json(_ref(EventPage))
    reads = (_AFTER, _LAST_ID)
    lost = ("the log has no such event; what it has, to go on from", _json(_ref(RunState)))
    state = _json(_ref(RunState))
    asked = _ref(Question)
    tell: dict[int, tuple[str, dict[str, Any]]] = {
        202: ("it was written for the worker that carries the run", {})
    }
    return {
        "/api/chat": {
            "post": _operation(
                "Ask, and get the answer at once; who leaves ends it",
                {200: ("the answer, by Accept", events | _json(_ref(Message)))},
                bad=(400, 413, 429, 503),
                body=asked,
            )
        },
        "/api/runs": {
            "post": _operation(
                "Begin an answer that goes on whoever reads it",
                {201: ("it began", state), 200: ("it was there already", state)},
                bad=(400, 409, 413, 422, 429, 503, 507),
                parameters=(_KEY, _PROVIDER_KEY),
                body=asked,
            )
        },
        "/api/runs/{run}": {
            "get": _operation("A run so far", {200: ("with its message", state)}, bad=(404, 503)),
            "delete": _operation(
                "Stop it and remove all of it",
                {204: ("it is gone", {})},
                bad=(404, 503),
                parameters=(_WITH,),
            ),
        },
        "/api/runs/{run}/events": {
            "get": _operation(
                "Read a run from any event on, and follow it to its end",
                {
                    200: (f"by Accept: {_STREAM}; as JSON what is there now", events | page),
                    204: ("it has ended, and there is nothing behind this event", {}),
                    410: lost,
                },
                bad=(400, 404, 429, 503),
                parameters=(*reads, _SIMPLE),
            )
        },
        "/api/runs/{run}/stream": {
            "get": _operation(
                "The same as the Durable Streams protocol has it, for its clients",
                {
                    200: (
                        "a JSON array of events; with live=sse events data and control",
                        {"application/json": {"schema": {"type": "array"}}, _EVENTS[0]: {}},
                    ),
                    204: ("nothing came for some time, or the run has ended (long-poll)", {}),
                    304: ("nothing else than what If-None-Match says", {}),
                },
                bad=(400, 404, 410, 429, 503),
                parameters=(_OFFSET, _LIVE),
            )
        },
        "/api/runs/{run}/cancel": {
            "post": _operation("Stop it; what had come stays", tell, bad=(404, 503))
        },
        "/api/runs/{run}/tool-results": {
            "post": _operation(
                "Give results of tools that it waits for",
                tell,
                bad=(400, 404, 409, 503, 507),
                body={"type": "array", "items": _ref(Result)},
            )
        },
        "/api/runs/{run}/approvals": {
            "post": _operation(
                "Say yes or no to calls that it waits with",
                tell,
                bad=(400, 404, 409, 503, 507),
                body={"type": "array", "items": _ref(Decided)},
            )
        },
        "/api/runs/{run}/payloads/{name}": {
            "get": _operation(
                "A large file that an event refers to",
                {200: ("its bytes", {"*/*": {"schema": {"type": "string", "format": "binary"}}})},
                bad=(404, 503),
            )
        },
        "/api/chats": {
            "get": _operation(
                "One's chats, the latest first", {200: ("", _json(_ref(ChatList)))}, bad=(503,)
            )
        },
        "/api/chats/events": {
            "get": _operation(
                "Follow what happens to one's chats, without an end",
                {
                    200: ("each change as JSON", {_EVENTS[0]: {"schema": _ref(Change)}}),
                    410: ("that change is gone; the list, to go on from", _json(_ref(ChatList))),
                },
                bad=(400, 429, 503),
                parameters=reads,
            )
        },
        "/api/chats/{chat}": {
            "get": _operation(
                "A chat, as far as it came", {200: ("", _json(_ref(ChatState)))}, bad=(404, 503)
            ),
            "patch": _operation(
                "Set its title, its pin, or settings that its page asks with",
                {204: ("it is kept, and told to who follows one's chats", {})},
                bad=(400, 404, 413, 503, 507),
                body=_ref(ChatFacts),
            ),
            "delete": _operation(
                "Stop and remove all of it", {204: ("it is gone", {})}, bad=(404, 503)
            ),
        },
        "/api/providers": {
            "get": _operation(
                "Who can be asked, and whether the server has the key",
                {200: ("", _json({"type": "object"}))},
            )
        },
        "/api/providers/{provider}/models": {
            "get": _operation(
                "The models of a provider whose key the server has, as it lists them",
                {200: ("or why it does not", _json({"type": "object"}))},
                bad=(404,),
            )
        },
        "/api/metrics": {
            "get": _operation(
                "Numbers for Prometheus",
                {200: ("", {"text/plain": {"schema": {"type": "string"}}})},
                bad=(503,),
            )
        },
    }


def document() -> dict[str, Any]:
    """The whole file."""
    kinds = (
        *(
            Question,
            RunState,
            EventPage,
            ChatList,
            ChatState,
            ChatFacts,
            Change,
            Result,
            Decided,
            Message,
        ),
        Event,
    )
    _, schemas = msgspec.json.schema_components(
        kinds,
        ref_template=_SCHEMAS,
        schema_hook=lambda kind: {"description": "anything"},
    )
    paths = _paths()
    for path, operations in paths.items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if names:
            string = {"type": "string"}
            operations["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": string} for name in names
            ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tokenfall",
            "version": __version__,
            "description": "Runs that outlive their readers, and the chats that they belong to.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Refused": {"description": "why not", "content": _json(_ERROR)}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        # Where only this computer reaches the server, its user needs none.
        "security": [{}, {"token": []}],
    }


def text() -> str:
    """The file's text."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2).decode() + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
