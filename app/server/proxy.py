"""The way to the built-in model: same origin for the page, a random key for the model's server.

Bytes pass unchanged and at once. When the browser leaves, also while the model is silent, the
request to the model is closed, and llama.cpp stops generating.
"""

import asyncio
import re
from collections.abc import Mapping

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..native.local_model import Endpoint, LocalModel, ModelStatus
from ..scripted.openai_chat import error_record
from .connection import while_connected
from .errors import api_error

# What llama.cpp serves below /v1/, and no way out of it.
_PATH = re.compile(r"[a-z_]+(/[a-z_]+)*")
_REQUEST_HEADERS = ("accept", "content-type")
_RESPONSE_HEADERS = ("content-length", "content-type", "retry-after")
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
            return api_error(404, f"no such address: {request.url.path}", "not_found")
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
        return _Relay(self._client, upstream, self._closing)

    async def close(self) -> None:
        """Close what is open to the model."""
        await self._client.aclose()


class _Relay(Response):
    """A response whose bytes come from upstream as they are."""

    def __init__(
        self, client: httpx2.AsyncClient, upstream: httpx2.Request, closing: asyncio.Event
    ) -> None:
        self._client = client
        self._upstream = upstream
        self._closing = closing
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await while_connected(receive, self._closing, self._pass_on(scope, receive, send))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._client.send(self._upstream, stream=True)
        except httpx2.TransportError as error:
            refusal = api_error(502, f"the model did not answer: {error}", "model_unreachable")
            await refusal(scope, receive, send)
            return
        try:
            headers = [
                (name.encode(), answer.headers[name].encode("latin-1"))
                for name in _RESPONSE_HEADERS
                if name in answer.headers
            ]
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": headers}
            )
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})
        except httpx2.TransportError as error:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                # The blank line ends a record that upstream left unfinished.
                record = error_record(
                    f"the model stopped in the middle of its answer: {error}",
                    type="server_error",
                    code="model_stopped",
                )
                await send({"type": "http.response.body", "body": b"\n\n" + record})
            # Any other body is left unfinished, which closes the connection: there is no place
            # in it where an error could be told from the answer.
        finally:
            await answer.aclose()


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
