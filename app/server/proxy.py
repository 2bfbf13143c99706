"""The way to the built-in model: same origin for the page, a random key for the model's server.

When the browser leaves, the request to the model is closed, and llama.cpp stops generating.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ..native.local_model import BuiltInModel, Endpoint, ModelStatus
from ..scripted.openai_chat import error_record
from .errors import api_error
from .model_request import PATHS, RefusedError, passed_on
from .proxied_response import ProxiedResponse, is_final_status

_REQUEST_HEADERS = ("accept", "content-type")
_RESPONSE_HEADERS = frozenset({"content-length", "content-type", "retry-after"})
_CONNECT_LIMIT_S = 5.0
# What the page is told to wait before it asks again for a model that is on its way.
_RETRY_AFTER_S = 2
# How many questions of one client the model answers or has waiting. It answers one at a time, in
# the order in which they come: another client waits for so many answers at most.
_MOST_OF_ONE = 4


class Proxy:
    """Passes requests on to the model while there is one. `closing`: the server is stopping."""

    def __init__(self, model: BuiltInModel | None, closing: asyncio.Event) -> None:
        self._model = model
        self._closing = closing
        self._asking: Counter[str] = Counter()
        # How long the model may think is the page's to decide, so only connecting has a limit.
        # Proxies of the environment are not for an address of this computer.
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=_CONNECT_LIMIT_S),
            # None is kept: the model closes it just as it is used again, and the question is lost.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
        )

    async def handle(self, request: Request) -> Response:
        """Answer one request below `/api/model/v1/`."""
        path = request.path_params["path"]
        if PATHS.get(path) != request.method:
            return api_error(404, f"no such address: {request.scope['path']}", "not_found")
        body = await request.body()
        if self._model is None:
            return _not_ready(ModelStatus())
        if self._model.endpoint is None:
            self._model.want()
            return _not_ready(self._model.status)
        endpoint = self._model.endpoint
        if request.method == "POST":
            try:
                body = passed_on(path, body, self._model.status.window)
            except RefusedError as reason:
                return _refused(reason, self._model.status.window)
        upstream = self._client.build_request(
            request.method,
            f"{endpoint.base_url}/v1/{path}",
            headers=_request_headers(request.headers, endpoint),
            content=body if request.method == "POST" else None,
        )
        client = request.client.host if request.client else ""
        if self._asking[client] >= _MOST_OF_ONE:
            message = "The built-in model has enough questions from you. Wait for an answer."
            return api_error(429, message, "model_busy", {"retry-after": str(_RETRY_AFTER_S)})
        return _Counted(
            lambda: self._open(upstream),
            self._closing,
            passes=_RESPONSE_HEADERS.__contains__,
            rest=_stopped,
            count=self._asking,
            client=client,
        )

    async def _open(self, upstream: httpx2.Request) -> httpx2.Response | Response:
        try:
            answer = await self._client.send(upstream, stream=True)
        except httpx2.TransportError as error:
            return api_error(502, f"the model did not answer: {error}", "model_unreachable")
        if is_final_status(answer.status_code):
            return answer
        await answer.aclose()
        return api_error(502, f"the model answered with {answer.status_code}", "model_unreachable")

    async def close(self) -> None:
        """Close connections to the model."""
        await self._client.aclose()


class _Counted(ProxiedResponse):
    """An answer that counts for its client as long as it lasts."""

    def __init__(self, *arguments: Any, count: Counter[str], client: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._count = count
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._count[self._client] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._count[self._client] -= 1
            self._count += Counter()  # without those that are at zero


def _refused(reason: RefusedError, window: int) -> Response:
    error = {"code": 400, "message": str(reason), "type": reason.code, "n_ctx": window}
    return JSONResponse({"error": error}, 400)


def _stopped(answer: httpx2.Response, error: Exception) -> bytes:
    """Make the end of a stream that broke off. Any other body has no place where an error could be
    told from the answer.
    """
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        return b""
    record = error_record(
        f"the model stopped in the middle of its answer: {error}",
        type="server_error",
        code="model_stopped",
    )
    # The blank line ends a record that upstream left unfinished.
    return b"\n\n" + record


def _request_headers(headers: Mapping[str, str], endpoint: Endpoint) -> dict[str, str]:
    passed = {name: headers[name] for name in _REQUEST_HEADERS if name in headers}
    return passed | {
        "accept-encoding": "identity",
        "authorization": f"Bearer {endpoint.key}",
    }


def _not_ready(status: ModelStatus) -> Response:
    if status.state == "absent":
        return api_error(503, "This server runs without the built-in model.", "model_absent")
    if status.state == "failed":
        return api_error(503, status.message, "model_failed")
    message = f"The built-in model is not ready yet. {status.message}".strip()
    return api_error(503, message, "model_not_ready", {"retry-after": str(_RETRY_AFTER_S)})
