"""Whatever a page of another site does, nothing of it reaches the API."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from tests.live_server import LiveServer

# Each begins one request, or several; `to` has the addresses.
_WAYS = """({ get, post }) => {
  const add = (name, given) => {
    const made = Object.assign(document.createElement(name), given);
    document.body.append(made);
    return made;
  };
  const send = (enctype, method = "POST") => {
    const frame = add("iframe", { name: `${enctype}${method}` });
    const action = method === "GET" ? get : post;
    const form = add("form", { action, method, enctype, target: frame.name });
    const field = document.createElement("input");
    form.append(Object.assign(field, { name: '{"messages":[],"x":"', value: '"}' }));
    form.submit();
  };
  const body = '{"messages":[{"role":"user","content":"hi"}]}';
  const ask = (how) => fetch(post, { method: "POST", body, ...how });
  const json = { "content-type": "application/json" };
  const ways = [
    () => fetch(get),
    () => fetch(get, { mode: "no-cors", credentials: "include" }),
    () => ask({}),
    () => ask({ mode: "no-cors", credentials: "include" }),
    () => ask({ headers: json, credentials: "include" }),
    () => ask({ keepalive: true, mode: "no-cors" }),
    () => ask({ mode: "no-cors", referrerPolicy: "no-referrer" }),
    () => new Promise((done) => {
      const request = new XMLHttpRequest();
      request.onloadend = done;
      request.open("POST", post);
      request.send(body);
    }),
    () => navigator.sendBeacon(post, body),
    () => send("application/x-www-form-urlencoded"),
    () => send("text/plain"),
    () => send("multipart/form-data"),
    () => send("", "GET"),
    () => add("img", { src: get }),
    () => add("script", { src: get }),
    () => add("script", { src: get, type: "module" }),
    () => add("link", { rel: "stylesheet", href: get }),
    () => add("link", { rel: "prefetch", href: get }),
    () => add("link", { rel: "preload", as: "fetch", href: get }),
    () => add("iframe", { src: get }),
    () => add("iframe", { srcdoc: `<meta http-equiv=refresh content="0; url=${get}">` }),
    () => add("object", { data: get }),
    () => add("embed", { src: get }),
    () => add("video", { src: get, preload: "auto" }),
    () => add("a", { href: "#", ping: post }).click(),
    () => import(get),
    () => new Worker(get),
    () => new EventSource(get),
    () => new WebSocket(get.replace("http", "ws")),
  ];
  return Promise.allSettled(ways.map(async (way) => void (await way()))).then(() => ways.length);
}"""


@pytest.mark.parametrize("where", ["another port", "another site", "a file"])
def test_another_sites_page_reaches_nothing(
    browser: Browser, server: LiveServer, elsewhere: LiveServer, tmp_path: Path, where: str
) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><body>", "utf-8")
    pages = {
        "another port": f"{elsewhere.url}/v1/models",
        "another site": f"{elsewhere.url}/v1/models".replace("localhost", "127.0.0.1"),
        "a file": (tmp_path / "page.html").as_uri(),
    }
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    tried: list[Request] = []
    page.on("request", lambda request: tried.append(request))
    page.goto(pages[where])
    api = f"{server.url}/api/demo/v1"
    to = {"get": f"{api}/models", "post": f"{api}/chat/completions"}
    ways = page.evaluate(_WAYS, to)
    # Some begin a moment later: in frames of their own.
    while sum(request.url.startswith(api) for request in tried) < ways - 6:
        page.wait_for_event("request")
    page.wait_for_load_state("networkidle")
    # A window of its own.
    with page.expect_popup() as opening:
        page.evaluate("address => void open(address)", to["get"])
    opening.value.wait_for_load_state()
    context.close()
    assert server.requests() == []
    # The page's own site is answered.
    own = browser.new_page()
    own.goto(f"{server.url}/api/status")
    assert (
        own.evaluate("address => fetch(address).then((answer) => answer.status)", to["get"]) == 200
    )
    own.close()
    assert len(server.requests()) == 1
