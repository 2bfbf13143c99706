"""The built-in model for the terminal: that of a running `serve.py`, or one of our own."""

import asyncio
from pathlib import Path

import msgspec

from ...core.errors import TransportError, UsageError
from ...core.transport import Request, Transport
from ...providers import PROVIDERS, Provider
from ..local_model import LocalModel, ModelStatus
from .waiting_line import WaitingLine

# Where serve.py listens unless it is told otherwise.
SERVER = "http://127.0.0.1:8765"

# A server on this machine answers in milliseconds, also on a busy one.
_ANSWER_LIMIT_S = 2.0
_ASK_AGAIN_S = 0.5


class BuiltIn:
    """Finds or starts the model. `close` ends what was started."""

    def __init__(self, runtime: Path | None, transport: Transport, line: WaitingLine) -> None:
        self._runtime = runtime
        self._transport = transport
        self._line = line
        self._supervisor: asyncio.Task[None] | None = None

    async def provider(self) -> Provider:
        """Return the provider that answers, once the model is ready; tell how far it is.

        Raises:
            UsageError: It cannot be had here; the message says why.
        """
        with self._line:
            return await self._of_server() or await self._own()

    async def close(self) -> None:
        """End the model's process, if it is ours."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)

    async def _of_server(self) -> Provider | None:
        while True:
            status = await self._status()
            if status is None or status.state in ("absent", "failed"):
                return None
            if status.state == "ready":
                return _at(f"{SERVER}/api/model/v1")
            self._tell(status)
            await asyncio.sleep(_ASK_AGAIN_S)

    async def _status(self) -> ModelStatus | None:
        """What a server of ours says of its model; None where there is no such server."""
        body = b""
        try:
            async with asyncio.timeout(_ANSWER_LIMIT_S):
                async with self._transport.open(Request("GET", f"{SERVER}/api/status", {})) as said:
                    async for chunk in said.chunks():
                        body += chunk
            return msgspec.json.decode(body, type=_ServerStatus).model
        except (TransportError, TimeoutError, msgspec.MsgspecError):
            return None

    async def _own(self) -> Provider:
        if self._runtime is None:
            raise UsageError(
                "The built-in model comes with the folder of Tokenfall, not with the package. "
                "Choose a provider: --provider, --list-providers."
            )
        model = LocalModel(self._runtime)
        self._supervisor = asyncio.create_task(model.run())
        told: ModelStatus | None = None
        while model.endpoint is None:
            if model.status.state == "failed":
                raise UsageError(model.status.message)
            if model.status != told:
                told = model.status
                self._tell(told)
            await model.changed()
        return _at(f"{model.endpoint.base_url}/v1", model.endpoint.key)

    def _tell(self, status: ModelStatus) -> None:
        text = status.message.rstrip(".") or "The model is being prepared"
        done, all_ = status.received_bytes // 1_000_000, status.total_bytes // 1_000_000
        self._line.show(
            text, f"{done} of {all_} MB" if all_ else "", is_short=status.state != "downloading"
        )


class _ServerStatus(msgspec.Struct):
    version: str
    model: ModelStatus


def _at(base_url: str, key: str = "") -> Provider:
    return msgspec.structs.replace(PROVIDERS["built-in"], base_url=base_url, key=key)
