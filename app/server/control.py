"""Steering of the scripted provider by tests, from outside. Exists only where tests ask for it.

POST   replies                queue replies (a list, JSON form of `Reply`)
POST   gates/NAME             open a gate
GET    requests               list the requests seen so far
GET    requests/INDEX         one of them, waiting for it: ?state= ?at= ?limit_s=
POST   reset                  forget all of it
"""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..scripted.steps import Reply
from .errors import api_error
from .playback import Script

# How long a request waits for its state, in seconds, unless it says otherwise.
_LIMIT_S = 10.0


def control_routes(script: Script, prefix: str) -> list[Route]:
    """Make the routes; `prefix` ends with a slash."""

    async def replies(request: Request) -> Response:
        try:
            queued = msgspec.json.decode(await request.body(), type=list[Reply])
        except msgspec.MsgspecError as error:
            return api_error(400, f"a JSON list of replies is needed: {error}", "bad_reply")
        script.replies.extend(queued)
        return Response(status_code=204)

    async def gate(request: Request) -> Response:
        script.gates.open(request.path_params["name"])
        return Response(status_code=204)

    async def requests(request: Request) -> Response:
        return _json(script.exchanges)

    async def one_request(request: Request) -> Response:
        query = request.query_params
        limit_s = float(query.get("limit_s", _LIMIT_S))
        wanted = script.until(
            request.path_params["index"], state=query.get("state"), at=query.get("at")
        )
        try:
            async with asyncio.timeout(limit_s):
                return _json(await wanted)
        except TimeoutError:
            seen = msgspec.json.encode(script.exchanges).decode()
            return api_error(408, f"not within {limit_s} s; seen so far: {seen}", "not_reached")

    async def reset(request: Request) -> Response:
        script.reset()
        return Response(status_code=204)

    return [
        Route(f"{prefix}replies", replies, methods=["POST"]),
        Route(f"{prefix}gates/{{name:path}}", gate, methods=["POST"]),
        Route(f"{prefix}requests", requests, methods=["GET"]),
        Route(f"{prefix}requests/{{index:int}}", one_request, methods=["GET"]),
        Route(f"{prefix}reset", reset, methods=["POST"]),
    ]


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
