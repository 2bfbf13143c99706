"""The server with a certificate of one's own: who is answered, what browsers keep, what is said."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from msgspec.structs import replace

from app import __version__
from app.core.wire.transport import Request
from app.native.server_file import RunningServer
from app.native.server_transport import ServerTransport, StrangerError
from app.server.certificate import Certificate
from app.server.listening import address
from app.setup.errors import SetupError
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree

# Of the name models.example, with its key in the same file.
PEM = Path(__file__).with_name("certificate.pem")
NAME = "models.example"


@pytest.fixture(scope="module")
def secure(tree: Tree) -> Iterator[LiveServer]:
    with live_server(
        root=tree.root,
        runtime=tree.runtime,
        host="0.0.0.0",
        certificate=Certificate(PEM, PEM),
        script_control=False,
    ) as server:
        yield server


def test_who_comes_by_the_name_of_the_certificate_is_answered_and_their_cookie_stays_on_https(
    secure: LiveServer,
) -> None:
    trusting = ssl.create_default_context(cafile=PEM)
    with httpx2.Client(
        base_url=f"https://127.0.0.1:{secure.port}",
        verify=trusting,
        timeout=LIMIT_S,
        trust_env=False,
    ) as http:

        def get(path: str, host: str = NAME, **headers: str) -> httpx2.Response:
            named = {"host": f"{host}:{secure.port}"} | headers
            return http.get(path, headers=named, extensions={"sni_hostname": NAME})

        origin = f"https://{NAME}:{secure.port}"
        welcome = get(f"/?token={secure.access.token}")
        cookie = welcome.headers["set-cookie"]
        assert "secure" in cookie.lower()
        kept = {"cookie": cookie.partition(";")[0]}
        assert get("/api/status", **kept, origin=origin).status_code == 200
        assert get("/api/status", **kept, origin=origin.replace("https", "http")).status_code == 403
        http.cookies.clear()
        assert get("/api/status").status_code == 401
        assert get("/", "rebound.example").status_code == 403
        assert get("/healthz", "127.0.0.1").status_code == 200


def test_what_speaks_no_tls_gets_nothing(secure: LiveServer) -> None:
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"http://127.0.0.1:{secure.port}/", timeout=LIMIT_S, trust_env=False)


async def test_the_terminal_finds_it_and_knows_it_by_its_proof(secure: LiveServer) -> None:
    known = RunningServer(
        __version__, "127.0.0.1", secure.port, secure.access.token, "i", os.getpid(), is_secure=True
    )
    transport = ServerTransport(known)
    url = f"{transport.base_url}/api/status"
    async with transport.open(Request("GET", url, {})) as response:
        assert response.status == 200
    await transport.aclose()
    stranger = ServerTransport(replace(known, token="another"))
    with pytest.raises(StrangerError):
        async with stranger.open(Request("GET", url, {})):
            pass
    await stranger.aclose()


def test_the_address_to_open_has_a_name_of_the_certificate() -> None:
    assert address("0.0.0.0", 8765, ["*.example.org", NAME]) == f"https://{NAME}:8765"
    assert address("0.0.0.0", 8765, [NAME, "localhost"]) == "https://localhost:8765"
    assert address("192.168.1.5", 8765, ["192.168.1.5"]) == "https://192.168.1.5:8765"


@pytest.mark.parametrize("key", ["no file", "no PEM", "no key"])
def test_files_of_no_use_are_said_before_anything_is_served(key: str, tmp_path: Path) -> None:
    _, mark, certificate = PEM.read_text("ascii").partition("-----BEGIN CERTIFICATE-----")
    file = tmp_path / "key.pem"
    if key != "no file":
        file.write_text(mark + certificate if key == "no key" else "hello")
    with pytest.raises(SetupError, match="--https: .*docs/deploy.md"):
        Certificate(PEM, file).names()
