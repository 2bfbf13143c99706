"""Takes the pictures of the examples that answer (`examples/agents`), each with its page in front:

python3 -m tests --prepare && python3 -m tests --libraries     # once: what they import
.venv/bin/python -m docs.take_examples
"""

import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from playwright.sync_api import expect, sync_playwright

from app.native.agent_process import AgentProcess
from docs.take_screenshots import FOLDER, PATIENCE_MS, WIDE
from tests.browser.chat_page import ChatPage
from tests.browser.watch import Watch
from tests.chromium import launch_options
from tests.live_server import REPOSITORY, RUNTIME, live_server
from tests.peers.programs import serving

EXAMPLES = REPOSITORY / "examples/agents"
PACKAGES = Path(msgspec.__file__).parents[1]
# The title of each, its environment, and what it is asked.
PAGES = {
    "three_lines": ("Three lines", "", "Hello"),
    "otter_desk": ("Otter desk", "", "How are they?"),
    "keeper": ("Keeper", "near-peers", "Feed them, please"),
    "data_question": ("River desk", "libraries", "How much water did the rivers carry?"),
    "over_an_address": ("Model next door", "", "Explain rain in three sentences"),
}
NEAR = "TOKENFALL_NEAR_PEERS"


def main() -> None:
    """Write every picture."""
    os.environ.setdefault("TOKENFALL_CHROMIUM", "/usr/bin/chromium")
    os.environ.setdefault(NEAR, str(RUNTIME / "near-peers/bin/python"))
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, live_server() as model, ExitStack() as ends:
        os.environ["AGENT_ADDRESS"] = f"{model.url}/api/demo/v1"
        browser = playwright.chromium.launch(**launch_options())
        for name, (title, environment, question) in PAGES.items():
            python = RUNTIME / environment / "bin/python" if environment else None
            agent = AgentProcess(EXAMPLES / f"{name}.py", executable=python, packages=PACKAGES)
            with live_server(agent=agent) as server:
                page = browser.new_page(color_scheme="light", reduced_motion="reduce", **WIDE)
                chat = ChatPage(page, server.url, Watch(page))
                chat.open()
                expect(chat.model_label).to_have_text(title)
                chat.ask(question)
                if name == "keeper":
                    expect(chat.requests.first).to_contain_text("May feed run?")
                else:
                    chat.wait_for_end()
                _take(chat, name)
                page.close()
        folder = Path(ends.enter_context(TemporaryDirectory()))
        client = ends.enter_context(serving("examples.agents.with_login:api", NEAR, folder))
        url = str(client.base_url).rstrip("/")
        known = {"username": "ada", "password": "lutra"}
        page = browser.new_page(color_scheme="light", http_credentials=known, **WIDE)  # type: ignore[arg-type]
        chat = ChatPage(page, f"{url}/team/chat/", Watch(page))
        page.goto(f"{url}/login")
        expect(chat.model_label).to_have_text("Team list")
        for thing in ("a boat", "a lamp"):
            chat.ask(thing)
            chat.wait_for_end()
        _take(chat, "with_login")
        browser.close()


def _take(chat: ChatPage, name: str) -> None:
    chat.page.evaluate("document.fonts.ready")
    path = FOLDER / f"example-{name.replace('_', '-')}.png"
    chat.page.screenshot(path=path, animations="disabled")


if __name__ == "__main__":
    main()
