"""Model servers of this computer in the picker: found, used after one press, and gone again."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from app.providers.model_facts import ModelFacts
from app.providers.model_servers import ModelServer
from app.scripted.openai_chat import Answer, records, streamed
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer, live_server


@pytest.fixture(scope="module")
def found() -> list[ModelServer]:
    """The model servers that run now."""
    return []


@pytest.fixture(scope="module")
def finding(found: list[ModelServer]) -> Iterator[LiveServer]:
    async def discover() -> list[ModelServer]:
        return list(found)

    with live_server(discover=discover) as server:
        yield server


def test_one_that_runs_here_is_offered_used_and_gone_again(
    finding: LiveServer,
    found: list[ModelServer],
    elsewhere_without_cors: LiveServer,
    new_chat: Callable[..., ChatPage],
) -> None:
    here = elsewhere_without_cors
    here.reset()
    facts = {"otter-small": ModelFacts(window=32_768, tools=True, images=True)}
    found[:] = [
        ModelServer("other", "KoboldCpp", f"{here.url}/v1", ["otter-small", "otter-large"], facts),
        ModelServer("ollama", "Ollama", "http://localhost:9", ["mole:3b"]),
    ]
    chat = new_chat(finding.url)
    chat.open()
    expect(chat.model_label).to_have_text("Demo")
    picker = chat.open_picker()
    host = here.url.removeprefix("http://")
    group = picker.get_by_role("group", name="KoboldCpp")
    expect(group).to_contain_text(f"found at {host}")
    expect(chat.offered_model("otter-small")).to_contain_text("tools · images · 33k tokens")
    expect(chat.offered_model("mole:3b")).to_be_visible()
    expect_accessible(chat.page, "found model servers")
    # One press, and it is asked: by the page's server, as it lets no page in.
    here.queue(streamed(records(Answer(text="An otter."))))
    chat.offered_model("otter-small").click()
    expect(chat.model_label).to_have_text("otter-small")
    chat.ask("Who is it?")
    expect(chat.text).to_have_text("An otter.")
    asked = json.loads(here.requests()[-1].body)
    assert asked["model"] == "otter-small"
    chat.watch.expect("status of 401")  # once it is entered, its list wants a key
    # What does not run any more is not offered; what was chosen stays.
    found[:] = []
    picker = chat.open_picker()
    expect(chat.models.filter(has_text="mole:3b")).to_have_count(0)
    expect(chat.models.filter(has_text="otter-small").first).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.model_label).to_have_text("otter-small")
