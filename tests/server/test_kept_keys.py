"""Remembered keys are in files that nobody else reads, and come back for their ticket alone."""

import stat
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.server.kept_keys import KeptKeys

KEY = "sk-REMEMBERED-é-0123456789"


def asked(client: httpx2.Client, name: str, **body: Any) -> Any:
    answer = client.post(f"/api/keys/{name}", json=body)
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.content else None


def test_a_key_comes_back_for_its_ticket_and_is_forgotten(client: httpx2.Client) -> None:
    ticket = asked(client, "keep", key=KEY)["ticket"]
    other = asked(client, "keep", key=KEY)["ticket"]
    assert ticket != other
    assert asked(client, "open", tickets=[ticket, "unknown"]) == {"keys": {ticket: KEY}}
    asked(client, "forget", tickets=[ticket, ticket, "unknown"])
    assert asked(client, "open", tickets=[ticket, other]) == {"keys": {other: KEY}}


def test_the_next_start_has_them_and_no_other_folder(tmp_path: Path) -> None:
    ticket = KeptKeys(tmp_path / "one").keep(KEY)
    assert KeptKeys(tmp_path / "one").open(ticket) == KEY
    assert KeptKeys(tmp_path / "two").open(ticket) is None


def test_what_is_answered_is_kept_nowhere_else(client: httpx2.Client) -> None:
    answer = client.post("/api/keys/keep", json={"key": KEY})
    assert answer.headers["cache-control"] == "no-store"
    assert KEY not in answer.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_their_owner_reads_the_files(tmp_path: Path) -> None:
    keys = KeptKeys(tmp_path / "keys")
    ticket = keys.keep(KEY)
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert ticket not in file.name
    file.chmod(0o644)  # another program wrote it, or others have read it
    assert keys.open(ticket) is None


@pytest.mark.parametrize(
    "ticket", ["", "../identity.json", "/etc/hostname", "a\0b", "x" * 100_000, "\ud800"]
)
def test_a_ticket_is_no_path(tmp_path: Path, ticket: str) -> None:
    keys = KeptKeys(tmp_path / "keys")
    (tmp_path / "identity.json").write_text("secret")
    assert keys.open(ticket) is None
    keys.forget(ticket)
    assert (tmp_path / "identity.json").exists()


@pytest.mark.parametrize("name", ["keep", "open", "forget"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"key": 1}', b'{"key": ""}', b"\xff"])
def test_anything_else_is_refused(client: httpx2.Client, name: str, body: bytes) -> None:
    assert client.post(f"/api/keys/{name}", content=body).status_code == 400


def test_a_key_is_no_book_and_there_are_bounds(
    client: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for length, status in ((1, 200), (16_384, 200), (16_385, 400)):
        kept = client.post("/api/keys/keep", json={"key": "x" * length})
        assert kept.status_code == status
    keys = KeptKeys(tmp_path / "keys")
    monkeypatch.setattr("app.server.kept_keys._MOST_KEYS", 2)
    fullness = [(keys.is_full, keys.keep(KEY))[0] for _ in range(3)]
    assert fullness == [False, False, True]
    for tickets, status in ((["a", "b"], 200), (["a", "b", "c"], 400)):
        assert client.post("/api/keys/open", json={"tickets": tickets}).status_code == status


@pytest.mark.parametrize("origin", ["http://localhost:1", "null", "https://evil.example"])
def test_no_other_site_gets_a_key(client: httpx2.Client, origin: str) -> None:
    ticket = asked(client, "keep", key=KEY)["ticket"]
    answer = client.post("/api/keys/open", json={"tickets": [ticket]}, headers={"origin": origin})
    assert answer.status_code == 403
    assert KEY not in answer.text
