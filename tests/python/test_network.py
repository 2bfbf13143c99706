"""Addresses of a cell: those that its source names, and requests on their way."""

import ast
import asyncio
import base64
import sys

import pytest

from app.python.addresses import hosts_in
from app.python.imports import needs
from app.python.messages import Fetch, read, written
from app.python.network import Network


@pytest.mark.parametrize(
    ("source", "hosts"),
    [
        ("urlopen('https://a.org/x')", ["a.org"]),
        ("requests.get('https://a.org')\nu = 'https://b.org:8443/y?z'", ["a.org", "b.org:8443"]),
        ("from pyodide.http import pyfetch\nawait pyfetch(f'https://a.org/{n}')", ["a.org"]),
        ("import requests\nx = f'https://a.{tld}/'", []),
        ("import requests\nx = f'https://{host}/x'", []),
        ("pd.read_csv('https://A.ORG/ä.csv')", ["a.org"]),
        (
            "import httpx\nx = 'https://user:word@a.org/', 'https://[2606::1]/'",
            ["a.org", "[2606::1]"],
        ),
        ("import urllib.request as r\nx = 'https://a.org', 'https://a.org/2'", ["a.org"]),
        ("print('https://a.org')", []),
        ("urlopen('http://a.org')", []),
        ("urlopen(x)\n'''See https://a.org for more'''", []),
        ("urlopen(x); y = 'https://', 'https:///a', 'https://a b/', 'https://a:x/'", []),
    ],
)
def test_hosts_are_named_where_something_is_asked(source: str, hosts: list[str]) -> None:
    assert hosts_in(ast.parse(source)) == hosts
    assert needs(source).hosts == hosts


def test_what_pandas_imports_later_is_needed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    for name in ("pyarrow", "openpyxl", "lxml", "tabulate"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert "pyarrow" in needs("import pandas as pd\npd.read_parquet('a')").modules
    assert "openpyxl" in needs("df.to_excel('a.xlsx')").modules
    monkeypatch.delitem(sys.modules, "pandas")
    assert needs("df.to_excel('a.xlsx')").modules == []


def test_requests_are_answered_by_their_numbers_refused_or_stopped() -> None:
    sent: list[Fetch] = []
    is_running = True
    network = Network(sent.append, lambda: is_running)

    async def ask(body: bytes = b"") -> str:
        try:
            answer = await network.ask("POST", "https://a.org/", [("X", "1")], body)
        except OSError as error:
            return str(error)
        return f"{answer.url} {answer.status} {dict(answer.headers)} {answer.body!r}"

    async def talk() -> list[str]:
        asked = [asyncio.ensure_future(ask(body)) for body in (b"\xff", b"", b"")]
        await asyncio.sleep(0)
        first, second, third = sent
        network.take(
            second.request,
            b"no",
            "https://a.org/end",
            404,
            [["X-A", "b"], ["Content-Encoding", "gzip"]],
        )
        network.refuse(first.request, "not allowed")
        network.refuse(first.request, "twice")
        network.take(99, b"nobody asked", "", 200, [])
        network.stop()
        network.take(third.request, b"late", "", 200, [])
        return await asyncio.gather(*asked)

    refused, answered, stopped = asyncio.run(talk())
    assert (refused, answered) == ("not allowed", "https://a.org/end 404 {'x-a': 'b'} b'no'")
    assert "stopped" in stopped
    assert sent[0].headers == [["X", "1"]]
    assert base64.b64decode(sent[0].body) == b"\xff"
    assert read(written(sent[0])) == sent[0]
    is_running = False
    assert "Only a running cell" in asyncio.run(ask())
