"""Redirects that the Python of a chat meets: followed to hosts that the person allowed, and no step
further.
"""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.python_page import PythonPage

OPEN = {"access-control-allow-origin": "*"}
LEADS = {
    "https://a.example.org/moved": "https://b.example.org/n.json",
    "https://a.example.org/twice": "https://b.example.org/on",
    "https://b.example.org/on": "https://c.example.org/n.json",
    "https://a.example.org/untold": "https://d.example.org/n.json",
    "https://a.example.org/plain": "http://a.example.org/n.json",
    "https://a.example.org/home": "https://127.0.0.1/api/runs",
    "https://a.example.org/near": "https://192.168.1.1/",
}


class Wire:
    """Answers whatever the page asks of others, and of the relay. Playwright's routes don't see
    requests that follow a redirect.
    """

    def __init__(self, python: PythonPage) -> None:
        self.asked: list[str] = []
        self._own = python.server.url
        self._devtools = python.page.context.new_cdp_session(python.page)
        self._devtools.on("Fetch.requestPaused", self._answer)
        self._devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})

    def close(self) -> None:
        self._devtools.detach()

    def _answer(self, event: dict[str, Any]) -> None:
        request, url = event["request"], event["request"]["url"]
        if url == f"{self._own}/api/relay":
            target = {name.lower(): value for name, value in request["headers"].items()}["relay-to"]
            self.asked.append(f"relay {target}")
            told = "" if target.endswith("untold") else LEADS.get(target, "")
            self._fulfil(event, 502, {"relay-leads-to": told} if told else {})
        elif url.startswith(self._own):
            self._devtools.send("Fetch.continueRequest", {"requestId": event["requestId"]})
        else:
            self.asked.append(f"{request['method']} {url}")
            led = LEADS.get(url)
            self._fulfil(event, 302 if led else 200, OPEN | ({"location": led} if led else {}))

    def _fulfil(self, event: dict[str, Any], status: int, headers: dict[str, str]) -> None:
        answer = {
            "requestId": event["requestId"],
            "responseCode": status,
            "responseHeaders": [{"name": name, "value": headers[name]} for name in headers],
            "body": base64.b64encode(b'{"n": 7}').decode(),
        }
        self._devtools.send("Fetch.fulfillRequest", answer)


@pytest.fixture
def wire(python: PythonPage) -> Iterator[Wire]:
    python.chat.watch.expect(
        *(
            "called a stranger: https?://",
            "Content Security Policy",
            "policy violation: connect-src",
        ),
        "status of 502",
    )
    python.chat.new_chat_button.click()
    made = Wire(python)
    yield made
    made.close()


FOLLOWED = """
import json, urllib.request
with urllib.request.urlopen("https://a.example.org/{}") as answer:
    print(answer.url, json.load(answer))
"""
TRIED = """
from pyodide.http import pyfetch
for path in PATHS:
    try:
        response = await pyfetch("https://a.example.org/" + path, **MORE)
        print("reached", response.url)
    except Exception as error:
        print(error)
"""


def test_a_redirect_is_followed_where_each_host_may_be_asked(
    python: PythonPage, wire: Wire
) -> None:
    chat = python.chat
    python.begin(FOLLOWED.format("moved"))
    chat.choose("Always in this chat", "reach this address?")
    # Where it leads no browser tells; this page's server does, and the person is asked first.
    request = chat.requests.filter(has_text="reach this address?")
    expect(request).to_contain_text("b.example.org")
    assert not [url for url in wire.asked if "//b." in url and not url.startswith("relay")]
    chat.choose("Always in this chat", "reach this address?")
    chat.wait_for_end()
    assert python.results()[-1] == "https://b.example.org/n.json {'n': 7}"
    # From now on it is followed without a word, and the server is not asked.
    wire.asked.clear()
    assert python.run(FOLLOWED.format("moved")) == ["https://b.example.org/n.json {'n': 7}"]
    moved = "GET https://a.example.org/moved"
    assert wire.asked == [moved, moved, "GET https://b.example.org/n.json"]

    # A host behind one that is allowed is asked about as well, and a no holds.
    python.begin(FOLLOWED.format("twice"))
    expect(request).to_contain_text("c.example.org")
    chat.choose("Don't allow", "reach this address?")
    chat.wait_for_end()
    assert "twice leads on to c.example.org, which this chat may not" in python.results()[-1]

    # Whatever else is nowhere near is not even asked about; what may do something is not repeated.
    (told,) = python.run(f"PATHS = ['untold', 'plain', 'home', 'near']\nMORE = {{}}\n{TRIED}")
    strangers = ("//c.", "//d.", "http:", "127.0.0.1", "192.168")
    reached = [url.split()[1] for url in wire.asked if not url.startswith("relay")]
    assert not [url for url in reached if any(one in url for one in strangers)]
    untold, plain, home, near = told.splitlines()
    assert "untold leads on to another address, which this chat may not reach" in untold
    assert plain == "Python reaches https addresses only. Try https://a.example.org."
    assert home.startswith("Python may not reach 127.0.0.1: it is this computer")
    assert near.startswith("Python may not reach 192.168.1.1: it is this computer, or one of its")
    wire.asked.clear()
    (told,) = python.run(f"PATHS = ['moved']\nMORE = {{'method': 'POST'}}\n{TRIED}")
    assert "moved leads on to another address" in told
    assert wire.asked == ["POST https://a.example.org/moved"]
