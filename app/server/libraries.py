"""Fetches the libraries of displays when a page first asks for them."""

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..setup.display_libraries import LIBRARIES
from ..setup.errors import SetupError
from .errors import api_error


def library_routes(prepare: Callable[[str], None]) -> list[Route]:
    """Make the route; `prepare(name)` fetches what is missing and raises SetupError where it can't.

    Pages that ask meanwhile wait for the same fetch.
    """
    turn = asyncio.Lock()

    async def fetch(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in LIBRARIES:
            return api_error(404, f"there is no library {name}", "not_found")
        async with turn:
            try:
                await run_in_threadpool(prepare, name)
            except SetupError as problem:
                return api_error(503, str(problem), "not_fetched")
        return Response(status_code=204)

    return [Route("/api/libraries/{name}", fetch, methods=["POST"])]
