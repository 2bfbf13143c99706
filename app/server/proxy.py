"""The way to the built-in model: same origin for the page, a random key for the model's server.

When the browser leaves, the request to the model is closed, and llama.cpp stops generating.
"""

import asyncio
import re
from collections.abc import Mapping

import httpx2
from starlette.requests import Request
from starlette.responses import Response

from ..native.local_model import Endpoint, LocalModel, ModelStatus
from ..scripted.openai_chat import error_record
from .errors import api_error
from .passing import PassedOn, is_final_status

# What llama.cpp serves below /v1/, and no way out of it.
_PATH = re.compile(r"[a-z_]+(/[a-z_]+)*")
_REQUEST_HEADERS = ("accept", "content-type")
_RESPONSE_HEADERS = frozenset({"content-length", "content-type", "retry-after"})
_CONNECT_LIMIT_S = 5.0
# What the page is told to wait before it asks again for a model that is on its way.
_RETRY_AFTER_S = 2


class Proxy:
    """Passes requests on to the model while there is one. `closing`: the server is stopping."""

    def __init__(self, model: LocalModel | None, closing: asyncio.Event) -> None:
        self._model = model
        self._closing = closing
        # How long the model may think is the page's to decide, so only connecting has a limit.
        # Proxies of the environment are not for an address of this computer.
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=_CONNECT_LIMIT_S),
            limits=httpx2.Limits(max_connections=None),
            trust_env=False,
        )

    async def handle(self, request: Request) -> Response:
        """Answer one request below `/api/model/v1/`."""
        path = request.path_params["path"]
        if _PATH.fullmatch(path) is None:
            return api_error(404, f"no such address: {request.scope['path']}", "not_found")
        body = await request.body()
        endpoint = self._model.endpoint if self._model else None
        if endpoint is None:
            return _not_ready(self._model.status if self._model else ModelStatus())
        upstream = self._client.build_request(
            request.method,
            f"{endpoint.base_url}/v1/{path}",
            headers=_request_headers(request.headers, endpoint),
            content=body,
        )
        return PassedOn(
            lambda: self._open(upstream),
            self._closing,
            passes=_RESPONSE_HEADERS.__contains__,
            rest=_stopped,
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
        """Close what is open to the model."""
        await self._client.aclose()


def _stopped(answer: httpx2.Response, error: Exception) -> bytes:
    """The end of a stream that broke off. In any other body there is no place where an error could
    be told from the answer.
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
