"""A real server on a free port, in a thread of the test's process, and the means to steer it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import msgspec
from starlette.applications import Starlette

from app.native.local_model import LocalModel
from app.scripted.steps import Reply
from app.server.access import Access
from app.server.app import create_app
from app.server.certificate import Certificate
from app.server.found_servers import Discover
from app.server.http_server import Server
from app.server.limits import Limits
from app.server.listening import DEFAULT_HOST, listen
from app.server.playback import Exchange
from app.server.public_address import PublicAddress

REPOSITORY = Path(__file__).parents[1]
RUNTIME = REPOSITORY / ".runtime"

# How long a test waits for what must happen, in seconds: longer than Python takes to start on a
# machine that has much else to do. Only a failing test waits so.
LIMIT_S = 60.0


class LiveServer:
    """A running server. `url` is its origin; `control` the prefix by which a script is steered."""

    def __init__(self, app: Starlette, port: int, control: str, scheme: str = "http") -> None:
        self.app = app
        self.port = port
        self.url = f"{scheme}://localhost:{port}"
        self._control = httpx2.Client(
            base_url=self.url + control,
            timeout=LIMIT_S * 2,
            trust_env=False,
            verify=False,
            # One that is kept may be closed by the server in the moment in which it is used again.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    @property
    def access(self) -> Access:
        """The server's access control, with the address that lets a browser in."""
        access: Access = self.app.state.access
        return access

    @property
    def address(self) -> str:
        """The address that `serve.py` prints: `url`, with the token where the server wants one."""
        return self.access.address(self.url)

    def queue(self, *replies: Reply) -> None:
        """Let the next requests to the Demo be answered so, in this order."""
        self._post("replies", msgspec.json.encode(replies))

    def open_gate(self, name: str) -> None:
        """Let the answers that wait at this gate go on."""
        self._post(f"gates/{name}")

    def requests(self) -> list[Exchange]:
        """List the requests to the Demo since the last reset."""
        answer = self._control.get("requests").raise_for_status()
        return msgspec.json.decode(answer.content, type=list[Exchange])

    def wait(self, index: int = 0, *, state: str | None = None, at: str | None = None) -> Exchange:
        """Wait until request `index` is there, and where given in this state and at this place.

        States are running, finished and disconnected; places are gate:NAME and stall.
        """
        wanted = {"limit_s": str(LIMIT_S), "state": state, "at": at}
        query = {name: value for name, value in wanted.items() if value is not None}
        answer = self._control.get(f"requests/{index}", params=query)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=Exchange)

    def reset(self) -> None:
        """Forget queued replies, open gates and past requests."""
        self._post("reset")

    def raw_post(self, path: str, *headers: str) -> socket.socket:
        """Send `{}` by a bare socket, for clients that read nothing or leave without a word."""
        connection = socket.create_connection(("127.0.0.1", self.port), LIMIT_S)
        head = f"POST {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nContent-Length: 2\r\n"
        head += "".join(f"{header}\r\n" for header in headers)
        connection.sendall(f"{head}\r\n{{}}".encode())
        return connection

    def close(self) -> None:
        """Close the connections for control."""
        self._control.close()

    def _post(self, path: str, content: bytes = b"") -> None:
        self._control.post(path, content=content).raise_for_status()


def until(is_so: Callable[[], object]) -> None:
    """Ask again and again until it is so, as long as `LIMIT_S`."""
    end = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"


def free_port() -> int:
    """A port that nothing listens on, for a program that is told one."""
    with socket.create_server((DEFAULT_HOST, 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def live_server(
    *,
    root: Path = REPOSITORY,
    runtime: Path = RUNTIME,
    model: LocalModel | None = None,
    host: str = DEFAULT_HOST,
    behind: PublicAddress | None = None,
    relay: bool = False,
    keys: Path | None = None,
    discover: Discover | None = None,
    port: int = 0,
    script_control: bool = True,
    limits: Limits | None = None,
    reload: bool = False,
    certificate: Certificate | None = None,
    **more: Any,
) -> Iterator[LiveServer]:
    """Serve Tokenfall, as `serve.py` does, as long as the block lasts; `more` is for the app."""
    with TemporaryDirectory() as folder:  # what tests have remembered is nobody's
        app = create_app(
            root=root,
            runtime=runtime,
            model=model,
            host=host,
            behind=behind,
            relay=relay,
            keys=keys or Path(folder),
            discover=discover,
            script_control=script_control,
            reload=reload,
            names=certificate.names() if certificate else (),
            **more,
        )
        with running(
            app,
            control="/api/demo/control/",
            host=host,
            port=port,
            limits=limits,
            certificate=certificate,
        ) as server:
            yield server


@contextmanager
def running(
    app: Starlette,
    *,
    control: str,
    host: str = DEFAULT_HOST,
    port: int = 0,
    limits: Limits | None = None,
    certificate: Certificate | None = None,
) -> Iterator[LiveServer]:
    """Serve any application whose `state.closing` ends its streams."""
    sockets = listen(host, port)
    started = threading.Event()
    server = Server(app, started.set, limits=limits, certificate=certificate)
    thread = threading.Thread(target=server.run, args=[sockets], daemon=True)
    thread.start()
    assert started.wait(LIMIT_S), "the server did not start"
    live = LiveServer(app, sockets[0].getsockname()[1], control, "https" if certificate else "http")
    try:
        yield live
    finally:
        live.close()
        server.should_exit = True
        thread.join(LIMIT_S)
        assert not thread.is_alive(), "the server did not stop"
