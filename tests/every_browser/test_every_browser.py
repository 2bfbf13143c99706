"""Functions that must work wherever the page is opened: each written once, for all browsers."""

import asyncio
import json

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.scripted.openai_chat import Answer, ToolCall, body, records, streamed
from app.scripted.steps import Gate, Reply, Send
from tests.browser.tool_writing import let_call
from tests.every_browser.chat_tab import ANSWER, TEXT, ChatTab
from tests.every_browser.driver import Driver
from tests.live_server import LiveServer, running

RAIN = Answer(text="Rain falls. It is wet.")
STOPPED = "You stopped this answer."


def halved(chunks: list[bytes]) -> Reply:
    """Send the model's words up to `wet`, and the rest behind a gate."""
    at = next(index for index, chunk in enumerate(chunks) if b"wet" in chunk)
    return streamed([*chunks[:at], Gate("rest"), *chunks[at:]])


def test_a_model_is_chosen_in_the_list(tab: ChatTab) -> None:
    for name in ("Demo", "demo"):
        tab.click("#model")
        tab.click("#model-list [role=option]", name)
        tab.wait_for_text("#model [data-part='label']", name)


def test_an_answer_is_shown_while_it_comes(tab: ChatTab, server: LiveServer) -> None:
    server.queue(halved(records(RAIN)))
    tab.ask("Rain?")
    tab.wait_for_text(TEXT, "Rain falls. It is")
    assert server.requests()[0].state == "running"
    server.open_gate("rest")
    tab.wait_for_end()
    tab.wait_for_text(TEXT, RAIN.text)


def test_an_answer_is_shown_at_once(tab: ChatTab, server: LiveServer) -> None:
    data = body(RAIN)
    steps = (Send(data[:40]), Gate("rest"), Send(data[40:]))
    server.queue(Reply(headers={"content-type": "application/json"}, steps=steps))
    tab.click("label", "Sync")
    tab.ask("Rain?")
    server.wait(at="gate:rest")
    tab.wait("text(args[0]).includes('Waiting for the whole answer')", ANSWER)
    server.open_gate("rest")
    tab.wait_for_end()
    tab.wait_for_text(TEXT, RAIN.text)
    tab.click("label", "Streaming")


def test_stop_ends_the_request_and_keeps_what_has_come(tab: ChatTab, server: LiveServer) -> None:
    server.queue(halved(records(RAIN)))
    tab.ask("Rain?")
    tab.wait_for_text(TEXT, "Rain falls. It is")
    tab.click("#stop")
    server.wait(state="disconnected")
    tab.wait("text(args[0]).includes(args[1])", f"{ANSWER} .notice", STOPPED)
    tab.wait_for_text(TEXT, "Rain falls. It is")


def test_a_chat_is_there_after_a_reload(tab: ChatTab, server: LiveServer) -> None:
    server.queue(streamed(records(RAIN)))
    tab.ask("What is kept?")
    tab.wait_for_end()
    tab.open(f"{server.url}")
    tab.click("#chats a", "What is kept?")
    tab.wait_for_text(TEXT, RAIN.text)
    tab.wait_for_text("#model [data-part='label']", "demo")


def test_a_tool_of_ones_own_runs_when_it_may(tab: ChatTab, server: LiveServer) -> None:
    tab.click("#tools")
    tab.click("[role=menuitem]", "Write your own")
    tab.click("#own-empty")
    tab.fill("#own-source", "def shout(text: str) -> str: return text.upper()")
    tab.wait("text('#own-state').includes('shout')")
    tab.fill("#own-fields textarea", "in a worker")
    tab.click("#own-run")
    tab.wait_for_text("#own-result", "IN A WORKER")
    tab.click("#own-save")
    tab.wait("find('#own-save').disabled")
    tab.click("#own-close")
    let_call(server, "shout", text="it rains")
    tab.ask("Say it loud")
    tab.consent("Allow once")
    tab.wait_for_end()
    tab.wait_for_text(TEXT, "I have it.")
    assert "IT RAINS" in server.requests()[1].body


SHOWN = """x = 41
open("kept.txt", "w").write("kept")
from IPython.display import SVG, display
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"></svg>'))
[{"letter": "a", "number": x}, {"letter": "b", "number": 2}]"""
# In place of a host, which answers the page.
ELSEWHERE = """const real = window.fetch;
window.fetch = (asked, ...more) =>
  String(asked.url ?? asked).startsWith("https://data.example.org/")
    ? Promise.resolve(new Response('{"n": 7}'))
    : real(asked, ...more);"""
ASKED = """from pyodide.http import pyfetch
import json, urllib.request
url = "https://data.example.org/n.json"
print(await (await pyfetch(url)).json())
try:
    print(json.load(urllib.request.urlopen(url)))
except OSError as error:
    print(error)"""
# A document that is confined to an origin follows no redirect to another one.
CONFINED = """const { whenDefined } = await import("/vendor/pyscript/core.js");
const { interpreter } = await whenDefined("py");
return interpreter.runPythonAsync(`
from js import Request
from app.browser.tools.session.reach import _settled
from app.browser.tools.session.redirects import confined
here, there = ${JSON.stringify(args)}
async def reached(*origins):
    async with confined(origins) as window:
        answer = await _settled(window, Request.new(here + "/moved"))
        return answer and answer.url
f"{await reached(here)}, {await reached(here, there)}"
`);"""
KEPT = "'x' in globals(), open('kept.txt').read()"


def test_python_a_document_and_stop(tab: ChatTab, server: LiveServer) -> None:
    """State, a file, a table, a plot and a document, with one start of a chat's Python."""
    tab.click("#samples button", "handbook")
    tab.wait("find('#composer .attachment [data-part=seen]')?.value === 'summary'")
    tab.click("#tools")
    tab.click("[role=menuitemcheckbox]", "Run Python")
    tab.click("[role=menuitemcheckbox]", "Ask before: Run Python")
    tab.driver.press("Escape")
    server.queue(
        calls(("run_python", {"code": SHOWN}), ("search_files", {"words": "berth 17 deep"})),
        streamed(records(Answer(text="There it is."))),
    )
    tab.ask("Go")
    tab.wait_for_end()
    tab.wait("text('.cell table').includes('41')")
    tab.wait("find('.cell img')?.naturalWidth === 40")
    assert "handbook.html, Berth 17, line" in server.requests()[-1].body
    # One after the other: the second answer of each ask is the end.
    server.queue(calls(("run_python", {"code": "print('ready')\nwhile True: pass"})))
    tab.ask("Go on for ever")
    tab.wait("text('.cell').includes('ready')")
    tab.click("#stop")
    tab.wait_for_end(2)
    server.queue(calls(("run_python", {"code": KEPT})), streamed(records(Answer(text="So it is."))))
    tab.ask("What is left?")
    tab.wait_for_end(3)
    tab.wait_for_text(TEXT, "So it is.")
    messages = json.loads(server.requests()[-1].body)["messages"]
    told = [one["content"] for one in messages if one["role"] == "tool"][-1]
    # Names stay where the browser lets a cell be interrupted; else it is told that they are gone.
    assert told == "(True, 'kept')" or told.startswith("(False, 'kept')\n[Python was started anew")
    # Of the network it reaches what the person allows, and where redirects lead no further.
    tab.driver.run(ELSEWHERE)
    server.queue(calls(("run_python", {"code": ASKED})), streamed(records(Answer(text="Seven."))))
    tab.ask("Ask for it")
    tab.consent("Allow for this cell")
    tab.wait_for_end(4)
    tab.wait_for_text(TEXT, "Seven.")
    messages = json.loads(server.requests()[-1].body)["messages"]
    told = [one["content"] for one in messages if one["role"] == "tool"][-1]
    first, plain = told.splitlines()[:2]
    assert first == "{'n': 7}"
    assert plain == first or "can't wait for an answer in a plain call" in plain
    assert tab.driver.complaints() == []
    with running(leading_on(), control="") as leading:
        here, there = f"http://127.0.0.1:{leading.port}", leading.url
        assert tab.driver.run(CONFINED, here, there) == f"None, {there}/n.json"
    tab.driver.complaints()  # Chromium tells of what the policy refused


def leading_on() -> Starlette:
    """A server that any page may read, whose one address leads to the same under another name."""

    async def moved(request: Request) -> Response:
        return RedirectResponse(f"http://localhost:{request.url.port}/n.json")

    async def number(_: Request) -> Response:
        return JSONResponse(7)

    app = Starlette(
        routes=[Route("/moved", moved), Route("/n.json", number)],
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"])],
    )
    app.state.closing = asyncio.Event()
    return app


def calls(*asked: tuple[str, dict[str, str]]) -> Reply:
    """An answer that calls these tools."""
    made = tuple(
        ToolCall(f"call{number}", name, json.dumps(arguments))
        for number, (name, arguments) in enumerate(asked)
    )
    return streamed(records(Answer(tool_calls=made, finish_reason="tool_calls")))


def test_a_chat_goes_out_to_a_file(tab: ChatTab, server: LiveServer) -> None:
    server.queue(streamed(records(RAIN)))
    tab.ask("What goes out?")
    tab.wait_for_end()
    tab.click("#chats li:has([aria-current]) [data-part=menu]")
    # It is read in the page: where a browser puts a file is its own business.
    tab.driver.run(
        """URL.createObjectURL = (file) => {
          file.text().then((text) => (window.saved = text));
          return "";
        };
        HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };"""
    )
    tab.click("[role=menuitem]", "Export as Markdown")
    assert tab.wait("window.saved").startswith("# What goes out?\n\n## You\n\nWhat goes out?\n\n")
    assert tab.value("savedAs") == "What goes out.md"


def test_all_is_within_reach_on_a_phone(tab: ChatTab, server: LiveServer) -> None:
    tab.driver.resize(390, 844)
    try:
        tab.wait("innerWidth === 390")
        server.queue(streamed(records(Answer(text=f"{'unbroken' * 30}\n\n| a | b |\n|---|---|"))))
        tab.ask("How wide?")
        tab.wait_for_end()
        assert tab.value("document.documentElement.scrollWidth") == 390
        tab.click("header button", "Show chats")
        tab.click("#chats a", "How wide?")
        tab.click("#model")
        tab.click("#model-list [role=option]", "Demo")
        tab.click("#model")
        tab.click("#model-list [role=option]", "demo")
    finally:
        tab.driver.resize(1280, 800)
    tab.wait("innerWidth === 1280")


def test_the_exported_site_answers(driver: Driver, exported_site: str) -> None:
    tab = ChatTab(driver)
    tab.open(exported_site)
    tab.ask("/help")
    tab.wait_for_end()
    tab.wait("text(args[0]).includes('I am the Demo')", TEXT)
    assert driver.complaints() == []
