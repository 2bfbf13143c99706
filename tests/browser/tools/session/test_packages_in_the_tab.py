"""Packages for the Python of a chat: asked for once, from three places, each file by its hash. The
files have real names and are made for this.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.browser.tools.session.catalogue import DISTRIBUTION, PYPI, PYPI_FILES
from tests.browser.python_page import PythonPage
from tests.browser.tools.session.wheels import (
    digest,
    project,
    real_project,
    wheel,
    with_files,
)
from tests.documents import files
from tests.live_server import RUNTIME
from tests.pyodide.wheels import downloaded

PANDAS = wheel("pandas", "3.0.2", "import numpy\nanswer = numpy.half * 2\n")
NUMPY = wheel("numpy", "2.4.6", "half = 21\n")
SIX = wheel("six", "1.17.0", "answer = 6\n")
OPENPYXL = wheel("openpyxl", "3.1.5", "import et_xmlfile\nanswer = et_xmlfile.answer + 1\n")
ET_XMLFILE = wheel("et_xmlfile", "2.0.0", "answer = 1\n")
ELSEWHERE = (DISTRIBUTION.partition("v{version}")[0], PYPI, PYPI_FILES)

NO_CACHE = """
(isFull) => {
  Cache.prototype.realPut ??= Cache.prototype.put;
  Cache.prototype.put = isFull
    ? async () => { throw new DOMException("no room", "QuotaExceededError"); }
    : Cache.prototype.realPut;
}
"""


class Mirror:
    """Answers in place of the server's folder, Pyodide's distribution and PyPI."""

    def __init__(self, python: PythonPage) -> None:
        folder = RUNTIME / "npm/node_modules/pyodide"
        real = json.loads((folder / "pyodide-lock.json").read_bytes())
        files = {"pandas": PANDAS, "numpy": NUMPY, "six": SIX}
        self.asked: list[str] = []
        self.lock = with_files(real, files)
        names = {name: self.lock["packages"][name]["file_name"] for name in files}
        self.numpy = names["numpy"]
        version = json.loads((folder / "package.json").read_bytes())["version"]
        self.distribution = DISTRIBUTION.format(version=version)
        self.files: dict[str, bytes] = {
            f"{self.distribution}{names['pandas']}": PANDAS,
            f"{self.distribution}{names['six']}": b"another file",
        }
        openpyxl = project("openpyxl", "3.1.5", OPENPYXL, "et-xmlfile", "x; extra == 'x'")
        self._add_project("openpyxl", openpyxl, OPENPYXL)
        self._add_project("et-xmlfile", project("et_xmlfile", "2.0.0", ET_XMLFILE), ET_XMLFILE)
        self.route(python.page)

    def add_real(self) -> None:
        """Have what people load from PyPI, as it is there."""
        listed: dict[str, bytes] = {}  # what Pyodide has itself comes from there
        for file in downloaded("session-tests"):
            told = real_project(file)
            name = told["info"]["name"].replace("_", "-")
            if name in self.lock["packages"]:
                listed[name] = file.read_bytes()
                continue
            self._add_project(name, told, file.read_bytes())
        self.lock = with_files(self.lock, listed)
        for name, wheel_bytes in listed.items():
            file_name = self.lock["packages"][name]["file_name"]
            self.files[f"{self.distribution}{file_name}"] = wheel_bytes

    def _add_project(self, name: str, told: dict[str, Any], data: bytes) -> None:
        listing = json.dumps(told).encode()
        self.files[f"{PYPI}pypi/{name}/json"] = listing
        self.files[f"{PYPI}pypi/{name}/{told['info']['version']}/json"] = listing
        self.files[told["urls"][0]["url"]] = data

    def route(self, page: Page) -> None:
        page.route("**/vendor/pyodide/packages.json", lambda route: route.fulfill(json=self.lock))
        served = {self.numpy: {"size": len(NUMPY), "sha256": digest(NUMPY)}}
        page.route("**/api/packages", lambda route: route.fulfill(json=served))
        page.route(f"**/api/packages/{self.numpy}", lambda route: route.fulfill(body=NUMPY))
        for address in ELSEWHERE:
            page.route(f"{address}**", self.answer)

    def answer(self, route: Route) -> None:
        url = route.request.url
        self.asked.append(url)
        headers = {"access-control-allow-origin": "*"}
        if url in self.files:
            route.fulfill(body=self.files[url], headers=headers)
        else:
            route.fulfill(status=404, headers=headers)


@pytest.fixture
def mirror(python: PythonPage) -> Iterator[Mirror]:
    python.chat.watch.expect("called a stranger: https://", "status of 404")
    python.page.reload()  # what this page knows of packages are others
    python.chat.wait_until_ready()
    yield Mirror(python)
    python.page.unroute_all(behavior="wait")
    python.page.reload()
    python.chat.wait_until_ready()


def test_packages_are_asked_for_once_and_kept(python: PythonPage, mirror: Mirror) -> None:
    chat = python.chat
    # Where there is no room to keep them they serve this Python, which is said.
    python.page.evaluate(NO_CACHE, True)
    chat.new_chat_button.click()
    python.begin("import pandas\npandas.answer")
    chat.choose("Load them", "Load packages")
    chat.wait_for_end()
    (told,) = python.results()
    assert told.startswith("42\n[Loaded before the cell began: numpy 2.4.6, pandas 3.0.2 (")
    assert "This browser had no room to keep numpy, pandas: " in told
    python.page.evaluate(NO_CACHE, False)
    mirror.asked.clear()

    chat.new_chat_button.click()
    python.begin("import pandas\npandas.answer")
    request = chat.requests.filter(has_text="Load packages into the Python of this chat?")
    expect(request).to_contain_text("pandas 3.0.2, about 5.7 MB, from cdn.jsdelivr.net")
    expect(request).to_contain_text(f"numpy 2.4.6, {len(NUMPY)} bytes, from this page's server")
    assert mirror.asked == []
    chat.choose("Load them", "Load packages")
    chat.wait_for_end()
    (told,) = python.results()
    assert told.startswith("42\n[Loaded before the cell began: numpy 2.4.6, pandas 3.0.2 (")
    assert len(mirror.asked) == 1

    # Another Python of another chat has them from this browser, and asks nobody.
    for address in list(mirror.files):
        del mirror.files[address]
    chat.new_chat_button.click()
    (told,) = python.run("import pandas\npandas.answer")
    assert told.startswith("42\n[Loaded before")
    assert len(mirror.asked) == 1

    # What is refused is not asked for again, and the cell runs without it.
    python.begin("import matplotlib")
    chat.choose("Don't load", "Load packages")
    chat.wait_for_end()
    for told in (python.results()[-1], *python.run("import matplotlib")):
        assert "ModuleNotFoundError: No module named 'matplotlib'" in told
        assert "[The person did not want to load matplotlib." in told
    assert len(mirror.asked) == 1


def test_wheels_of_pypi_come_after_the_yes_and_what_fails_is_told(
    python: PythonPage, mirror: Mirror
) -> None:
    chat = python.chat
    chat.new_chat_button.click()
    block = '# /// script\n# dependencies = ["openpyxl>=3,<4"]\n# ///\n'
    python.begin(f"{block}import openpyxl\nopenpyxl.answer")
    request = chat.requests.filter(has_text="Load packages into the Python of this chat?")
    expect(request).to_contain_text("openpyxl>=3,<4, with what it needs, from pypi.org")
    assert mirror.asked == []
    chat.choose("Always in this chat", "Load packages")
    chat.wait_for_end()
    (told,) = python.results()
    assert told.startswith("2\n[Loaded before the cell began: openpyxl 3.1.5, et-xmlfile 2.0.0 (")

    # From now on nothing is asked in this chat. A file with another hash is not loaded.
    (told,) = python.run("import six")
    assert "ModuleNotFoundError: No module named 'six'" in told
    assert "its hash differs" in told
    (told,) = python.run("import micropip\nawait micropip.install('unheard-of')")
    assert f"[unheard-of could not be fetched from {PYPI}pypi/unheard-of/json (" in told
    assert "--packages NAME" in told
    before = list(mirror.asked)
    (told,) = python.run(
        "import micropip\nawait micropip.install('https://a.org/six-1-py3-none-any.whl')"
    )
    assert "packages come by their names" in told
    assert mirror.asked == before


PDF = files.pdf(["The pump gives 7 litres."])
REAL = (
    """
import openpyxl
book = openpyxl.Workbook()
book.active.append(["pump", "litres"])
book.active.append(["A", 7])
book.active["C2"] = "=B2*2"
book.save("pumps.xlsx")
[[cell.value for cell in row] for row in openpyxl.load_workbook("pumps.xlsx").active.rows]
""",
    f"""
import io, pypdf
pypdf.PdfReader(io.BytesIO({PDF!r})).pages[0].extract_text().strip()
""",
    """
import sqlite3
base = sqlite3.connect("pumps.db")
base.execute("create table if not exists pumps (name, litres)")
base.execute("insert into pumps values ('A', 7)")
base.commit()
base.execute("select name, litres * 2 from pumps").fetchall()
""",
    """
import plotly.graph_objects as go
go.Figure(go.Bar(x=["A", "B"], y=[7, 14]), {"title": {"text": "Litres"}})
""",
    """
import pandas
pandas.read_parquet("pumps.parquet")
""",
)
READ = (
    "[['pump', 'litres', None], ['A', 7, '=B2*2']]",
    "'The pump gives 7 litres.'",
    "[('A', 14)]",
    "[A Plotly figure, shown to the person]",
)


def test_real_packages_of_pypi_run_in_the_tab(python: PythonPage, mirror: Mirror) -> None:
    mirror.add_real()
    # Others of these names are kept since the test before.
    python.page.evaluate("caches.delete('tokenfall packages')")
    chat = python.chat
    chat.new_chat_button.click()
    python.begin(*REAL)
    chat.choose("Always in this chat", "Load packages")
    expect(chat.answers.last).to_contain_text("Done.")
    chat.wait_for_end()
    *read, parquet = python.results()
    for told, wanted in zip(read, READ, strict=True):
        assert told.partition("\n[Loaded")[0] == wanted
    # What pandas would import is known before; where it can't be had that is said.
    assert "pyarrow" in parquet
    assert f"could not be fetched from {mirror.distribution}" in parquet
    assert parquet.count("could not be fetched") == 1


# As people write them. PyPI's httpx needs idna; the one of Pyodide's distribution does not say so.
CLIENTS = """
import httpx, idna, requests
from pyodide.http import open_url, pyxhr
url = "https://data.example.org/n.json"
answer = requests.get(url, params={"a": "1"}, headers={"x-mine": "1"}, timeout=(3, 20))
print(answer.status_code, answer.json(), answer.url)
print(requests.post(url, json={"b": 2}).text, requests.get(url + "/none").ok)
with requests.Session() as session:
    print(len(session.get(url, stream=True).raw.read()))
print(httpx.get(url, params={"a": "1"}).json(), httpx.post(url, content=b"c").status_code)
async with httpx.AsyncClient() as client:
    answer = await client.get(url)
    print(answer.raise_for_status().json(), answer.url)
print(open_url(url).read(), pyxhr.post(url, data="d").json())
for ask in (requests.get, httpx.get):
    try:
        ask("https://printer.local/")
    except Exception as error:
        print(type(error).__name__, "Python may not reach printer.local" in str(error))
"""
ANSWERED = """\
200 {'n': 7} https://data.example.org/n.json?a=1
{"n":7} False
7
{'n': 7} 200
{'n': 7} https://data.example.org/n.json
{"n":7} {'n': 7}
ConnectionError True
ConnectError True"""


def test_packages_and_an_address_are_one_question_and_clients_reach_it(
    python: PythonPage, mirror: Mirror
) -> None:
    mirror.add_real()
    python.page.evaluate("caches.delete('tokenfall packages')")
    asked: list[tuple[str, str | None]] = []

    def answer(route: Route) -> None:
        asked.append((f"{route.request.method} {route.request.url}", route.request.post_data))
        headers = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}
        status = 404 if route.request.url.endswith("none") else 200
        route.fulfill(json={"n": 7}, headers=headers, status=status)

    python.page.route("https://data.example.org/**", answer)
    chat = python.chat
    chat.new_chat_button.click()
    python.begin(CLIENTS)
    request = chat.requests.filter(has_text="Load packages")
    expect(request).to_contain_text("requests 2.33.1, from cdn.jsdelivr.net")
    expect(request).to_contain_text("data.example.org")
    expect(chat.requests).to_have_count(1)
    assert (asked, mirror.asked) == ([], [])
    chat.choose("Allow both", "Load packages")
    chat.wait_for_end()
    assert python.results()[-1].partition("\n[Loaded")[0] == ANSWERED
    assert ("POST https://data.example.org/n.json", '{"b": 2}') in asked
    assert ("POST https://data.example.org/n.json", "c") in asked
    assert ("POST https://data.example.org/n.json", "d") in asked
