"""The wall by its raw bytes: hosts and origins, odd HTTP, ways out of the folder, the relay."""

import socket
from contextlib import suppress

import pytest

from app.server.errors import RELAY_ERROR
from app.server.relay import TARGET
from tests.live_server import LIMIT_S, LiveServer
from tests.server.test_any_request import relayed, request, sent

GET = b"GET /api/status HTTP/1.1\r\n"


def exchange(server: LiveServer, data: bytes) -> bytes:
    """Send these bytes, in which PORT stands for the server's port; give the whole answer."""
    with socket.create_connection(("127.0.0.1", server.port), LIMIT_S) as connection:
        with suppress(ConnectionError):
            connection.sendall(data.replace(b"PORT", str(server.port).encode()))
        received = b""
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                received += piece
        return received


HOSTS = [
    *("evil.example", "evil.example:PORT", "localhost.evil.example:PORT", "localhost:1"),
    *("localhost:PORT.evil.example", "localhost:PORT@evil.example", "localhost:PORT:1", "[::1"),
    *("localhost.:PORT", "xlocalhost:PORT", "127.0.0.1.evil.example:PORT", "127.1:PORT"),
    *("0x7f.0.0.1:PORT", "2130706433:PORT", "0.0.0.0:PORT", "[::]:PORT", "[::ffff:127.0.0.1]:PORT"),
    *(
        "localhost:00PORT",
        "localhost: PORT",
        "local host:PORT",
        "localhost/:PORT",
        "localhost#:PORT",
    ),
    *("LOCALHOST.EVIL:PORT", "192.168.1.5:PORT", "10.0.0.1:PORT", "localhost%00:PORT", "*:PORT"),
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused(server: LiveServer, host: str) -> None:
    answer = exchange(server, GET + f"Host: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 400 "))


ORIGINS = [
    *("https://evil.example", "null", "http://localhost", "http://localhost:1", "file://"),
    *("https://localhost:PORT", "http://127.0.0.1:PORT", "http://localhost:PORT.evil.example"),
    *("http://localhost:PORT@evil.example", "http://evil.example:PORT", "HTTP://LOCALHOST:1"),
    *("chrome-extension://abc", "http://localhost:PORT/", "http://localhost:PORT http://x"),
    *("http://[::1]:PORT", "about:blank", "http://xlocalhost:PORT", "blob:http://localhost:PORT"),
]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"OPTIONS"])
def test_a_foreign_origin_is_refused(server: LiveServer, method: bytes, origin: str) -> None:
    head = method + b" /api/demo/v1/models HTTP/1.1\r\nHost: localhost:PORT\r\n"
    head += f"Origin: {origin}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    answer = exchange(server, head)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"access-control" not in answer.lower()


HOST = b"Host: localhost:PORT\r\nConnection: close\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked"
ODD = {
    "no host": GET + b"\r\n",
    "two hosts": GET + HOST + b"Host: evil.example\r\n\r\n",
    "another host": (
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    ),
    "two lengths": POST + b"Content-Length: 1\r\n" + b"Content-Length: 2\r\n\r\nxx",
    "length with a sign": POST + b"Content-Length: +1\r\n\r\nx",
    "negative length": POST + b"Content-Length: -1\r\n\r\nx",
    "length in hex": POST + b"Content-Length: 0x1\r\n\r\nx",
    "length of many digits": POST + b"Content-Length: %s\r\n\r\n" % (b"9" * 999),
    "two encodings": POST + CHUNKED + b", gzip\r\n\r\n0\r\n\r\n",
    "another encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": GET + HOST + b"X : 1\r\n\r\n",
    "a folded first line": GET + b" x\r\n" + HOST + b"\r\n",
    "no colon": GET + HOST + b"nothing\r\n\r\n",
    "an empty name": GET + HOST + b": x\r\n\r\n",
    "NUL in a value": GET + HOST + b"X: a\0b\r\n\r\n",
    "NUL in a name": GET + HOST + b"X\0: a\r\n\r\n",
    "CR in a value": GET + HOST + b"X: a\rb\r\n\r\n",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a letter outside of ASCII in the path": b"GET /\xc3\xa4 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in the path": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
    "no version": b"GET /\r\n" + HOST + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 60 + b"\r\n\r\n",
    "a method of control bytes": b"\x01\x02 / HTTP/1.1\r\n" + HOST + b"\r\n",
    "huge headers": GET + HOST + b"X: " + b"x" * 300_000 + b"\r\n\r\n",
    "a huge first line": b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "many headers": GET + HOST + b"".join(b"X%d: 1\r\n" % n for n in range(3_000)) + b"\r\n",
    "a chunk of no size": POST + CHUNKED + b"\r\n\r\nzz\r\n",
    "only line ends": b"\r\n" * 50 + b"x\r\n\r\n",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_http_is_refused_and_nothing_of_it_comes_back(server: LiveServer, name: str) -> None:
    answer = exchange(server, ODD[name])
    status = int(answer.split(b" ")[1]) if answer else 400  # the rest was not read: a reset
    assert 400 <= status < 500
    assert answer.count(b"HTTP/1.1 ") <= 1
    if answer:
        assert b"content-security-policy: default-src 'none'" in answer.lower()


@pytest.mark.parametrize("query", ["a%0d%0aX-Evil:%201", "%0d%0a%0d%0a<h1>", "a=%00"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/api/status"])
def test_no_header_is_injected(server: LiveServer, path: str, query: str) -> None:
    asked = f"GET {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n"
    head = exchange(server, asked.encode()).partition(b"\r\n\r\n")[0]
    assert b"\r\nx-evil" not in head.lower()


WAYS_OUT = [
    *("../serve.py", "..%2fserve.py", "%2e%2e/serve.py", "%2e%2e%2fserve.py", "..\\serve.py"),
    *("..%5cserve.py", "%c0%ae%c0%ae/serve.py", "..;/serve.py", "....//serve.py", "./../serve.py"),
    *("%252e%252e/serve.py", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "x/../../serve.py"),
    *("..%00/serve.py", "%00../serve.py", "..%2f..%2f..%2fetc%2fpasswd", "file:///etc/passwd"),
    *("../serve.py%00.mjs", "../../app/server/app.py%23.mjs", "..%c1%9cserve.py", "%e2%80%ae/x"),
    *("../../../../etc/passwd%3f.mjs", "~/.ssh/id_rsa", "C:/Windows/win.ini", "..%u2215serve.py"),
]


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("where", ["/", "/app/browser/", "/vendor/pyscript/"])
def test_there_is_no_way_out_of_the_folder(server: LiveServer, where: str, way: str) -> None:
    asked = f"GET {where}{way} HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n"
    assert exchange(server, asked.encode()).startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))


RELAY = b"/api/relay"
OWN = [
    *("127.0.0.1", "localhost", "LOCALHOST", "127.1", "127.0.1", "2130706433", "0x7f000001"),
    *("0x7f.1", "0x7f.0.0.1", "127.8.8.8", "127.255.255.254", "0.0.0.0", "0", "[::1]", "[::]"),
    *("[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"),
    *("[::1%25lo]", "localhost.", "127.0.0.1.", "%6cocalhost", "127%2e0%2e0%2e1", "①②⑦.0.0.1"),
    *("ⓛocalhost", "017700000001", "0177.0.0.1", "[::ffff:0.0.0.0]", "[fe80::5efe:7f00:1]"),
]
METADATA = [
    *("169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe"),
    *("169.254.43518", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]"),
    *("[64:ff9b:1::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[::ffff:0:a9fe:a9fe]", "[::a9fe:a9fe]"),
    *("[fd00:ec2::254]", "[fd00:ec2::23]", "[fd20:ce::254]", "[fd00:c1::a9fe:a9fe]"),
    *("[fd00:42::42]", "100.100.100.200", "168.63.129.16", "192.0.0.192", "[fe80::1]"),
]


def code_of(server: LiveServer, target: str) -> str:
    """Give the code of the relay's refusal to ask there."""
    header = f"{TARGET}: ".encode() + target.encode() + b"\r\n"
    answer = sent(server, request(server, RELAY, b"POST", header, b"{}"))
    assert not answer.startswith(b"HTTP/1.1 200 ")
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return head.partition(f"{RELAY_ERROR}: ")[2].partition("\r\n")[0]


@pytest.mark.parametrize("host", [*OWN, *METADATA])
def test_the_relay_reaches_neither_itself_nor_what_is_for_machines(
    server: LiveServer, host: str
) -> None:
    target = f"http://{host}:{server.port if host in OWN else 80}/api/demo/v1/models"
    assert code_of(server, target) in ("relay_forbidden", "relay_address", "relay_dns")
    assert server.requests() == []


NO_TARGETS = [
    *("", "localhost", "//localhost/x", "/x", "x", "?", "#", "http:", "http:/", "http://"),
    *("http:///x", "http://:80/", "https://?x", "ftp://a.example/", "file:///etc/passwd"),
    *("gopher://a.example/", "data:,x", "javascript:1", "ws://a.example/", "blob:http://a.example"),
    *("unix:/var/run/docker.sock", "http+unix://%2fvar%2frun/x", "dict://a.example:11211/"),
    *(
        "http://a.example:0/",
        "http://a.example:65536/",
        "http://a.example:-1/",
        "http://a.example:x/",
    ),
    *("http://user@a.example/", "http://user:word@a.example/", "http://:word@a.example/"),
    *("http://[::1/", "http://::1]/", "http://[zz]/", "http://a\\@b/", "HTTP//a.example"),
]


@pytest.mark.parametrize("target", NO_TARGETS)
def test_what_is_no_address_of_a_provider_is_not_asked(server: LiveServer, target: str) -> None:
    assert code_of(server, target) in ("relay_address", "relay_dns")


HOSTILE = {
    "set-cookie": "a=1; Path=/",
    "set-cookie2": "a=1",
    "clear-site-data": '"*"',
    "location": "https://evil.example/",
    "content-location": "https://evil.example/",
    "refresh": "0;url=https://evil.example/",
    "link": "<https://evil.example/x.js>; rel=preload",
    "content-security-policy": "default-src *",
    "content-security-policy-report-only": "default-src 'none'; report-uri https://evil.example",
    "sourcemap": "https://evil.example/map",
    "x-sourcemap": "https://evil.example/map",
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "true",
    "cross-origin-resource-policy": "cross-origin",
    "cross-origin-opener-policy": "unsafe-none",
    "strict-transport-security": "max-age=99999999",
    "public-key-pins": "x",
    "service-worker-allowed": "/",
    "x-content-type-options": "sniff",
    "nel": '{"report_to":"x"}',
    "report-to": '{"endpoints":[{"url":"https://evil.example"}]}',
    "alt-svc": 'h2="evil.example:443"',
    "www-authenticate": "Basic realm=x",
    "cache-control": "public, max-age=99999999",
    "server": "evil",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_header_of_a_provider_comes_back(server: LiveServer, name: str) -> None:
    line = f"{name}: {HOSTILE[name]}\r\n".encode()
    answer = relayed(server, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + line + b"\r\n{}")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 200 ")
    assert line.strip().lower() not in head
