"""Listening, and the server as a program of its own."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.server import main as serving
from app.server.listening import address, listen
from app.setup.errors import SetupError
from tests.live_server import LIMIT_S, REPOSITORY
from tests.server.tree import Tree


@contextmanager
def closed_after(sockets: list[socket.socket]) -> Iterator[list[socket.socket]]:
    try:
        yield sockets
    finally:
        for each in sockets:
            each.close()


def test_by_default_all_addresses_of_localhost_are_taken_with_one_port() -> None:
    with closed_after(listen("127.0.0.1", 0)) as sockets:
        names = [each.getsockname()[:2] for each in sockets]
        port = names[0][1]
        try:
            socket.create_connection(("::1", port), LIMIT_S).close()
        except OSError:
            assert names == [("127.0.0.1", port)]
        else:
            assert names == [("127.0.0.1", port), ("::1", port)]


def test_a_used_port_is_one_sentence_with_two_ways_out() -> None:
    with closed_after(listen("127.0.0.1", 0)) as sockets:
        port = sockets[0].getsockname()[1]
        with pytest.raises(SetupError) as refused:
            listen("127.0.0.1", port)
    sentence = str(refused.value)
    assert f"Port {port} is in use" in sentence
    assert f"http://localhost:{port}" in sentence
    assert f"--port {port + 1}" in sentence


def test_a_port_that_another_program_has_on_the_ipv6_side_counts_as_used() -> None:
    try:
        other = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        # Without IPv6 there is no such side, and the first address is all that is taken.
        with closed_after(listen("127.0.0.1", 0)) as sockets:
            assert len(sockets) == 1
        return
    with other, pytest.raises(SetupError, match="is in use"):
        listen("127.0.0.1", other.getsockname()[1])


def test_an_address_of_another_computer_is_said() -> None:
    with pytest.raises(SetupError, match="--host takes an address of this computer"):
        listen("192.0.2.1", 0)


def test_a_name_that_does_not_exist_is_said() -> None:
    with pytest.raises(SetupError, match="Cannot listen on no-such-host.invalid"):
        listen("no-such-host.invalid", 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8765"),
        ("0.0.0.0", "http://localhost:8765"),
        ("::1", "http://localhost:8765"),
        ("192.168.1.5", "http://192.168.1.5:8765"),
        ("fe80::1", "http://[fe80::1]:8765"),
        ("laptop.local", "http://laptop.local:8765"),
    ],
)
def test_the_address_to_open_can_be_opened(host: str, url: str) -> None:
    assert address(host, 8765) == url


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="addresses go by no command line")
def test_the_address_with_a_token_is_in_no_command_line(tmp_path: Path) -> None:
    url = "http://localhost:8765/?token=a-secret"
    opened = serving._by_file(tmp_path.resolve(), url)
    assert "a-secret" not in opened
    file = Path(httpx2.URL(opened).path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert f'url={url}"' in file.read_text("utf-8")


_PROGRAM = """
import sys
from pathlib import Path
from app.server.main import serve

root, runtime, host, port = sys.argv[1:]
code = serve(
    root=Path(root),
    runtime=Path(runtime),
    host=host,
    port=int(port),
    open_browser=False,
    with_model=False,
)
sys.exit(code)
"""


@contextmanager
def _program(tree: Tree, host: str, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _PROGRAM, str(tree.root), str(tree.runtime), host, str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_program_says_where_it_is_serves_and_stops_on_ctrl_c_without_a_word_of_complaint(
    tree: Tree, host: str
) -> None:
    with _program(tree, host, 0) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        found = re.search(r"http://localhost:\d+\S*", program.stdout.readline())
        assert found is not None
        assert ("token=" in found[0]) == (host == "0.0.0.0")
        with httpx2.Client(timeout=LIMIT_S, trust_env=False, follow_redirects=True) as browser:
            assert browser.get(found[0]).status_code == 200
            assert browser.get(httpx2.URL(found[0]).join("/api/status")).status_code == 200
        file = tree.runtime / "server.json"
        assert file.stat().st_mode & 0o777 == 0o600
        announced = json.loads(file.read_bytes())
        assert (announced["address"], announced["pid"]) == ("127.0.0.1", program.pid)
        assert f":{announced['port']}" in found[0]
        program.send_signal(signal.SIGINT)
        said, complaint = program.stdout.read(), program.stderr.read()
        program.wait()
    assert program.returncode == 0
    assert said.endswith("Stopped.\n")
    assert not file.exists()
    assert ("Whoever opens this address once" in said) == (host == "0.0.0.0")
    assert ("On another device" in said) == (host == "0.0.0.0")
    assert ("--relay lets it" in said) == (host == "0.0.0.0")
    assert complaint == ""


def test_a_used_port_ends_the_program_with_a_sentence_and_code_2(tree: Tree) -> None:
    with (
        closed_after(listen("127.0.0.1", 0)) as sockets,
        _program(tree, "127.0.0.1", sockets[0].getsockname()[1]) as program,
    ):
        said, complaint = program.communicate(timeout=LIMIT_S)
    assert program.returncode == 2
    assert said == ""
    assert complaint.count("\n") == 1
    assert "is in use" in complaint
