"""Fetches the libraries of displays when a page first asks for them."""

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..setup.errors import SetupError
from .errors import api_error


def library_routes(prepare: Callable[[], None]) -> list[Route]:
    """Make the route; `prepare` fetches what is missing and raises SetupError where it can't.

    Pages that ask meanwhile wait for the same fetch.
    """
    turn = asyncio.Lock()

    async def fetch(request: Request) -> Response:
        async with turn:
            try:
                await run_in_threadpool(prepare)
            except SetupError as problem:
                return api_error(503, str(problem), "not_fetched")
        return Response(status_code=204)

    return [Route("/api/libraries/mermaid", fetch, methods=["POST"])]
