"""Access to the server: for its user, browsers that had the token, and nobody else."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from app.native.agent_process import AgentProcess
from app.server import peer
from app.server.access import Access, is_name
from app.server.identity import identity_of
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree

# One address of everything that is not a static file.
NOT_FOR_STRANGERS = [
    ("GET", "/api/status"),
    ("GET", "/api/model/v1/models"),
    ("POST", "/api/model/v1/chat/completions"),
    ("GET", "/api/relay"),
    ("POST", "/api/relay"),
    ("GET", "/api/demo/v1/models"),
    ("POST", "/api/demo/v1/chat/completions"),
    ("GET", "/api/demo/control/requests"),
    ("POST", "/api/keys/keep"),
    ("POST", "/api/keys/open"),
    ("POST", "/api/whatever/comes"),
    ("OPTIONS", "/api/status"),
    ("HEAD", "/api/status"),
    ("GET", "//api/status"),
    ("GET", "/./api/status"),
    ("GET", "/%61pi/status"),
    ("GET", "/api%2fstatus"),
]


@pytest.fixture
def open_server(tree: Tree) -> Iterator[LiveServer]:
    """One that others can reach, so that it wants the token of everybody."""
    with live_server(root=tree.root, runtime=tree.runtime, host="0.0.0.0", relay=True) as server:
        yield server


def a_client(server: LiveServer) -> httpx2.Client:
    """A browser's part in it: cookies are kept, redirects followed."""
    return httpx2.Client(
        base_url=server.url, timeout=LIMIT_S, trust_env=False, follow_redirects=True
    )


@pytest.mark.parametrize(("method", "path"), NOT_FOR_STRANGERS)
def test_without_the_token_nothing_but_files_is_answered(
    open_server: LiveServer, method: str, path: str
) -> None:
    with a_client(open_server) as stranger:
        answer = stranger.request(method, path, headers={"relay-to": "http://127.0.0.1:9/"})
    if path.startswith("/api/"):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Tokenfall"
    else:
        assert answer.status_code in (401, 404)
    if answer.status_code == 401 and method != "HEAD":
        error = answer.json()["error"]
        assert error["code"] == "browser_unknown"
        assert "Open the address that serve.py printed" in error["message"]


def test_files_are_no_secret(open_server: LiveServer) -> None:
    with a_client(open_server) as stranger:
        for path in ("/", "/index.html", "/pyscript.toml", "/app/browser/boot.mjs", "/files.json"):
            assert stranger.get(path).status_code == 200


def test_the_printed_address_lets_a_browser_in_and_shows_no_token_afterwards(
    open_server: LiveServer,
) -> None:
    with a_client(open_server) as browser:
        page = browser.get(open_server.address)
        assert page.status_code == 200
        assert open_server.access.token not in str(page.url)
        [redirect] = page.history
        assert redirect.headers["cache-control"] == "no-store"
        cookie = redirect.headers["set-cookie"].lower()
        for part in ("httponly", "samesite=strict", "path=/", "max-age=34560000"):
            assert part in cookie
        assert open_server.access.token.lower() not in cookie
        assert browser.get("/api/status").status_code == 200
        assert browser.get("/api/demo/v1/models").status_code == 200


def test_what_else_is_in_the_address_stays(open_server: LiveServer) -> None:
    path = f"/index.html?chat=7&token={open_server.access.token}&x=a%26b"
    answer = httpx2.get(open_server.url + path, timeout=LIMIT_S, trust_env=False)
    assert answer.headers["location"] == "./index.html?chat=7&x=a%26b"


@pytest.mark.parametrize("wrong", ["", "x", "ä", "%00", "{token}x", "{token} "])
def test_a_wrong_token_opens_the_page_and_nothing_more(open_server: LiveServer, wrong: str) -> None:
    with a_client(open_server) as browser:
        page = browser.get("/", params={"token": wrong.format(token=open_server.access.token)})
        assert page.status_code == 200
        assert not page.url.query
        assert not browser.cookies
        assert browser.get("/api/status").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "ä", "{cookie}x", '"{cookie}"', "{token}"])
def test_a_wrong_cookie_is_none(open_server: LiveServer, tree: Tree, value: str) -> None:
    cookie = identity_of(tree.runtime).cookie
    known = value.format(cookie=cookie, token=open_server.access.token)
    header = f"{open_server.access.cookie_name}={known}".encode("latin-1")
    answer = httpx2.get(
        f"{open_server.url}/api/status",
        headers={b"cookie": header},
        timeout=LIMIT_S,
        trust_env=False,
    )
    assert answer.status_code == 401


def test_another_programs_cookie_of_the_same_name_keeps_nobody_out(
    open_server: LiveServer, tree: Tree
) -> None:
    name, good = open_server.access.cookie_name, identity_of(tree.runtime).cookie
    for header in (f"{name}=x; {name}={good}", f"{name}={good}; a=b; {name}=x"):
        answer = httpx2.get(
            f"{open_server.url}/api/status",
            headers={"cookie": header},
            timeout=LIMIT_S,
            trust_env=False,
        )
        assert answer.status_code == 200


def test_the_token_is_no_cookie_and_the_cookie_no_token(
    open_server: LiveServer, tree: Tree
) -> None:
    cookie = identity_of(tree.runtime).cookie
    with a_client(open_server) as browser:
        browser.get("/", params={"token": cookie})
        assert not browser.cookies


def test_a_known_browser_stays_known_over_restarts_and_a_printed_address_does_not(
    own_tree: Tree,
) -> None:
    with live_server(root=own_tree.root, runtime=own_tree.runtime, host="0.0.0.0") as server:
        first = server.address
        with a_client(server) as browser:
            browser.get(first)
            cookies = dict(browser.cookies)
    with live_server(root=own_tree.root, runtime=own_tree.runtime, host="0.0.0.0") as again:
        answer = httpx2.get(
            f"{again.url}/api/status", cookies=cookies, timeout=LIMIT_S, trust_env=False
        )
        assert answer.status_code == 200
        assert again.address.partition("?")[2] != first.partition("?")[2]
        with a_client(again) as browser:
            browser.get("/?" + first.partition("?")[2])
            assert browser.get("/api/status").status_code == 401
    # Whoever removes the file turns all browsers away.
    (own_tree.runtime / "identity.json").unlink()
    with live_server(root=own_tree.root, runtime=own_tree.runtime, host="0.0.0.0") as third:
        answer = httpx2.get(
            f"{third.url}/api/status", cookies=cookies, timeout=LIMIT_S, trust_env=False
        )
        assert answer.status_code == 401


def test_two_servers_of_one_host_do_not_overwrite_each_others_cookie(
    open_server: LiveServer, own_tree: Tree
) -> None:
    with (
        live_server(root=own_tree.root, runtime=own_tree.runtime, host="0.0.0.0") as other,
        a_client(open_server) as browser,
    ):
        # Browsers keep cookies by host, whatever the port; so does this client.
        browser.get(open_server.address)
        browser.get(other.address)
        for server in (open_server, other):
            assert browser.get(f"{server.url}/api/status").status_code == 200
        assert len(browser.cookies) == 2


def test_the_secret_is_for_its_owner_only(own_tree: Tree) -> None:
    identity_of(own_tree.runtime)
    file = own_tree.runtime / "identity.json"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(Exception, match="can be read or changed by other users"):
        identity_of(own_tree.runtime)


def test_a_page_of_0_1_0_beside_this_server_says_what_to_do(open_server: LiveServer) -> None:
    """An old page shows the message of a model that failed, and the error of the relay."""
    with a_client(open_server) as page:
        body = page.get("/api/status").json()
        assert body["model"]["state"] == "failed"
        assert "Open the address that serve.py printed" in body["model"]["message"]
        answer = page.get("/api/relay")
        assert answer.headers["relay-error"] == "browser_unknown"
        assert answer.json()["error"]["message"] == body["model"]["message"]


# The users of this computer


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell users apart")
def test_this_system_tells_users_apart() -> None:
    assert peer.tells()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell users apart")
@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::1"])
def test_another_user_of_this_computer_gets_nothing_and_a_sentence(
    server: LiveServer, as_another: Callable[..., str], address: str
) -> None:
    requests = [f"{method} {path}" for method, path in NOT_FOR_STRANGERS]
    for line in (*requests[:7], "GET /", "GET /app/browser/boot.mjs", "GET /api/proof?nonce=x"):
        said = as_another(server, line, address=address)
        assert said.startswith("HTTP/1.1 403 "), line
        assert "another user of this computer" in said
        assert "python3 serve.py --port" in said
    assert server.requests() == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell users apart")
def test_the_token_of_another_user_does_not_help_a_user_of_this_computer(
    server: LiveServer, tree: Tree, as_another: Callable[..., str]
) -> None:
    cookie = f"Cookie: {server.access.cookie_name}={identity_of(tree.runtime).cookie}"
    assert as_another(server, "GET /api/status", cookie).startswith("HTTP/1.1 403 ")
    said = as_another(server, f"GET /?token={server.access.token}")
    assert said.startswith("HTTP/1.1 403 ")
    assert "set-cookie" not in said.lower()


@pytest.mark.parametrize(("host", "name"), [("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")])
def test_our_own_user_needs_no_token(tree: Tree, host: str, name: str) -> None:
    with live_server(root=tree.root, runtime=tree.runtime, host=host) as server:
        assert server.address == server.url
        answer = httpx2.get(
            f"http://{name}:{server.port}/api/status", timeout=LIMIT_S, trust_env=False
        )
        assert answer.status_code == 200


def test_a_user_is_looked_up_once_a_connection(
    server: LiveServer, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def counted(*ends: peer.Address) -> int | None:
        asked.append(ends)
        return os.geteuid()

    monkeypatch.setattr(peer, "user_of", counted)
    with a_client(server) as browser:
        for _ in range(3):
            assert browser.get("/api/status").status_code == 200
    assert len(asked) == 1


def test_where_the_system_does_not_tell_the_token_is_wanted(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on other systems, where nothing tells; the address to open has the token then."""
    monkeypatch.setattr(peer, "tells", lambda: False)
    with (
        live_server(root=tree.root, runtime=tree.runtime) as server,
        a_client(server) as browser,
    ):
        assert browser.get("/").status_code == 200
        assert browser.get("/api/status").status_code == 401
        assert browser.get(server.address).status_code == 200
        assert browser.get("/api/status").status_code == 200


def test_where_a_connection_is_not_in_the_list_the_token_is_wanted(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from outside of a container."""
    monkeypatch.setattr(peer, "user_of", lambda theirs, ours: None)
    with a_client(server) as browser:
        assert browser.get("/api/status").status_code == 401
        browser.get("/", params={"token": server.access.token})
        assert browser.get("/api/status").status_code == 200


@pytest.mark.parametrize("debug", [False, True])
def test_who_is_on_another_computer_sees_where_a_file_fails_with_debug_alone(
    tree: Tree, tmp_path: Path, debug: bool
) -> None:
    file = tmp_path / "bot.py"
    file.write_text("raise ValueError('secret')")
    agent = AgentProcess(file, packages=Path(msgspec.__file__).parents[1])
    access = Access(identity_of(tree.runtime), "0.0.0.0", token="t" * 24)
    serving = live_server(
        root=tree.root,
        runtime=tree.runtime,
        host="0.0.0.0",
        access=access,
        agent=agent,
        debug=debug,
    )
    with serving as server, a_client(server) as client:
        client.get("/", params={"token": "t" * 24})
        said = {"role": "user", "parts": [{"type": "text", "text": "Hi"}]}
        asked = {"messages": [said], "stream": False}
        answer = client.post("/api/agent/chat", json=asked).json()
        status = client.get("/api/status").json()["agent"]
    assert answer["error"]["message"].startswith("The file that answers cannot be used")
    assert status["state"] == "failed"
    assert status["error"]
    assert ("secret" in str(answer), "secret" in str(status)) == (debug, debug)


def test_people_have_names_of_one_to_two_hundred_letters() -> None:
    names = ["", "a", "a" * 200, "a" * 201, None]
    assert [is_name(name) for name in names] == [False, True, True, False, False]
