"""The network of a chat's Python: what the person allowed, carried by the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.axe import expect_accessible
from tests.browser.python_page import PythonPage, calls

OPEN = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}


class Elsewhere:
    """Answers in place of the hosts of example.org."""

    def __init__(self, python: PythonPage) -> None:
        self.asked: list[str] = []
        self.sent: list[dict[str, str]] = []
        python.page.route("https://*.example.org/**", self.answer)

    def answer(self, route: Route) -> None:
        request = route.request
        self.asked.append(f"{request.method} {request.url}")
        self.sent.append(request.all_headers())
        match request.url.rpartition("/")[2]:
            case "n.json":
                route.fulfill(json={"n": 7}, headers=OPEN | {"x-secret": "not shown"})
            case "closed":
                route.abort()  # as the browser tells of what CORS forbids: not more than that
            case "echo":
                route.fulfill(status=201, body=request.post_data or "", headers=OPEN)
            case _:
                route.fulfill(status=404, body="none of that", headers=OPEN)


@pytest.fixture
def hosts(python: PythonPage) -> Iterator[Elsewhere]:
    python.chat.watch.expect("called a stranger: https://", "CORS", "ERR_FAILED", "status of 404")
    python.chat.new_chat_button.click()
    yield Elsewhere(python)
    python.page.unroute_all(behavior="wait")


def asks(python: PythonPage, host: str) -> Locator:
    request = python.chat.requests.filter(has_text="reach this address?")
    expect(request).to_contain_text(host)
    return request


ASKS_ONCE = """
import json, urllib.request
from pyodide.http import pyfetch
url = "https://data.example.org/n.json"
with urllib.request.urlopen(url) as answer:
    got = json.load(answer)
response = await pyfetch(url, headers={"x-mine": "1"})
print(got, answer.status, await response.json(), response.url)
"""


def test_an_address_is_asked_for_once_and_reached_by_every_way(
    python: PythonPage, hosts: Elsewhere
) -> None:
    chat = python.chat
    python.begin(ASKS_ONCE)
    request = asks(python, "data.example.org")
    assert hosts.asked == []
    expect(request.get_by_role("button", name="Allow for this cell")).to_be_enabled()
    expect_accessible(python.page)
    expect(request.get_by_role("button")).to_have_text(
        ["Allow for this cell", "Always in this chat", "Don't allow"]
    )
    chat.choose("Allow for this cell", "reach this address?")
    chat.wait_for_end()
    (told,) = python.results()
    assert told == "{'n': 7} 200 {'n': 7} https://data.example.org/n.json"
    headers = hosts.sent[-1]
    assert headers["x-mine"] == "1"
    assert not {"cookie", "authorization", "referer"} & headers.keys()

    # The leave was for that cell. No is not asked about again, and the error says what to do.
    code = "from urllib.request import urlopen\nurlopen('https://data.example.org/n.json')"
    before = len(hosts.asked)
    python.begin(code)
    chat.choose("Don't allow", "reach this address?")
    chat.wait_for_end()
    for told in (python.results()[-1], *python.run(code)):
        assert "URLError: <urlopen error This chat may not reach data.example.org: the" in told
    assert len(hosts.asked) == before


SPELLINGS = """
from pyodide.http import pyfetch
for url in (
    "https://data.example.org@evil.example.net/",
    "https://bücher.example.net/",
    "https://ｄａｔａ。example。net/",
    "https://0x5db8d822/",
    "https://data.example.net.:8443/",
    "https://10-0-0-1.nip.io/",
):
    try:
        await pyfetch(url)
    except Exception as error:
        print(error)
"""


def test_the_question_names_the_hosts_that_would_be_asked_however_they_are_spelled(
    python: PythonPage, hosts: Elsewhere
) -> None:
    python.begin(SPELLINGS)
    request = asks(python, "evil.example.net")
    assert str(request.get_by_label("Addresses").text_content()).splitlines() == [
        *("evil.example.net", "xn--bcher-kva.example.net", "data.example.net", "93.184.216.34"),
        "data.example.net.:8443",
    ]
    python.chat.choose("Don't allow", "reach this address?")
    python.chat.wait_for_end()
    assert "10-0-0-1.nip.io: it is this computer, or one of its network" in python.results()[-1]
    assert hosts.asked == []


def test_addresses_that_running_makes_are_asked_for_then(
    python: PythonPage, hosts: Elsewhere
) -> None:
    chat, page = python.chat, python.page
    code = """
import asyncio
from pyodide.http import pyfetch
async def read(path):
    response = await pyfetch("https://" + "api.example" + ".org/" + path)
    return response.status, await response.string()
async def failed(path):
    try:
        return await read(path)
    except Exception as error:
        return str(error)
print(await asyncio.gather(*(read("n.json") for _ in range(3))))
for path in ("missing", "closed"):
    print(path, await failed(path))
"""
    python.begin(code)
    asks(python, "api.example.org")
    chat.choose("Always in this chat", "reach this address?")
    chat.wait_for_end()
    lines = python.results()[-1].splitlines()
    assert lines[0] == str([(200, '{"n":7}')] * 3)
    missing, closed = lines[1:3]
    assert missing == "missing (404, 'none of that')"
    assert "it does not allow pages of other sites to read it (CORS)" in closed

    # From now on it is reached unasked; the panel takes the leave back.
    post = """
import urllib.request, urllib.error
url = "https://api.example.org/echo"
made = urllib.request.Request(url, b"sent", {"Content-Type": "text/plain"})
answer = urllib.request.urlopen(made)
print(answer.status, answer.read())
try:
    urllib.request.urlopen("https://api.example.org/missing")
except urllib.error.HTTPError as error:
    print(error.code, error.read())
"""
    assert python.run(post) == ["201 b'sent'\n404 b'none of that'"]
    panel = chat.open_drawer("Python")
    listed = panel.get_by_role("list", name="Addresses").get_by_role("listitem")
    expect(listed).to_contain_text("may be asked in this chat")
    listed.get_by_role("button", name="Take back the leave for api.example.org").click()
    expect(listed).to_contain_text("not allowed")
    expect(listed.get_by_role("button")).to_have_text("Allow")
    (told,) = python.run(post)
    assert "This chat may not reach api.example.org" in told
    page.get_by_role("button", name="Close details").click()


NEVER = """
import js
from pyodide.http import pyfetch
for url in URLS:
    try:
        await pyfetch(url)
        print("reached", url)
    except BaseException as error:
        print(error)
"""


def test_no_leave_is_asked_for_this_computer_and_the_page(
    python: PythonPage, hosts: Elsewhere
) -> None:
    page = python.server.url
    urls = [
        *(f"{page}/api/status", f"{page.replace('http:', 'https:')}/api/status"),
        *("https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://router/"),
        *("https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0/"),
        *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/"),
        *("https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest"),
        *("https://printer.local/", "http://data.example.org/n.json", "ftp://data.example.org/"),
    ]
    (told,) = python.run(f"URLS = {urls!r}\n{NEVER}")
    assert "reached" not in told
    assert len(told.splitlines()) == len(urls)
    assert "Python may not ask this page's own server" in told
    assert "Python may not reach 127.0.0.1: it is this computer, or one of its network" in told
    assert "Python reaches https addresses only. Try https://data.example.org." in told
    expect(python.chat.requests).to_have_count(0)
    assert hosts.asked == []


def test_stop_withdraws_the_question_and_ends_the_wait(
    python: PythonPage, hosts: Elsewhere
) -> None:
    python.run("kept = 1")
    code = "import urllib.request\nurllib.request.urlopen('https:' + '//slow.example.org/n.json')"
    python.server.queue(calls(code))
    python.chat.ask("Ask it")
    asks(python, "slow.example.org")
    python.chat.stop_button.click()
    python.chat.wait_for_end()
    expect(python.chat.requests).to_have_count(0)
    # A task that outlives its cell asks nothing, and ends no Python.
    late = """
import asyncio
from pyodide.http import pyfetch
async def later():
    global said
    await asyncio.sleep(0)
    try:
        await pyfetch("https:" + "//late.example.org/")
    except Exception as error:
        said = str(error)
task = asyncio.ensure_future(later())
kept
"""
    assert python.run(late) == ["1"]
    assert "Only a running cell may ask" in python.run("await task\nsaid")[0]
    assert hosts.asked == []


ENDLESS = """
from types import SimpleNamespace as Made
from app.browser.tools.session import reach

class Reader:
    def __init__(self):
        self.left = 10
    async def read(self):
        self.left -= 1
        return Made(done=self.left < 0, value=Made(byteLength=9_000_000))

try:
    await reach._body(Made(body=Made(getReader=Reader)), "a.org")
except reach.NotReached as error:
    said = str(error)
said
"""


def test_an_answer_has_so_many_bytes(python: PythonPage) -> None:
    said = python.page.evaluate(
        """async (code) => {
          const { whenDefined } = await import("/vendor/pyscript/core.js");
          const { interpreter } = await whenDefined("py");
          return interpreter.runPythonAsync(code);
        }""",
        ENDLESS,
    )
    assert said == "a.org sends more than 50.0 MB, which is the limit of an answer."
