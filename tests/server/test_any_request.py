"""Whatever comes over a connection: an answer with the headers of the wall, and no traceback."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.native.server_file import PROOF_PATH
from app.server.security import HEADER_POLICY
from app.server.site import Site
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree

_FUZZED = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A traceback in the terminal is a record of the log."""
    caplog.set_level(logging.WARNING)
    yield
    worst = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not worst, worst[0].getMessage()


@pytest.fixture(autouse=True)
def _no_name_leaves_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def numeric_only(host: Any, *rest: Any, **options: Any) -> Any:
        if str(host) in ("127.0.0.1", "localhost", "::1"):
            return look_up(host, *rest, **options)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", numeric_only)


def sent(server: LiveServer, data: bytes) -> bytes:
    """Send bytes; give the server's answer until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), LIMIT_S) as connection:
        with suppress(ConnectionError):
            connection.sendall(data)
        answer = b""
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
        return answer


def request(
    server: LiveServer,
    path: bytes,
    method: bytes = b"GET",
    headers: bytes = b"",
    body: bytes | None = None,
) -> bytes:
    head = b"%s %s HTTP/1.1\r\nHost: localhost:%d\r\n" % (method, path, server.port)
    if body is not None:
        head += b"Content-Length: %d\r\n" % len(body)
    return head + headers + b"Connection: close\r\n\r\n" + (body or b"")


def status_of(answer: bytes) -> int:
    """The status of an answer, which must carry the wall's headers."""
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
    assert head.startswith("http/1.1 "), answer[:80]
    assert head.count(f"content-security-policy: {HEADER_POLICY.lower()}") == 1, head
    assert head.count("x-content-type-options: nosniff") == 1
    assert head.count("cross-origin-resource-policy: same-origin") == 1
    return int(head.split(" ")[1])


ODD_PATHS = [
    *(b"/" + b"a" * 5_000, b"/app/browser/" + b"a" * 5_000 + b".mjs", b"/" + b"a/" * 4_000),
    *(b"/app/browser/" + b"%C3%A4" * 300 + b".mjs", b"/%00", b"/app/browser/%00.mjs"),
    *(b"/app/browser/a%0d%0ab.mjs", b"/%ff%fe", b"/app/browser/%ff.mjs", b"/%ed%a0%80"),
    *(b"/vendor/pyscript/%ed%a0%80.js", b"/wheels/%00/%ff", b"/wheels/" + b"w" * 5_000, b"//["),
    *(b"/app/browser/boot.mjs/x.mjs", b"/app/browser/" + b"../" * 2_000 + b"x.mjs", b"/%", b"/%zz"),
    *(b"/\\..\\serve.py", b"/vendor/katex/fonts/con.woff2", b"/app/browser/web/.mjs", b"/|<>"),
]


@pytest.mark.parametrize("path", ODD_PATHS, ids=range(len(ODD_PATHS)))
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_a_path_that_no_file_can_have_is_not_found(
    server: LiveServer, path: bytes, method: bytes
) -> None:
    assert status_of(sent(server, request(server, path, method))) == 404


@pytest.mark.parametrize("path", ODD_PATHS, ids=range(len(ODD_PATHS)))
@pytest.mark.parametrize("where", [b"/api", b"/api/model/v1", b"/api/demo/v1", b"/api/relay"])
def test_nor_is_there_such_an_api(server: LiveServer, where: bytes, path: bytes) -> None:
    # What looks like an address of the model's is not asked either where there is no model.
    assert status_of(sent(server, request(server, where + path))) in (404, 503)


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PROPFIND"])
@pytest.mark.parametrize("path", [b"/", b"/app/browser/boot.mjs", b"/api/status", b"/nothing"])
def test_other_methods_are_refused(server: LiveServer, path: bytes, method: bytes) -> None:
    assert status_of(sent(server, request(server, path, method, body=b""))) in (404, 405)


_PATHS = st.sampled_from(
    [
        *("/", "/index.html", "/files.json", "/app/browser/", "/vendor/pyodide/", "/wheels/"),
        *("/api/", "/api/status", "/api/relay", "/api/model/v1/", "/api/demo/v1/models"),
        *("/api/demo/v1/chat/completions", PROOF_PATH, "/api/keys/keep", "/api/keys/open"),
    ]
)
_VISIBLE = st.binary(max_size=80).map(lambda data: bytes(33 + byte % 94 for byte in data))
_VALUES = st.binary(max_size=60).map(lambda data: bytes(b for b in data if b >= 32 and b != 127))
_NAMES = st.sampled_from(
    [
        *(
            "Origin",
            "Accept-Encoding",
            "If-None-Match",
            "Content-Type",
            "Range",
            "Cookie",
            "Accept",
        ),
        *("Authorization", "Relay-To", "Sec-Fetch-Site", "Expect", "Upgrade", "X-Forwarded-For"),
        *("If-Modified-Since", "TE", "Referer", "X-Api-Key", "Content-Encoding"),
    ]
)


@_FUZZED
@given(
    path=_PATHS,
    rest=_VISIBLE,
    query=_VISIBLE,
    method=st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"QUERY", b"OPTIONS"]),
    headers=st.lists(st.tuples(_NAMES, _VALUES), max_size=4),
    body=st.one_of(st.none(), st.binary(max_size=200)),
)
def test_any_path_query_method_header_and_body(
    server: LiveServer,
    path: str,
    rest: bytes,
    query: bytes,
    method: bytes,
    headers: list[tuple[str, bytes]],
    body: bytes | None,
) -> None:
    lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers)
    answer = sent(server, request(server, path.encode() + rest + b"?" + query, method, lines, body))
    if answer.startswith(b"HTTP/1.1 100"):
        answer = answer.partition(b"\r\n\r\n")[2]
    assert 200 <= status_of(answer) < 600
    assert status_of(answer) != 500


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=20,
)
_FIELDS = (
    "model",
    "messages",
    "tools",
    "stream",
    "stream_options",
    "max_tokens",
    "role",
    "content",
)
_COMMANDS = (
    "/long 3",
    "/tools",
    "/tool",
    "/error x",
    "/error 429",
    "/sources",
    "/cut",
    "/reasoning",
)
_MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "system"])},
    optional={"content": st.sampled_from(_COMMANDS) | _JSON, "tool_calls": _JSON},
)
_QUESTIONS = st.fixed_dictionaries(
    {"messages": st.lists(_MESSAGE, max_size=4)},
    optional={
        "model": st.just("demo") | _JSON,
        "max_tokens": st.integers(-1, 9) | st.integers(),
        "tools": st.lists(st.fixed_dictionaries({}, optional={"function": _JSON}), max_size=2)
        | _JSON,
        "stream_options": _JSON,
    },
) | st.dictionaries(st.sampled_from(_FIELDS), _JSON)


@_FUZZED
@given(question=_QUESTIONS, where=st.sampled_from([b"demo", b"model"]))
def test_any_question(server: LiveServer, question: Any, where: bytes) -> None:
    body = json.dumps({"stream": True, "max_tokens": 1} | question).encode()
    path = b"/api/%s/v1/chat/completions" % where
    assert status_of(sent(server, request(server, path, b"POST", body=body))) != 500


@pytest.mark.parametrize(
    "body",
    [
        *(b"[" * 200_000, b'{"messages":' * 100_000, b"\xff" * 99),
        b'{"a":' + b"9" * 100_000 + b"}",
        b'{"proof":"","nonce":"","key":"k","tickets":[],"x":' + b"[" * 200_000,
        *(b'{"messages":[{"role":"user","content":"\\ud800"}]}', b"", b"null", b"1e999", b'"'),
        b'{"messages":[{"role":"user","content":"/long ' + "²³".encode() + b'"}],"max_tokens":1}',
        b'{"messages":[{"role":"user","content":"/long ' + b"9" * 9_000 + b'"}],"max_tokens":1}',
        b'{"proof":"\xff","nonce":"","key":"\xff","tickets":["\xff"],"messages":[{"role":"\xff"}]}',
        b'{"messages":[' + b'{"role":"tool"},' * 50_000 + b'{"role":"tool"}],"max_tokens":1}',
    ],
    ids=range(14),
)
@pytest.mark.parametrize(
    "path",
    [
        *("/api/demo/v1/chat/completions", "/api/model/v1/chat/completions", PROOF_PATH),
        *("/api/relay", "/api/keys/keep", "/api/keys/open", "/api/keys/forget"),
    ],
)
def test_a_bad_body_is_refused(server: LiveServer, path: str, body: bytes) -> None:
    answer = sent(server, request(server, path.encode(), b"POST", body=body))
    assert status_of(answer) not in (500, 502)


@_FUZZED
@given(target=_VALUES | st.text(max_size=40).map(lambda text: text.encode("utf-8")))
@pytest.mark.parametrize("scheme", [b"", b"http://", b"https://", b"http://[", b"http://x:"])
def test_any_address_to_relay_to(server: LiveServer, scheme: bytes, target: bytes) -> None:
    target = bytes(byte for byte in target if byte >= 32 and byte != 127)
    header = b"Relay-To: " + scheme + target + b"\r\n"
    status = status_of(sent(server, request(server, b"/api/relay", b"POST", header, b"{}")))
    assert status in (400, 403, 502, 504)


def test_the_answer_to_a_failure_of_ours_is_guarded_too(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a mistake of ours")

    with live_server(root=tree.root, runtime=tree.runtime) as server:
        monkeypatch.setattr(Site, "find", fail)
        assert status_of(sent(server, request(server, b"/"))) == 500
    caplog.clear()  # here it is told, with its traceback


ANSWERS = [
    *(b"HTTP/1.1 600 What\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 999 \r\n\r\n{}"),
    *(b"HTTP/1.1 099 Less\r\n\r\n{}", b"HTTP/1.1 000 \r\n\r\n", b"HTTP/1.1 0 \r\n\r\n"),
    *(b"HTTP/1.1 99 Two\r\n\r\n{}", b"HTTP/1.1 1000 More\r\n\r\n{}", b"HTTP/1.1 -20 A\r\n\r\n"),
    *(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n{}", b"HTTP/1.1 100 \r\n\r\n"),
    *(b"ICY 200 OK\r\n\r\n{}", b"\r\n", b"", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", b"\xff" * 99),
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
]


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_a_provider_that_answers_no_http_is_said_to(server: LiveServer, answer: bytes) -> None:
    got = relayed(server, answer)
    assert status_of(got) == 502
    assert b'"message"' in got


_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + _CHUNKED, 200),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nless", 200),
        (b"HTTP/1.1 299 Odd\r\n\r\nmore", 299),
        (b"HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", 599),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\nsomething", 204),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nsomething", 304),
        (b"HTTP/1.1 200 OK\r\nContent-Type: \xff\xfe\r\nX-Request-Id: \xe4\r\n\r\nmore", 200),
        (b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Made\r\n\r\n", 201),
    ],
)  # fmt: skip
def test_an_odd_answer_of_a_provider_is_passed_on_whole(
    server: LiveServer, answer: bytes, status: int
) -> None:
    assert status_of(relayed(server, answer)) == status


def relayed(server: LiveServer, answer: bytes) -> bytes:
    """Relay to a provider that answers with these bytes and hangs up; give the page's answer."""

    def play() -> None:
        connection, _ = listening.accept()
        with connection, suppress(ConnectionError):
            received = b""
            while not received.endswith(b"{}"):
                received += connection.recv(65536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        playing = threading.Thread(target=play)
        playing.start()
        target = b"Relay-To: http://127.0.0.1:%d/v1\r\n" % listening.getsockname()[1]
        got = sent(server, request(server, b"/api/relay", b"POST", target, b"{}"))
        playing.join(LIMIT_S)
    return got
