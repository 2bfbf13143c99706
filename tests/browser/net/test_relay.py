"""A provider that lets no web page call it, asked through the server of the page."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Request, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY, MODELS
from tests.live_server import LiveServer, live_server

BLOCKED = r"blocked by CORS policy|net::ERR_FAILED"
WAY = "Ask through this page's server"


@pytest.fixture
def provider(elsewhere_without_cors: LiveServer) -> LiveServer:
    """A provider on another origin, which allows no page anything."""
    elsewhere_without_cors.reset()
    return elsewhere_without_cors


def test_a_provider_for_no_page_is_asked_after_one_click(
    chat: ChatPage, provider: LiveServer
) -> None:
    chat.watch.expect(BLOCKED, "the server responded with a status of 401")
    page = chat.page
    asked: list[Request] = []

    def on_request(request: Request) -> None:
        asked.append(request)

    page.on("request", on_request)
    settings = chat.open_settings()
    settings.get_by_label("Preset").select_option(label="OpenAI-compatible")
    settings.get_by_label("Base URL").fill(f"{provider.url}/v1")
    settings.get_by_label("API key").fill(KEY)
    expect(settings.get_by_label(WAY)).not_to_be_checked()
    settings.get_by_role("button", name="Test connection").click()
    result = settings.locator("#set-result")
    expect(result).to_contain_text("does not let this page read it (CORS)")
    host = chat.url.partition("//")[2].rstrip("/")
    expect(result).to_contain_text(
        f"pass through the server of this page on {host}, which keeps nothing"
    )

    settings.get_by_role("button", name=WAY).click()
    expect(settings.get_by_label(WAY)).to_be_checked()
    expect(settings.get_by_label(WAY)).to_be_focused()
    expect(result).to_contain_text(f"works: {len(MODELS)} models")
    expect(settings.get_by_role("button", name=WAY)).to_be_hidden()
    settings.get_by_label("Model", exact=True).fill("demo")
    chat.save_settings()

    # Streamed: the first words are there while the rest is not.
    pieces = records(Answer(text="An otter swims."))
    place = next(n for n, piece in enumerate(pieces) if b"swims" in piece)
    provider.reset()
    provider.queue(streamed([*pieces[:place], Gate("rest"), *pieces[place:]]))
    chat.ask("Who is it?")
    provider.wait(0, at="gate:rest")
    expect(chat.text).to_contain_text("An otter")
    expect(chat.stop_button).to_be_visible()
    provider.open_gate("rest")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("An otter swims.")

    # And the same in sync, after a reload: the setting was kept.
    page.reload()
    chat.wait_until_ready()
    chat.streaming_switch.uncheck()
    chat.ask("And in one go?")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("I am the Demo")
    chat.streaming_switch.check()
    body = provider.requests()[-1].body
    assert '"stream":true' not in body.replace(" ", "")
    assert not {"origin", "referer", "cookie", "relay-to"} & set(provider.requests()[-1].headers)

    # Stop goes through to the provider.
    before = len(provider.requests())
    provider.queue(streamed([pieces[0], Gate("never")]))
    chat.ask("Never mind")
    provider.wait(before, at="gate:never")
    chat.stop_button.click()
    provider.wait(before, state="disconnected")

    # The key went to this page's server only, in a header, and is nowhere else.
    with_key = [one for one in asked if KEY in str(one.headers)]
    ways = {one.url for one in with_key if not one.url.startswith(provider.url)}
    assert ways == {f"{chat.url.rstrip('/')}/api/relay"}
    for one in asked:
        assert KEY not in one.url + (one.post_data or "")
    assert KEY not in page.content()
    assert KEY not in str(page.evaluate("location.href + JSON.stringify(localStorage)"))
    entries = page.evaluate(
        "key => Object.entries(sessionStorage).filter(one => one.join().includes(key))", KEY
    )
    assert entries == [[f"tokenfall.key:{provider.url}/v1", KEY]]


def test_the_wire_view_shows_the_real_address_and_the_way(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat, page = demo_chat, demo_chat.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.use_provider(f"{provider.url}/v1", "demo", KEY, via_server=True)
    chat.ask("Hello")
    chat.wait_for_end()
    chat.answer.get_by_role("button", name="More for this answer").click()
    page.get_by_role("menuitem", name="Show what went over the wire").click()
    panel = page.get_by_role("tabpanel", name="Wire")
    expect(panel).to_contain_text(f"POST {provider.url}/v1/chat/completions")
    expect(panel).to_contain_text("went through this page's server")
    for name in ("curl", "Python"):
        panel.get_by_role("button", name=f"Copy as {name}").first.click()
        expect(panel.get_by_role("button", name="Copied").first).to_be_visible()
        copied = str(page.evaluate("navigator.clipboard.readText()"))
        assert copied.startswith("# In the page it went through this page's server.\n")
        assert f"{provider.url}/v1/chat/completions" in copied
        assert "api/relay" not in copied
        assert "relay-to" not in copied
        assert KEY not in copied
        expect(panel.get_by_role("button", name=f"Copy as {name}").first).to_be_visible()
    page.get_by_role("button", name="Close details").click()


def test_it_is_on_by_itself_where_the_page_cannot_ask(demo_chat: ChatPage) -> None:
    chat = demo_chat
    settings = chat.open_settings()
    way, preset = settings.get_by_label(WAY), settings.get_by_label("Preset")
    preset.select_option(label="Azure OpenAI")
    expect(way).to_be_checked()
    expect(settings).to_contain_text("so this page's server asks it")
    preset.select_option(label="Groq")
    expect(way).not_to_be_checked()
    preset.select_option(label="OpenAI-compatible")
    for address, is_on in (
        ("http://192.168.7.7:1234/v1", True),
        ("http://localhost:1234/v1", False),
        ("https://models.example/v1", False),
    ):
        settings.get_by_label("Base URL").fill(address)
        settings.get_by_label("API key").focus()
        expect(way).to_be_checked(checked=is_on)
    settings.get_by_role("button", name="Cancel").click()


def test_what_keeps_the_server_from_asking_is_said(demo_chat: ChatPage, server: LiveServer) -> None:
    chat = demo_chat
    chat.watch.expect("the server responded with a status of 403")
    # Link-local: refused before anything is sent.
    chat.use_provider("http://169.254.169.254/v1", "demo", KEY, via_server=True)
    chat.ask("Hello?")
    expect(chat.notice).to_contain_text("could not be reached")
    expect(chat.notice).to_contain_text("169.254.169.254 is not asked")
    expect(chat.retry_button).to_be_visible()


@pytest.fixture
def open_server() -> Iterator[LiveServer]:
    """One that others can reach, which relays nothing."""
    with live_server(host="0.0.0.0") as server:
        yield server


def test_where_the_server_does_not_relay_it_is_not_offered(
    new_chat: Callable[..., ChatPage], open_server: LiveServer, provider: LiveServer
) -> None:
    chat = new_chat(open_server.address)
    chat.watch.expect(BLOCKED, "the server responded with a status of 401")
    chat.open()
    settings = chat.open_settings()
    settings.get_by_label("Preset").select_option(label="Azure OpenAI")
    expect(settings).to_contain_text("so it cannot be asked from here")
    expect(settings.get_by_label(WAY)).to_be_hidden()
    settings.get_by_label("Preset").select_option(label="OpenAI-compatible")
    settings.get_by_label("Base URL").fill(f"{provider.url}/v1")
    settings.get_by_role("button", name="Test connection").click()
    result = settings.locator("#set-result")
    expect(result).to_contain_text("does not let this page read it (CORS)")
    expect(result).not_to_contain_text(re.compile("this page's server"))
    expect(settings.get_by_role("button", name=WAY)).to_be_hidden()
