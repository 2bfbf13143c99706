"""WebKitGTK's MiniBrowser, driven by its WebDriver, on a screen that nobody sees."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from tests.every_browser.driver import LIMIT_S, Driver, WebDriver, arguments, function

# Its toolbar would not let the window be as narrow as a phone.
_SMALL = "* { min-width: 0; padding: 0; margin: 0; border-width: 0; font-size: 6px; }"

# This driver does not tell what the console says; so the page does, once it is loaded.
_LISTEN = """
window.complaints = [];
const told = (word) => (...what) => complaints.push(`${word}: ${what.join(" ")}`);
for (const word of ["error", "warn"]) {
  const { [word]: tell } = console;
  console[word] = (...what) => (told(word)(...what), tell(...what));
}
addEventListener("error", (event) => told("uncaught")(event.message));
addEventListener("unhandledrejection", (event) => told("rejected")(event.reason));
document.addEventListener("securitypolicyviolation", (event) =>
  told("policy violation")(event.violatedDirective, event.blockedURI));
"""


@contextmanager
def webkit() -> Iterator[Driver]:
    """MiniBrowser, and the driver, screen and message bus that it needs."""
    port = _free_port()
    with TemporaryDirectory(ignore_cleanup_errors=True) as settings, _screen() as display:
        style = Path(settings, "gtk-3.0", "gtk.css")
        style.parent.mkdir()
        style.write_text(_SMALL, "utf-8")
        # Its slowest compiler takes longer for Python's WebAssembly than a test has use of it.
        own = {"DISPLAY": display, "XDG_CONFIG_HOME": settings, "JSC_useOMGJIT": "0"}
        with subprocess.Popen(
            ["dbus-run-session", "--", "WebKitWebDriver", f"--port={port}"],
            env={**os.environ, **own},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                # It listens soon after it has started: tried again for a minute, ever more slowly.
                patient = httpx2.HTTPTransport(retries=8)
                address = f"http://127.0.0.1:{port}"
                with httpx2.Client(base_url=address, timeout=LIMIT_S, transport=patient) as client:
                    limits = {"script": 1000 * LIMIT_S, "pageLoad": 1000 * LIMIT_S}
                    wanted = {"capabilities": {"alwaysMatch": {"timeouts": limits}}}
                    session = client.post("/session", json=wanted).raise_for_status()
                    path = f"/session/{session.json()['value']['sessionId']}"
                    try:
                        yield WebKit(client, path)
                    finally:
                        client.delete(path)
            finally:
                # With all that was started in its session.
                os.killpg(process.pid, signal.SIGTERM)


@contextmanager
def _screen() -> Iterator[str]:
    """The name of a screen that is drawn into memory."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as process:
        os.close(write)
        try:
            with os.fdopen(read) as told:
                yield f":{told.readline().strip()}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class WebKit(WebDriver):
    """Its one tab."""

    def __init__(self, client: httpx2.Client, session: str) -> None:
        self._client = client
        self._session = session
        self._past: list[str] = []

    def goto(self, url: str) -> None:
        self._past += self._told()
        self._post("/url", url=url)
        self.run(_LISTEN)

    def run(self, body: str, *args: Any) -> Any:
        script = (
            "const [json, done] = arguments;"
            f"({function(body)})(json).then((value) => done({{ value }}), "
            "(error) => done({ error: `${error}` }));"
        )
        answer = self._post("/execute/async", script=script, args=[arguments(args)])
        assert "error" not in answer, answer["error"]
        return json.loads(answer["value"])

    def perform(self, actions: list[dict[str, Any]]) -> None:
        self._post("/actions", actions=actions)

    def resize(self, width: int, height: int) -> None:
        # What the browser needs around the page is the same in every size.
        around = self.run("return [outerWidth - innerWidth, outerHeight - innerHeight]")
        self._post("/window/rect", width=width + around[0], height=height + around[1])

    def complaints(self) -> list[str]:
        told = self._past + self._told()
        self._past = []
        return told

    def _told(self) -> list[str]:
        told: list[str] = self.run("return (window.complaints ?? []).splice(0)")
        return told

    def _post(self, path: str, **body: Any) -> Any:
        answer = self._client.post(self._session + path, json=body)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value
