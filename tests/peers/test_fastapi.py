"""The page in a FastAPI program, with that program's login: the example, as its person runs it."""

import json
from pathlib import Path
from typing import Any

import httpx2

from .programs import serving

PAGE = "/team/chat/"


def log_in(client: httpx2.Client, name: str, password: str) -> httpx2.Response:
    client.cookies.clear()
    return client.get("/login", auth=(name, password), follow_redirects=True)


def asked(client: httpx2.Client, text: str) -> str:
    """Ask in a run of the server, and give its answer."""
    said = {"role": "user", "parts": [{"type": "text", "text": text}]}
    begun = client.post(f"{PAGE}api/runs", json={"messages": [said], "chat": "my-shopping"})
    assert begun.status_code == 201, begun.text
    run = begun.json()["id"]
    client.get(f"{PAGE}api/runs/{run}/events")
    state: dict[str, Any] = client.get(f"{PAGE}api/runs/{run}").json()
    return str(state["message"]["parts"][0]["text"])


def test_the_example_logs_in_and_keeps_lists_apart_also_over_a_restart(tmp_path: Path) -> None:
    def serve():
        return serving("examples.agents.with_login:api", "TOKENFALL_NEAR_PEERS", tmp_path)

    with serve() as client:
        assert client.get(PAGE).status_code == 401
        assert log_in(client, "ada", "enhydra").status_code == 401
        page = log_in(client, "ada", "lutra")
        assert (page.status_code, page.url.path) == (200, PAGE)
        assert "<title>Tokenfall</title>" in page.text
        assert asked(client, "a boat") == "ada, your list: a boat"
        assert log_in(client, "bo", "enhydra").status_code == 200
        assert asked(client, "fish") == "bo, your list: fish"
        assert client.get("/openapi.json").json()["info"]["title"] == "FastAPI"  # the host's own
        # A page that follows its chats keeps a connection open; the program ends all the same.
        with client.stream("GET", f"{PAGE}api/chats/events") as following:
            assert following.status_code == 200
    with serve() as client:
        log_in(client, "ada", "lutra")
        chats = client.get(f"{PAGE}api/chats").json()["chats"]
        assert [(chat["title"], chat["status"]) for chat in chats] == [("a boat", "complete")]
        assert "fish" not in json.dumps(chats)
