"""Debian's nginx in front, as another user and with a login: `serve.py --behind`."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.providers import provider
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Stall
from app.scripted.transport import ScriptedTransport
from app.server.access import Access
from app.server.identity import identity_of
from app.server.public_address import PublicAddress
from app.setup.nginx import find
from tests.live_server import LIMIT_S, LiveServer, free_port, live_server
from tests.server.test_access import NOT_FOR_STRANGERS
from tests.server.tree import Tree

# The example of docs/proxy.md, with other ports and the folders of a test.
EXAMPLE = Path(__file__).parents[2] / "docs/proxy.md"
SEVERAL = EXAMPLE.with_name("deploy.md")
LOGIN = ("otter", "river")
OTHER_LOGIN = ("heron", "reeds")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nginx is Debian's here")


def location(port: int, *, names_login: bool) -> str:
    """The example's part that passes requests on, as documented; with the lines for several
    people.
    """
    text = EXAMPLE.read_text("utf-8")
    begin = text.index("location /chat/ {")
    passing = text[begin : text.index("\n}", begin)]
    if names_login:
        several = SEVERAL.read_text("utf-8").partition("```nginx\n")[2].partition("```")[0]
        passing += "".join(f"\n{line}" for line in several.splitlines() if line not in passing)
    return passing.replace("8765", str(port)) + "\n}"


@contextmanager
def nginx(listens: int, port: int, *, names_login: bool = False) -> Iterator[None]:
    """Run it, as www-data where the tests are root, until the block ends."""
    program = find()
    assert program, "nginx is missing: “python3 -m tests” installs Debian's"
    # Not pytest's folder, which is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="tokenfall-nginx-"))
    try:
        folder.chmod(0o755)
        logins = (f"{name}:{{PLAIN}}{word}\n" for name, word in (LOGIN, OTHER_LOGIN))
        (folder / "users").write_text("".join(logins))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        passing = location(port, names_login=names_login).replace(
            "/etc/nginx/tokenfall-users", f"{folder}/users"
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {folder}/pid; error_log stderr error;\n"
            f"events {{}} http {{ access_log off; {temporary}\n"
            f"server {{ listen 127.0.0.1:{listens};\n{passing}\n}} }}\n"
        )
        as_another = {}
        if os.geteuid() == 0:
            shutil.chown(folder, "www-data", "www-data")
            as_another = {"user": "www-data", "group": "www-data", "extra_groups": []}
        started = subprocess.Popen(
            [program, "-e", "stderr", "-p", str(folder), "-c", f"{folder}/nginx.conf"],
            cwd="/",
            stderr=subprocess.PIPE,
            **as_another,  # type: ignore[call-overload]
        )
        try:
            _until_it_listens(listens, started)
            yield
        finally:
            started.terminate()
            started.communicate()
    finally:
        shutil.rmtree(folder)


def _until_it_listens(port: int, started: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), LIMIT_S).close()
        except ConnectionRefusedError:
            assert started.poll() is None, started.communicate()[1].decode()
        else:
            return


@pytest.fixture(scope="module")
def proxied(tree: Tree) -> Iterator[tuple[LiveServer, str]]:
    """A server behind the proxy, and the address that people know."""
    listens = free_port()
    public = PublicAddress.of(f"http://127.0.0.1:{listens}/chat")
    with (
        live_server(root=tree.root, runtime=tree.runtime, behind=public) as server,
        nginx(listens, server.port),
    ):
        yield server, public.url


@pytest.fixture
def behind(proxied: tuple[LiveServer, str]) -> tuple[LiveServer, str]:
    proxied[0].reset()
    return proxied


def person(url: str, login: tuple[str, str] = LOGIN) -> httpx2.Client:
    return httpx2.Client(base_url=url, auth=login, trust_env=False, timeout=LIMIT_S * 3)


def test_the_proxy_asks_for_a_login_and_then_all_is_as_without_it(
    behind: tuple[LiveServer, str],
) -> None:
    _, url = behind
    assert httpx2.get(f"{url}/", timeout=LIMIT_S, trust_env=False).status_code == 401
    assert httpx2.get(f"{url}/api/status", timeout=LIMIT_S, trust_env=False).status_code == 401
    origin = url.removesuffix("/chat")
    with person(url) as client:
        for path in ("/", "/index.html", "/app/browser/boot.mjs", "/api/status"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "set-cookie" not in answer.headers
        own = {"origin": origin, "sec-fetch-site": "same-origin"}
        asked = {"messages": [{"role": "user", "content": "Hi"}]}
        answer = client.post("/api/demo/v1/chat/completions", json=asked, headers=own)
        assert answer.status_code == 200
        # Others can reach it, so it asks no providers for them unless told to.
        assert client.get("/api/status").json()["relay"] is False


def test_a_stream_comes_through_as_it_is_written(behind: tuple[LiveServer, str]) -> None:
    server, url = behind
    pieces = records(Answer(text="An otter swims."))
    server.queue(streamed([pieces[0], pieces[1], Gate("rest"), *pieces[2:]]))
    with (
        person(url) as client,
        client.stream("POST", "/api/demo/v1/chat/completions", json={"stream": True}) as answer,
    ):
        parts = answer.iter_raw()
        assert b"data: " in next(parts)
        server.wait(0, at="gate:rest")
        server.open_gate("rest")
        assert b"[DONE]" in b"".join(parts)
    # Leaving goes through too.
    server.queue(streamed([pieces[0], Gate("never")]))
    with (
        person(url) as client,
        client.stream("POST", "/api/demo/v1/chat/completions", json={"stream": True}) as answer,
    ):
        next(answer.iter_raw())
    server.wait(1, state="disconnected")


def test_a_run_is_each_logins_own_goes_on_when_its_reader_is_cut_off_and_stops(
    tree: Tree,
) -> None:
    listens = free_port()
    public = PublicAddress.of(f"http://127.0.0.1:{listens}/chat")
    pieces = records(Answer(text="An otter swims."))
    identity = identity_of(tree.runtime)
    access = Access(identity, "127.0.0.1", public, login_header="X-Forwarded-User")
    question = {
        "messages": [{"role": "user", "parts": [{"type": "text", "text": "Hi"}]}],
        "provider": "openai-chat",
    }

    def until(client: httpx2.Client, after: str, kind: str) -> tuple[list[str], str]:
        """Read on behind a place until such an event comes; then leave in the middle."""
        kinds, place = [], after
        headers = {"last-event-id": after} if after else {}
        with client.stream("GET", f"/api/runs/{run}/events", headers=headers) as events:
            assert events.status_code == 200
            for line in events.iter_lines():
                if line.startswith("id: "):
                    place = line[4:]
                elif line.startswith("data: "):
                    kinds.append(json.loads(line[6:])["type"])
                    if kinds[-1] == kind:
                        break
        return kinds, place

    with (
        live_server(
            root=tree.root,
            runtime=tree.runtime,
            behind=public,
            access=access,
            own_providers={"openai-chat": provider("openai-chat", key="sk-server")},
            transport=ScriptedTransport(lambda request: streamed([*pieces[:2], Stall()])),
        ) as server,
        nginx(listens, server.port, names_login=True),
        person(public.url) as otter,
        person(public.url, OTHER_LOGIN) as heron,
    ):
        begun = otter.post("/api/runs", json=question)
        assert begun.status_code == 201, begun.text
        run = begun.json()["id"]
        # It comes through while the provider has more to say.
        kinds, place = until(otter, "", "content_delta")
        as_otter = {"x-forwarded-user": LOGIN[0]}  # which the proxy puts its own in place of
        assert heron.get(f"/api/runs/{run}", headers=as_otter).status_code == 404
        assert heron.get("/api/chats").json()["chats"] == []
        assert otter.post(f"/api/runs/{run}/cancel").status_code == 202
        rest, _ = until(otter, place, "done")
        assert "content_delta" not in rest
        whole, place = until(otter, "", "done")
        assert whole == kinds + rest
        end = {"last-event-id": place}
        assert otter.get(f"/api/runs/{run}/events", headers=end).status_code == 204
        assert otter.get(f"/api/runs/{run}").json()["status"] == "aborted"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_other_sites_are_refused_through_the_proxy_too(
    behind: tuple[LiveServer, str], headers: dict[str, str]
) -> None:
    with person(behind[1]) as client:
        assert client.post("/api/status", headers=headers).status_code == 403


def test_the_login_of_the_proxy_goes_no_further(behind: tuple[LiveServer, str]) -> None:
    server, url = behind
    with person(url) as client:
        client.post("/api/demo/v1/chat/completions", json={})
    word = base64.b64encode(":".join(LOGIN).encode()).decode()
    assert word not in str(server.requests()[0].headers)
    assert "authorization" not in server.requests()[0].headers


def test_a_proxy_that_nobody_named_is_refused_as_any_other_user(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:  # only root can start it as another user
        me = os.geteuid()
        monkeypatch.setattr("app.server.access.os.geteuid", lambda: me + 1)
    listens = free_port()
    with (
        live_server(root=tree.root, runtime=tree.runtime) as server,
        nginx(listens, server.port),
        person(f"http://localhost:{listens}/chat") as client,
    ):
        for method, path in (*NOT_FOR_STRANGERS[:7], ("GET", "/")):
            named = {"host": f"localhost:{server.port}"}
            assert client.request(method, path, headers=named).status_code == 403


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several other users")
def test_no_person_of_this_computer_goes_around_the_proxy(
    behind: tuple[LiveServer, str], as_another: Callable[..., str]
) -> None:
    server, url = behind
    public = f"Host: {httpx2.URL(url).netloc.decode()}"
    # A person, whatever they say; and a service that does not say that it is the proxy.
    for user, host in ((1234, public), (1234, ""), (33, "")):
        said = as_another(server, "GET /api/status", *filter(None, [host]), user=user)
        assert said.startswith("HTTP/1.1 403 "), (user, host)
    assert as_another(server, "GET /api/status", public, user=33).startswith("HTTP/1.1 200 ")


def test_its_own_user_still_asks_the_server_itself(behind: tuple[LiveServer, str]) -> None:
    answer = httpx2.get(f"{behind[0].url}/api/status", timeout=LIMIT_S, trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("text", "url", "hosts", "foreign"),
    [
        (
            "https://chat.example.org",
            "https://chat.example.org",
            ["CHAT.example.org", "chat.example.org:443"],
            ["chat.example.org:80", "example.org", ""],
        ),
        ("https://chat.example.org/", "https://chat.example.org", ["chat.example.org"], []),
        (
            "http://Example.org:8080/a/b/",
            "http://example.org:8080/a/b",
            ["example.org:8080"],
            ["example.org"],
        ),
        ("http://[::1]:9000/x", "http://[::1]:9000/x", ["[::1]:9000"], ["::1"]),
    ],
)
def test_public_addresses(text: str, url: str, hosts: list[str], foreign: list[str]) -> None:
    address = PublicAddress.of(text)
    assert address.url == url
    assert all(address.is_named(host) for host in hosts)
    assert not any(address.is_named(host) for host in foreign)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chat.example.org",
        "ftp://a.example",
        "https://",
        "https://a:b@c.example",
        "https://a.example/?x=1",
        "https://a.example/#x",
        "https://a.example:99999",
        "https://[a",
    ],
)
def test_what_is_no_public_address(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        PublicAddress.of(text)


def test_a_path_that_the_proxy_leaves_in_place_is_found_too() -> None:
    address = PublicAddress.of("https://example.org/chat")
    assert address.below("/chat/api/status") == "/api/status"
    assert address.below("/api/status") == "/api/status"
    assert address.below("/chatter/x") == "/chatter/x"
