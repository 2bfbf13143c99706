"""The built-in model for the terminal: a running `serve.py` has it, or we start one of our own."""

import asyncio
from pathlib import Path

import httpx2
import msgspec

from ...core.errors import ConnectError, ReadError, TransportError, UsageError
from ...core.wire.transport import Request, Transport
from ...providers import PROVIDERS, Provider
from ..http import HTTPTransport
from ..local_model import LocalModel, ModelStatus
from ..private_file import NotPrivateError
from ..server_file import NAME, RunningServer, announced, withdraw
from ..server_status import PATH as STATUS_PATH
from ..server_status import ServerStatus
from ..server_transport import GoneError, ServerTransport
from .waiting_line import WaitingLine

# Where serve.py listens unless it is told otherwise.
_USUAL_PORT = 8765

# How long a server may take to say how its model is doing. Only one that hangs takes so long.
_ANSWER_LIMIT_S = 10.0
_ASK_AGAIN_S = 0.5
# Of what something on the usual port says that may be anybody.
_MOST_BYTES = 65_536

_INSTEAD = "Nothing was sent there; the model is run here instead."


class BuiltIn:
    """Finds or starts the model. `close` ends a started one.

    `gguf` are weights of a person's own: those are run here, whatever a server has.
    """

    def __init__(self, runtime: Path | None, line: WaitingLine, gguf: Path | None = None) -> None:
        self._gguf = gguf
        self._runtime = runtime
        self._line = line
        self._supervisor: asyncio.Task[None] | None = None
        # Proxies of the environment are not for an address of this computer.
        self._http = HTTPTransport(httpx2.AsyncClient(timeout=None, trust_env=False))
        self._server: ServerTransport | None = None

    async def provider(self) -> tuple[Provider, Transport]:
        """Return the provider that answers, and the way to it, once the model is ready; tell how
        far it is.

        Raises:
            UsageError: It cannot be had here; the message says why.
        """
        with self._line:
            if self._gguf is None and (found := await self._of_server()):
                return found
            return await self._own()

    async def close(self) -> None:
        """End the model's process, if it is ours, and close open connections."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        if self._server is not None:
            await self._server.aclose()
        await self._http.aclose()

    async def _of_server(self) -> tuple[Provider, Transport] | None:
        """The model of the server of this folder, where one runs and has one."""
        running = await self._running()
        if self._runtime is None or running is None:
            return None
        transport = self._server = ServerTransport(running)
        while True:
            try:
                status = await _status(transport, transport.base_url)
            except GoneError as error:
                withdraw(self._runtime, running)
                self._line.note(f"{error} {NAME} told of a server that has ended. {_INSTEAD}")
                return None
            except (TransportError, TimeoutError, msgspec.MsgspecError) as error:
                reason = str(error) if isinstance(error, ConnectError) else "It gave no answer."
                self._line.note(f"{reason} {_INSTEAD}")
                return None
            if status.state in ("absent", "failed"):
                return None
            if status.state == "ready":
                return _at(f"{transport.base_url}/api/model/v1", status), transport
            self._tell(status)
            await asyncio.sleep(_ASK_AGAIN_S)

    async def _running(self) -> RunningServer | None:
        """The server of this folder, as its file tells; None where there is none to be trusted."""
        if self._runtime is None:
            return None
        try:
            running = announced(self._runtime)
        except NotPrivateError as error:
            self._line.note(f"{error} It tells where a server runs, so that server is not asked.")
            return None
        except (OSError, msgspec.MsgspecError) as error:
            self._line.note(
                f"{self._runtime / NAME} cannot be read, so no server is asked: {error}"
            )
            return None
        if running is None and await self._is_there_a_stranger():
            self._line.note(
                f"The Tokenfall on port {_USUAL_PORT} is of another folder or an older version, or "
                f"no Tokenfall at all: it cannot be told. {_INSTEAD}"
            )
        return running

    async def _is_there_a_stranger(self) -> bool:
        """Tell whether something on the usual port says that it is Tokenfall. It gets no
        question.
        """
        try:
            await _status(self._http, f"http://127.0.0.1:{_USUAL_PORT}")
        except (TransportError, TimeoutError, msgspec.MsgspecError):
            return False
        return True

    async def _own(self) -> tuple[Provider, Transport]:
        if self._runtime is None:
            raise UsageError(
                "The built-in model comes with the folder of Tokenfall, not with the package. "
                "Choose a provider: --provider, --list-providers."
            )
        model = LocalModel(self._runtime, gguf=self._gguf)
        self._supervisor = asyncio.create_task(model.run())
        told: ModelStatus | None = None
        while model.endpoint is None:
            if model.status.state == "failed":
                raise UsageError(model.status.message)
            if model.status != told:
                told = model.status
                self._tell(told)
            await model.changed()
        url = f"{model.endpoint.base_url}/v1"
        return _at(url, model.status, model.endpoint.key), self._http

    def _tell(self, status: ModelStatus) -> None:
        text = status.message.rstrip(".") or "The model is being prepared"
        done, all_ = status.received_bytes // 1_000_000, status.total_bytes // 1_000_000
        self._line.show(
            text, f"{done} of {all_} MB" if all_ else "", is_short=status.state != "downloading"
        )


async def _status(transport: Transport, base_url: str) -> ModelStatus:
    """Ask a server for the status of its model."""
    body = b""
    async with asyncio.timeout(_ANSWER_LIMIT_S):
        async with transport.open(Request("GET", f"{base_url}{STATUS_PATH}", {})) as said:
            async for chunk in said.chunks():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ReadError("It said too much.")
    return msgspec.json.decode(body, type=ServerStatus).model


def _at(base_url: str, status: ModelStatus, key: str = "") -> Provider:
    row = PROVIDERS["built-in"]
    return msgspec.structs.replace(row, base_url=base_url, key=key, default_model=status.id)
