"""The relay to providers that no web page may call, over real sockets."""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.core.messages import user
from app.core.options import Options
from app.providers import PROVIDERS, provider
from app.scripted import openai_chat as wire
from app.scripted.steps import Cut, Gate, Reply, Send, Stall
from app.server.addresses import Address
from app.server.control import control_routes
from app.server.errors import RELAY_ERROR
from app.server.playback import Script
from app.server.relay import LEADS_TO, TARGET, Relay, resolved
from tests.live_server import LIMIT_S, LiveServer, live_server, running
from tests.server.tree import Tree

RELAY = "/api/relay"
KEY = "sk-of-this-test"


class Provider:
    """A provider that allows no page anything. `headers` are those of each request as they came,
    `ports` the ports that they came from.
    """

    def __init__(self) -> None:
        closing = asyncio.Event()
        script = Script(closing)
        self.headers: list[dict[str, str]] = []
        self.ports: list[int] = []

        async def play(request: Request) -> Response:
            self.headers.append(dict(request.headers))
            assert request.client is not None
            self.ports.append(request.client.port)
            return await script.response(request, wire.whole(b"{}"))

        async def away(request: Request) -> Response:
            return RedirectResponse("/v2/models?key=" + KEY, 308)

        self.app = Starlette(
            routes=[
                *control_routes(script, "/control/"),
                Route("/v1/{path:path}", play, methods=["GET", "POST"]),
                Route("/moved", away, methods=["GET", "POST"]),
            ]
        )
        self.app.state.closing = closing
        self.server: LiveServer

    def url(self, path: str = "/v1/chat/completions") -> str:
        return self.server.url + path


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    made = Provider()
    with running(made.app, control="/control/") as made.server:
        yield made


@pytest.fixture
def elsewhere(_provider: Provider) -> Provider:
    _provider.server.reset()
    _provider.headers.clear()
    _provider.ports.clear()
    return _provider


def asked(client: httpx2.Client, target: str, **headers: str) -> httpx2.Response:
    """The answer to a question by way of the relay."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(RELAY, content=b'{"stream":true}', headers={TARGET: target} | named)


def code(answer: httpx2.Response) -> str:
    """Give the code of the relay's refusal, the same in the header and the body."""
    assert answer.json()["error"]["code"] == answer.headers[RELAY_ERROR]
    return str(answer.headers[RELAY_ERROR])


def sentence(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["message"])


def test_the_request_arrives_as_the_provider_needs_it_and_no_more(
    client: httpx2.Client, elsewhere: Provider
) -> None:
    answer = asked(
        client,
        elsewhere.url("/v1/messages?beta=a%20b"),
        authorization=f"Bearer {KEY}",
        content_type="application/json",
        anthropic_version="2023-06-01",
        cookie="session=1",
        referer=f"{client.base_url}/",
        origin=str(client.base_url).rstrip("/"),
        x_own="1",
        accept_encoding="gzip",
    )
    assert answer.status_code == 200
    assert RELAY_ERROR not in answer.headers
    [seen], [headers] = elsewhere.server.requests(), elsewhere.headers
    assert (seen.method, seen.path, seen.body) == ("POST", "/v1/messages", '{"stream":true}')
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["accept-encoding"] == "identity"
    assert headers["host"] == f"localhost:{elsewhere.server.port}"
    assert not {"cookie", "referer", "origin", "x-own", TARGET} & set(headers)


def test_a_list_of_models_comes_by_get(client: httpx2.Client, elsewhere: Provider) -> None:
    elsewhere.server.queue(wire.whole(wire.models_body(["m"], owned_by="x")))
    answer = client.get(RELAY, headers={TARGET: elsewhere.url("/v1/models")})
    assert answer.json()["data"][0]["id"] == "m"
    assert elsewhere.server.requests()[0].method == "GET"


@pytest.mark.parametrize("name", PROVIDERS)
def test_all_headers_of_every_provider_arrive(
    name: str, client: httpx2.Client, elsewhere: Provider
) -> None:
    who = provider(name, key=KEY)
    sent = who.render([user("Hi")], model="m", options=Options(), stream=True).headers
    client.post(RELAY, headers={TARGET: elsewhere.url()} | sent)
    assert sent.items() <= elsewhere.headers[0].items()


def test_a_key_with_letters_outside_of_ascii_arrives_as_it_is(
    client: httpx2.Client, elsewhere: Provider
) -> None:
    key = "Bearer sk-\u00e9"
    sent = [(TARGET.encode(), elsewhere.url().encode()), (b"authorization", key.encode("latin-1"))]
    assert client.post(RELAY, headers=sent).status_code == 200
    assert elsewhere.headers[0]["authorization"] == key


def test_bytes_pass_unchanged_and_each_at_once(client: httpx2.Client, elsewhere: Provider) -> None:
    pieces = [b"data: {\r", b"\n\r\n", b"\xe2\x82", b"\xac\n\n", b": keep-alive\n\n"]
    steps = [step for n, piece in enumerate(pieces) for step in (Gate(str(n)), Send(piece))]
    elsewhere.server.queue(Reply(200, wire.EVENT_STREAM, tuple(steps)))
    with client.stream("POST", RELAY, headers={TARGET: elsewhere.url()}) as answer:
        assert answer.headers["content-type"] == wire.EVENT_STREAM["content-type"]
        chunks = answer.iter_raw()
        for number, piece in enumerate(pieces):
            elsewhere.server.open_gate(str(number))
            assert next(chunks) == piece
        assert list(chunks) == []


def test_of_the_headers_those_come_back_that_concern_the_page(
    client: httpx2.Client, elsewhere: Provider
) -> None:
    kept = {
        "content-type": "application/json",
        "retry-after": "3",
        "x-ratelimit-remaining-requests": "0",
        "anthropic-ratelimit-tokens-limit": "5",
        "x-request-id": "r1",
    }
    dropped = {
        "date": "Thu, 01 Jan 2026 00:00:00 GMT",  # ours is there
        "set-cookie": "a=1",
        "access-control-allow-origin": "*",
        "server": "other",
        "clear-site-data": '"*"',
        "location": "https://example.org",
    }
    body = b'{"error":{"message":"busy"}}'
    elsewhere.server.queue(Reply(429, kept | dropped, (Send(body),)))
    answer = asked(client, elsewhere.url())
    assert (answer.status_code, answer.content) == (429, body)
    assert kept.items() <= dict(answer.headers).items()
    assert not dropped.items() & dict(answer.headers).items()
    assert RELAY_ERROR not in answer.headers
    asked(client, elsewhere.url())  # nor do cookies go to who is asked next
    assert "cookie" not in elsewhere.headers[-1]


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        (Reply(200, wire.EVENT_STREAM, (Send(b"data: 1\n\n"), Stall())), "stall"),
        (Reply(200, {}, (), before=(Stall(),)), "stall"),
    ],
    ids=["in the middle", "before the answer"],
)
def test_a_browser_that_leaves_ends_the_request_to_a_silent_provider(
    reply: Reply, place: str, server: LiveServer, elsewhere: Provider
) -> None:
    elsewhere.server.queue(reply)
    with server.raw_post(RELAY, f"{TARGET}: {elsewhere.url()}"):
        elsewhere.server.wait(0, state="running", at=place)
    elsewhere.server.wait(0, state="disconnected")


def test_an_answer_that_breaks_off_is_broken_off(
    client: httpx2.Client, elsewhere: Provider
) -> None:
    begun = b'event: message_start\ndata: {"ty'
    elsewhere.server.queue(Reply(200, wire.EVENT_STREAM, (Send(begun), Cut())))
    with client.stream("POST", RELAY, headers={TARGET: elsewhere.url()}) as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == begun
        with pytest.raises(httpx2.RemoteProtocolError):
            next(chunks)


def test_a_redirect_is_not_followed_and_said_without_its_query(
    client: httpx2.Client, elsewhere: Provider
) -> None:
    answer = asked(client, elsewhere.url("/moved"), authorization=f"Bearer {KEY}")
    assert (answer.status_code, code(answer)) == (502, "relay_redirect")
    assert elsewhere.url("/v2/models") in sentence(answer)
    assert KEY not in answer.text
    assert "location" not in answer.headers
    # For the Python of a chat, which goes there where its person allows it.
    assert answer.headers[LEADS_TO].startswith(elsewhere.url("/v2/models"))
    assert elsewhere.server.requests() == []


@pytest.mark.parametrize(
    "target",
    [
        "",
        "provider.example/v1",
        "ftp://provider.example/",
        "file:///etc/passwd",
        "http://",
        "http://provider.example:99999/",
        "https://somebody:secret@provider.example/v1",
    ],
)
def test_what_is_no_address_of_a_provider_is_refused(target: str, client: httpx2.Client) -> None:
    answer = asked(client, target)
    assert (answer.status_code, code(answer)) == (400, "relay_address")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "224.0.0.1", "2852039166"]
)
def test_addresses_that_are_for_machines_are_refused(host: str, client: httpx2.Client) -> None:
    answer = asked(client, f"http://{host}/latest/meta-data/")
    assert (answer.status_code, code(answer)) == (403, "relay_forbidden")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "0.0.0.0"])
def test_the_relay_does_not_ask_its_own_server(host: str, server: LiveServer) -> None:
    with httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client:
        answer = asked(client, f"http://{host}:{server.port}/api/status")
    assert (answer.status_code, code(answer)) == (403, "relay_forbidden")


def test_a_refused_connection_is_said_to_be_refused(client: httpx2.Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = asked(client, f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
    assert (answer.status_code, code(answer)) == (502, "relay_refused")
    assert "Nothing answers at 127.0.0.1:" in sentence(answer)


def test_https_where_there_is_none_is_said(client: httpx2.Client, elsewhere: Provider) -> None:
    answer = asked(client, elsewhere.url().replace("http:", "https:"))
    assert (answer.status_code, code(answer)) == (502, "relay_tls")
    assert "does not speak https" in sentence(answer)


def test_a_server_that_hangs_up_is_said_to(client: httpx2.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        hanging_up = threading.Thread(target=_take_and_hang_up, args=[listening])
        hanging_up.start()
        answer = asked(client, url)
        hanging_up.join(LIMIT_S)
    assert (answer.status_code, code(answer)) == (502, "relay_hung_up")


def _take_and_hang_up(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        ({"relay_authorization": f"Bearer {KEY}"}, f"Bearer {KEY}"),
        ({"relay_authorization": f"Bearer {KEY}", "authorization": "Basic b3R0"}, f"Bearer {KEY}"),
        ({"authorization": f"Bearer {KEY}"}, f"Bearer {KEY}"),  # a page of 0.1.0
        ({"authorization": "Basic b3R0ZXI6cml2ZXI="}, None),
        ({"authorization": "bAsIc b3R0ZXI6cml2ZXI=", "x_api_key": KEY}, None),
    ],
)
def test_the_key_arrives_and_the_login_of_a_proxy_in_front_does_not(
    client: httpx2.Client, elsewhere: Provider, sent: dict[str, str], arrives: str | None
) -> None:
    asked(client, elsewhere.url(), **sent)
    assert elsewhere.headers[-1].get("authorization") == arrives
    assert "relay-authorization" not in elsewhere.headers[-1]


def test_where_others_can_reach_the_server_it_relays_only_when_told_to(
    tree: Tree, elsewhere: Provider
) -> None:
    for relay in (False, True):
        with (
            live_server(root=tree.root, runtime=tree.runtime, host="0.0.0.0", relay=relay) as open_,
            httpx2.Client(base_url=open_.url, timeout=LIMIT_S, trust_env=False) as client,
        ):
            client.get(open_.address)  # which lets this browser in
            assert client.get("/api/status").json()["relay"] is relay
            answer = asked(client, elsewhere.url())
            assert answer.status_code == 403
            if relay:  # and then never to this computer, at whatever port
                assert code(answer) == "relay_forbidden"
                assert "no address of its own computer" in sentence(answer)
            else:
                assert code(answer) == "relay_off"
                assert "--relay" in sentence(answer)
    assert elsewhere.server.requests() == []


def test_on_this_computer_only_it_relays(client: httpx2.Client) -> None:
    assert client.get("/api/status").json()["relay"] is True


def test_no_other_page_may_use_it(
    client: httpx2.Client, server: LiveServer, elsewhere: Provider
) -> None:
    for headers in (
        {"origin": "http://localhost:1"},
        {"origin": "https://example.org"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"host": f"evil.example:{server.port}"},
    ):
        answer = client.post(RELAY, headers={TARGET: elsewhere.url()} | headers)
        assert answer.status_code == 403
    # Nor is it let in by a preflight, which a request with our header needs.
    preflight = client.options(
        RELAY,
        headers={
            "origin": "http://localhost:1",
            "access-control-request-method": "POST",
            "access-control-request-headers": TARGET,
        },
    )
    assert preflight.status_code == 403
    assert not any(name.startswith("access-control") for name in preflight.headers)
    assert elsewhere.server.requests() == []


def test_nothing_of_a_key_is_logged(
    client: httpx2.Client, elsewhere: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # more than serve.py shows
    asked(client, elsewhere.url(), authorization=f"Bearer {KEY}", x_goog_api_key=KEY)
    asked(client, elsewhere.url("/moved"), x_api_key=KEY)
    assert len(elsewhere.headers) == 1
    assert KEY not in caplog.text


# Names of this test's own: what they lead to, and how often each was looked up.


class Names:
    def __init__(self, known: dict[str, Sequence[str]]) -> None:
        self.known = known
        self.looked_up: list[str] = []

    async def resolve(self, name: str, port: int) -> Sequence[Address]:
        self.looked_up.append(name)
        if name not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [ip_address(one) for one in self.known[name]]


# Of the name models.example, with its key: made for these tests, and trusted by nobody else.
CERTIFICATE = Path(__file__).with_name("certificate.pem")


@pytest.fixture
def asked_by_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., httpx2.Response]]:
    """Asks by way of a relay that knows these names only, and trusts the certificate of tests."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    names = Names({})
    closing = asyncio.Event()
    app = Starlette()
    app.state.closing = closing

    async def relay(request: Request) -> Response:
        return await passer.handle(request)

    passer = Relay(closing, is_on=True, resolve=names.resolve)
    app.routes.append(Route(RELAY, relay, methods=["GET", "POST"]))
    with (
        running(app, control="/none/") as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):

        def ask(target: str, **known: Sequence[str]) -> httpx2.Response:
            names.known = {f"{name}.example": found for name, found in known.items()}
            names.looked_up.clear()
            answer = asked(client, target)
            assert len(names.looked_up) == 1
            return answer

        yield ask


def test_a_name_is_looked_up_once_and_told_to_the_provider(
    asked_by_name: Callable[..., httpx2.Response], elsewhere: Provider
) -> None:
    target = f"http://models.example:{elsewhere.server.port}/v1/models"
    assert asked_by_name(target, models=["127.0.0.1"]).status_code == 200
    assert elsewhere.headers[0]["host"] == f"models.example:{elsewhere.server.port}"


def test_a_name_that_leads_nowhere_is_said_to(
    asked_by_name: Callable[..., httpx2.Response],
) -> None:
    answer = asked_by_name("https://nobody.example/v1")
    assert (answer.status_code, code(answer)) == (502, "relay_dns")
    assert "There is no nobody.example" in sentence(answer)
    assert "Name or service not known" in sentence(answer)


def test_a_name_that_leads_to_a_forbidden_address_is_refused(
    asked_by_name: Callable[..., httpx2.Response],
) -> None:
    answer = asked_by_name("http://models.example/v1", models=["169.254.169.254", "fe80::1"])
    assert code(answer) == "relay_forbidden"


def test_of_several_addresses_the_forbidden_are_left_out_and_the_next_is_tried(
    asked_by_name: Callable[..., httpx2.Response], elsewhere: Provider
) -> None:
    # Nobody listens at the second one: the provider is at 127.0.0.1 and ::1 only.
    found = ["169.254.169.254", "127.9.9.9", "127.0.0.1"]
    answer = asked_by_name(f"http://models.example:{elsewhere.server.port}/v1/m", models=found)
    assert answer.status_code == 200
    assert len(elsewhere.headers) == 1


def test_each_request_has_a_connection_of_its_own(
    asked_by_name: Callable[..., httpx2.Response], elsewhere: Provider
) -> None:
    port = elsewhere.server.port
    asked_by_name(f"http://first.example:{port}/v1/m", first=["127.0.0.1"])
    asked_by_name(f"http://second.example:{port}/v1/m", second=["127.0.0.1"])
    assert len(set(elsewhere.ports)) == 2


@pytest.mark.parametrize(("name", "is_trusted"), [("models", True), ("others", False)])
def test_a_certificate_must_be_of_the_name_that_was_asked_for(
    name: str, is_trusted: bool, asked_by_name: Callable[..., httpx2.Response]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = threading.Thread(target=_answer_over_tls, args=[listening, context])
        answering.start()
        target = f"https://{name}.example:{listening.getsockname()[1]}/v1/models"
        answer = asked_by_name(target, **{name: ["127.0.0.1"]})
        answering.join(LIMIT_S)
    if is_trusted:
        assert (answer.status_code, answer.json()) == (200, {})
    else:
        assert (answer.status_code, code(answer)) == (502, "relay_tls")
        assert "The certificate of others.example" in sentence(answer)


def _answer_over_tls(listening: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listening.accept()
    # A client that does not trust us leaves in the middle of the handshake.
    with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as spoken:
        received = b""
        while not received.endswith(b"true}"):  # what is left unread would reset the connection
            piece = spoken.recv(4096)
            if not piece:
                return
            received += piece
        spoken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


async def test_names_are_looked_up_as_this_computer_knows_them() -> None:
    assert ip_address("127.0.0.1") in await resolved("localhost", 80)
    assert await resolved("::1", 80) == [ip_address("::1")]
