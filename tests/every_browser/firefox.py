"""Firefox, driven by WebDriver BiDi, which it speaks itself."""

import json
import re
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.every_browser.driver import LIMIT_S, Driver, WebDriver, arguments, function

# Beside what Firefox itself sets when it is driven: nothing here is to look for the maker's hosts.
_SETTINGS = """
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("services.settings.server", "data:,");
"""


@contextmanager
def firefox() -> Iterator[Driver]:
    """Firefox without a window."""
    command = ["firefox-esr", "--headless", "--no-remote", "--remote-debugging-port", "0"]
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(_SETTINGS, "utf-8")
        command += ["--profile", profile]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            # What it says after its address has to go somewhere, or it would wait.
            rest = Thread(target=deque, args=[process.stderr, 0])
            try:
                address = _address(process)
                rest.start()
                # Its answer to a ping waits for the page, which may be busy for long.
                with connect(address, max_size=None, ping_interval=None) as connection:
                    yield Firefox(connection)
            finally:
                process.terminate()
                if rest.is_alive():
                    rest.join()


def _address(process: subprocess.Popen[str]) -> str:
    """Read the address where it listens, as it says itself."""
    assert process.stderr
    for line in process.stderr:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
            return f"{found[1]}/session"
    raise RuntimeError(f"Firefox ended with {process.wait()}")


class Firefox(WebDriver):
    """Its one tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last = 0
        self._complaints: list[str] = []
        self._send("session.new", capabilities={})
        self._send("session.subscribe", events=["log.entryAdded"])
        self._tab = self._send("browsingContext.getTree")["contexts"][0]["context"]

    def goto(self, url: str) -> None:
        self._send("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def run(self, body: str, *args: Any) -> Any:
        answer = self._send(
            "script.callFunction",
            functionDeclaration=function(body),
            arguments=[{"type": "string", "value": arguments(args)}],
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def perform(self, actions: list[dict[str, Any]]) -> None:
        self._send("input.performActions", context=self._tab, actions=actions)

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._send("browsingContext.setViewport", context=self._tab, viewport=size)

    def complaints(self) -> list[str]:
        self._send("session.status")  # what was told before has come by then
        told, self._complaints = self._complaints, []
        return told

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        """Give a command and wait for its result; events before it are taken in."""
        self._last += 1
        self._connection.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            message = json.loads(self._connection.recv(timeout=LIMIT_S))
            if message["type"] == "event":
                self._hear(message["params"])
            elif message["id"] == self._last:
                assert message["type"] == "success", f"{method}: {message}"
                result: dict[str, Any] = message["result"]
                return result

    def _hear(self, entry: dict[str, Any]) -> None:
        if entry["level"] in ("error", "warn"):
            self._complaints.append(f"{entry['level']}: {entry['text']}")
