"""Another website cannot use the server, and the page cannot be used by one."""

import re
from base64 import b64encode
from hashlib import sha256

import httpx2
import pytest

from app.server.security import DISPLAY, HEADER_POLICY, META_POLICY, SANDBOXES
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree


def test_a_name_that_is_rebound_to_this_computer_gets_nothing(
    server: LiveServer, client: httpx2.Client
) -> None:
    for path in ("/", "/api/status", "/api/demo/v1/models"):
        answer = client.get(path, headers={"host": f"evil.example:{server.port}"})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "foreign_host"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:1",
        "",
        "localhost:",
        "[::1",
        "localhost:{port}0",
        "a@localhost:{port}",
    ],
)
def test_a_host_of_another_port_or_no_host_is_refused(
    server: LiveServer, client: httpx2.Client, host: str
) -> None:
    named = {"host": host.format(port=server.port)}
    assert client.get("/api/status", headers=named).status_code == 403


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_names_of_this_computer_are_answered(
    server: LiveServer, client: httpx2.Client, name: str
) -> None:
    answer = client.get("/api/status", headers={"host": f"{name}:{server.port}"})
    assert answer.status_code == 200


def test_the_address_given_to_listen_on_is_a_good_host(tree: Tree) -> None:
    with live_server(root=tree.root, runtime=tree.runtime, host="127.0.0.2") as server:
        own = f"http://127.0.0.2:{server.port}"
        assert httpx2.get(f"{own}/api/status", timeout=LIMIT_S, trust_env=False).status_code == 200
        foreign = {"host": f"127.0.0.3:{server.port}"}
        answer = httpx2.get(f"{own}/api/status", headers=foreign, timeout=LIMIT_S, trust_env=False)
        assert answer.status_code == 403


def test_on_all_addresses_any_address_is_a_good_host_but_no_foreign_name(tree: Tree) -> None:
    with live_server(root=tree.root, runtime=tree.runtime, host="0.0.0.0") as server:
        statuses = {
            host: httpx2.get(
                f"http://127.0.0.1:{server.port}/pyscript.toml",
                headers={"host": f"{host}:{server.port}"},
                timeout=LIMIT_S,
                trust_env=False,
            ).status_code
            for host in ("192.0.2.7", "[2001:db8::7]", "localhost", "evil.example")
        }
    assert statuses == {
        "192.0.2.7": 200,
        "[2001:db8::7]": 200,
        "localhost": 200,
        "evil.example": 403,
    }


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://127.0.0.1:{port}",
        "https://localhost:{port}",
    ],
)
def test_another_origin_is_refused(server: LiveServer, client: httpx2.Client, origin: str) -> None:
    foreign = {"origin": origin.format(port=server.port)}
    answer = client.post("/api/demo/v1/chat/completions", headers=foreign, content=b"{}")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_origin"
    assert server.requests() == []


def test_our_own_origin_is_answered(server: LiveServer, client: httpx2.Client) -> None:
    own = {"origin": server.url, "sec-fetch-site": "same-origin"}
    assert client.get("/api/status", headers=own).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_api_does_not_answer_other_sites_nor_other_ports(
    client: httpx2.Client, site: str
) -> None:
    assert client.get("/api/status", headers={"sec-fetch-site": site}).status_code == 403


def test_a_link_from_another_site_may_open_the_page(client: httpx2.Client) -> None:
    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_every_answer_carries_the_policy(client: httpx2.Client) -> None:
    foreign = {"host": "evil.example"}
    for answer in (
        client.get("/"),
        client.get("/api/status"),
        client.get("/nothing-here"),
        client.get("/", headers=foreign),
    ):
        assert answer.headers["content-security-policy"] == HEADER_POLICY
        assert answer.headers["x-dns-prefetch-control"] == "off"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("page", sorted({*SANDBOXES, DISPLAY}))
def test_a_document_without_an_origin_may_load_itself_into_our_page_alone(
    client: httpx2.Client, page: str
) -> None:
    headers = client.get(page).headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_the_policy_allows_no_inline_code_and_no_eval() -> None:
    assert "unsafe-inline" not in HEADER_POLICY
    assert "'unsafe-eval'" not in HEADER_POLICY
    assert HEADER_POLICY.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
    assert HEADER_POLICY.endswith("require-trusted-types-for 'script'; frame-ancestors 'none'")


def test_the_policy_of_the_export_is_the_same_without_what_a_meta_cannot_say() -> None:
    assert META_POLICY + "; frame-ancestors 'none'" == HEADER_POLICY


def test_api_answers_are_not_kept(client: httpx2.Client) -> None:
    assert client.get("/api/status").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["127.0.0.1", "[::1]"])
def test_a_page_asked_for_by_address_is_sent_to_localhost(
    server: LiveServer, client: httpx2.Client, name: str
) -> None:
    by_address = {"host": f"{name}:{server.port}"}
    answer = client.get("/?chat=7&x=%20", headers=by_address)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{server.url}/?chat=7&x=%20"
    assert client.get("/pyscript.toml", headers=by_address).status_code == 200
    assert client.get("/", headers={"host": f"localhost:{server.port}"}).status_code == 200


@pytest.mark.parametrize("page", sorted(SANDBOXES))
def test_a_sandbox_has_no_origin_and_no_way_to_the_server(client: httpx2.Client, page: str) -> None:
    answer = client.get(page)
    header = answer.headers["content-security-policy"]
    assert header == "sandbox allow-scripts; frame-ancestors 'self'"
    script = re.search(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert script is not None
    digest = b64encode(sha256(script[1].encode()).digest()).decode()
    # A person's own tools may ask the web; what a model wrote may not.
    network = "" if "session" in page else " https:"
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}' blob: 'wasm-unsafe-eval'; "
        f"worker-src blob:; connect-src blob:{network}; base-uri 'none'; form-action 'none'"
    )
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in answer.text


def test_what_is_displayed_has_no_origin_and_no_network(client: httpx2.Client) -> None:
    answer = client.get(DISPLAY)
    header = answer.headers["content-security-policy"]
    assert header == "sandbox allow-scripts allow-forms; frame-ancestors 'self'"
    assert answer.headers["x-dns-prefetch-control"] == "off"
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="(.*?)">', answer.text)
    assert found is not None
    policy = dict(one.strip().partition(" ")[::2] for one in found[1].split(";"))
    for name in ("default-src", "worker-src", "base-uri", "form-action"):
        assert policy.pop(name) == "'none'"
    # Bytes that are handed in, and what is written in the document itself.
    sources = {source for value in policy.values() for source in value.split()}
    assert sources == {"blob:", "data:", "'unsafe-inline'", "'unsafe-eval'"}
