"""Another provider by its address: entered, tested, chosen, kept, and its key with it."""

import socket
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY, MODELS
from tests.live_server import LiveServer

BLOCKED = r"blocked by CORS policy|net::ERR_FAILED"
REFUSED = r"net::ERR_CONNECTION_REFUSED"
HTTP_ERROR = r"the server responded with a status of"


@pytest.fixture
def provider(elsewhere: LiveServer) -> LiveServer:
    """A provider on another origin that wants a key."""
    elsewhere.reset()
    return elsewhere


def keys_in(page: Page, storage: str) -> str:
    return str(page.evaluate(f"JSON.stringify({storage})"))


def test_a_provider_is_entered_tested_and_used(demo_chat: ChatPage, provider: LiveServer) -> None:
    chat = demo_chat
    chat.watch.expect("/api/v0/models")  # where LM Studio says more of its models than this one
    settings = chat.open_settings()
    settings.get_by_label("Preset").select_option(label="LM Studio")
    expect(settings.get_by_label("Base URL")).to_have_value("http://localhost:1234/v1")
    settings.get_by_label("Base URL").fill(f"{provider.url}/v1")
    settings.get_by_label("API key").fill(KEY)
    settings.get_by_role("button", name="Test connection").click()
    result = settings.get_by_role("status")
    expect(result).to_contain_text(f"works: {len(MODELS)} models")
    offered = settings.locator("#set-models option")
    expect(offered).to_have_count(len(MODELS))
    # One is entered already; the others are in a list.
    expect(settings.get_by_label("Model", exact=True)).to_have_value(MODELS[0])
    settings.get_by_role("button", name="List of models").click()
    chat.page.get_by_role("menuitemcheckbox", name="demo", exact=True).click()
    chat.save_settings()
    expect(chat.model_label).to_have_text("demo")
    chat.ask("/stall")
    expect(chat.text).to_contain_text("This answer begins")
    asked = provider.requests()[-1]
    assert asked.path == "/v1/chat/completions"
    chat.stop_button.click()
    provider.wait(len(provider.requests()) - 1, state="disconnected")


def test_a_suggested_model_leaves_with_its_address_and_an_entered_one_stays(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    settings = demo_chat.open_settings()
    address = settings.get_by_label("Base URL")
    model = settings.get_by_label("Model", exact=True)
    address.fill(f"{provider.url}/v1")
    settings.get_by_label("API key").fill(KEY)
    settings.get_by_role("button", name="Test connection").click()
    expect(model).to_have_value(MODELS[0])
    address.fill("https://llm.example/v1")
    address.blur()
    expect(model).to_have_value("")
    # The same name, but now it is the person's.
    address.fill(f"{provider.url}/v1")
    settings.get_by_role("button", name="Test connection").click()
    expect(model).to_have_value(MODELS[0])
    model.fill(MODELS[0])
    address.fill("https://llm.example/v1")
    address.blur()
    expect(model).to_have_value(MODELS[0])


def test_a_chat_that_has_begun_keeps_its_model_when_a_provider_is_saved(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    chat.use_provider(f"{provider.url}/v1", "demo", KEY)
    chat.ask("Hello")
    chat.wait_for_end()
    chat.use_provider(f"{provider.url}/v1", "otter-small", KEY)
    expect(chat.model_label).to_have_text("demo")
    expect(chat.toast).to_contain_text("New chats ask otter-small. This one keeps its model.")
    chat.toast.get_by_role("button", name="Use it here").click()
    expect(chat.model_label).to_have_text("otter-small")


def test_the_models_are_listed_when_their_field_is_reached(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    settings = chat.open_settings()
    settings.get_by_label("Base URL").fill(f"{provider.url}/v1")
    settings.get_by_label("API key").fill(KEY)
    settings.get_by_label("Model", exact=True).focus()
    offered = settings.locator("#set-models option")
    expect(offered).to_have_count(len(MODELS))
    # Asked once, and nothing is said about it.
    settings.get_by_label("API key").focus()
    settings.get_by_label("Model", exact=True).focus()
    expect(settings.get_by_role("status")).to_be_hidden()
    assert [exchange.path for exchange in provider.requests()] == ["/v1/models"]


def test_a_wrong_key_is_said_to_be_wrong(demo_chat: ChatPage, provider: LiveServer) -> None:
    chat = demo_chat
    chat.watch.expect(HTTP_ERROR)
    chat.use_provider(f"{provider.url}/v1", "demo", "not-this-one")
    chat.ask("Let me in")
    expect(chat.notice).to_contain_text("The API key was not accepted.")
    chat.notice.get_by_role("button", name="Open settings").click()
    chat.settings.get_by_role("button", name="Test connection").click()
    expect(chat.settings.get_by_role("status")).to_contain_text("Incorrect API key")
    expect(chat.settings.get_by_role("status")).to_contain_text("Check the key")
    chat.settings.get_by_label("API key").fill(KEY)
    chat.save_settings()
    chat.retry_button.click()
    expect(chat.text).to_contain_text("I am the Demo")
    chat.wait_for_end()


def test_a_key_is_taken_as_it_was_meant_and_a_letter_that_none_has_is_named(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    settings = chat.open_settings()
    settings.get_by_label("Base URL").fill(f"{provider.url}/v1")
    key = settings.get_by_label("API key")
    key.fill(KEY.replace("-", "–", 1))
    settings.get_by_role("button", name="Test connection").click()
    problem = settings.locator("#set-key-problem")
    expect(problem).to_contain_text("The API key holds “–” (en dash), which no key has.")
    expect(key).to_be_focused()
    expect(key).to_have_attribute("aria-invalid", "true")
    settings.get_by_label("Model", exact=True).fill("demo")
    settings.get_by_role("button", name="Save").click()
    expect(settings.locator(".problem")).to_contain_text("(en dash)")
    assert not provider.requests()

    key.fill(f"Authorization: Bearer “{KEY}”\u200b\u00a0")
    expect(problem).to_be_empty()
    settings.get_by_role("button", name="Test connection").click()
    expect(settings.get_by_role("status")).to_contain_text("works")
    chat.save_settings()
    assert KEY in keys_in(chat.page, "sessionStorage")
    assert "Bearer" not in keys_in(chat.page, "sessionStorage")


def test_a_kept_key_with_a_letter_that_no_key_has_is_not_told_as_cors(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    chat.use_provider(f"{provider.url}/v1", "demo", KEY)
    # As 0.1.0 kept it.
    chat.page.evaluate(
        """for (const name of Object.keys(sessionStorage).filter((name) => name.includes("key:")))
             sessionStorage.setItem(name, "sk\u2019x")"""
    )
    chat.page.reload()
    chat.ask("Hello")
    expect(chat.notice).to_contain_text("The API key holds “’” (right single quotation mark)")
    expect(chat.notice).not_to_contain_text("CORS")


def test_the_connection_test_tells_problems_apart(
    demo_chat: ChatPage, provider: LiveServer, elsewhere_without_cors: LiveServer
) -> None:
    chat = demo_chat
    chat.watch.expect(BLOCKED, REFUSED, HTTP_ERROR)
    settings = chat.open_settings()
    settings.get_by_label("Preset").select_option(label="OpenAI-compatible")
    result = settings.get_by_role("status")

    def test(base_url: str, model: str = "", key: str = KEY) -> None:
        settings.get_by_label("Base URL").fill(base_url)
        settings.get_by_label("API key").fill(key)
        settings.get_by_label("Model", exact=True).fill(model)
        settings.get_by_role("button", name="Test connection").click()

    test(f"{provider.url}/v1", model="no-such-model")
    expect(result).to_contain_text("has no model 'no-such-model'")
    expect(result).to_contain_text("otter-small")

    test(f"{elsewhere_without_cors.url}/v1")
    expect(result).to_contain_text("does not let this page read it (CORS)")
    expect(result).to_contain_text(chat.url.rstrip("/"))

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        test(f"http://{address}/v1")
        expect(result).to_contain_text(f"Nothing answers at {address}")

    settings.get_by_label("Base URL").fill("http://192.168.7.7:1234/v1")
    settings.get_by_label("API key").focus()
    # By itself it would be asked through the server.
    settings.get_by_label("Ask through this page's server").uncheck()
    test("http://192.168.7.7:1234/v1")
    expect(result).to_contain_text("http addresses only on your own machine")
    expect(result).to_contain_text("https")

    test("ollama")
    expect(result).to_contain_text("not an address")

    test(f"{provider.url}/v2")
    expect(result).to_contain_text("no list of models at this address")


def test_cors_is_named_when_a_question_fails_by_it(
    demo_chat: ChatPage, elsewhere_without_cors: LiveServer
) -> None:
    chat = demo_chat
    chat.watch.expect(BLOCKED, HTTP_ERROR)
    chat.use_provider(f"{elsewhere_without_cors.url}/v1", "demo", KEY)
    chat.ask("Hello?")
    expect(chat.notice).to_contain_text("could not be reached")
    expect(chat.notice).to_contain_text("does not let this page read it (CORS)")
    expect(chat.retry_button).to_be_visible()


def test_an_address_that_the_page_may_not_call_is_not_even_asked(demo_chat: ChatPage) -> None:
    chat = demo_chat
    # The page's policy would put a violation into the console.
    chat.use_provider("http://192.168.7.7:8080/v1", "any", via_server=False)
    chat.ask("Hello?")
    expect(chat.notice).to_contain_text("plain http addresses on this computer only")
    expect(chat.notice).to_contain_text("Or let this page's server ask")


def test_a_key_stays_in_its_tab(
    chat: ChatPage, provider: LiveServer, new_chat: Callable[..., ChatPage]
) -> None:
    chat.use_provider(f"{provider.url}/v1", "demo", KEY)
    assert KEY not in keys_in(chat.page, "localStorage")
    chat.open()
    expect(chat.model_label).to_have_text("demo")
    chat.open_settings()
    expect(chat.settings.get_by_label("API key")).to_have_value(KEY)

    other = ChatPage(chat.page.context.new_page(), chat.url, chat.watch)
    other.open()
    expect(other.model_label).to_have_text("demo")
    other.open_settings()
    expect(other.settings.get_by_label("API key")).to_have_value("")
    other.page.close()


def test_a_key_is_remembered_on_request_and_forgotten_again(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    base_url = f"{provider.url}/v1"
    chat.use_provider(base_url, "demo", KEY, remember=True)
    # The server has it: see test_remembered_keys.
    chat.page.wait_for_function("key => !JSON.stringify(sessionStorage).includes(key)", arg=KEY)
    settings = chat.open_settings()
    expect(settings.get_by_label("Base URL")).to_have_value(base_url)
    expect(settings.get_by_label("Remember key on this device")).to_be_checked()
    settings.get_by_role("button", name="Forget this provider").click()
    expect(chat.providers).to_have_count(0)
    expect(chat.model_label).to_have_text("Demo")
    chat.page.wait_for_function("() => !JSON.stringify(localStorage).includes('tokenfall.forget:')")
    for storage in ("localStorage", "sessionStorage"):
        assert KEY not in keys_in(chat.page, storage)
        assert base_url not in keys_in(chat.page, storage)


def test_a_key_is_not_taken_to_another_address(demo_chat: ChatPage, provider: LiveServer) -> None:
    chat = demo_chat
    chat.use_provider(f"{provider.url}/v1", "demo", KEY)
    settings = chat.open_settings()
    settings.get_by_label("Base URL").fill("https://example.org/v1")
    settings.get_by_role("button", name="Test connection").focus()
    expect(settings.get_by_label("API key")).to_have_value("")


def test_settings_that_cannot_be_kept_say_why(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.watch.expect(REFUSED)
    settings = chat.open_settings()
    save = settings.get_by_role("button", name="Save")
    problem = settings.get_by_role("alert")
    settings.get_by_label("Base URL").fill("localhost:1234")
    save.click()
    expect(problem).to_have_text("The base URL should begin with https:// or http://.")
    settings.get_by_label("Base URL").fill("http://localhost:1234/v1")
    save.click()
    expect(problem).to_contain_text("Enter a model")
    settings.get_by_label("Model", exact=True).fill("any")
    chat.go_to_settings("Model defaults").get_by_label("Temperature").fill("7")
    chat.go_to_settings("Providers")
    save.click()
    expect(problem).to_have_text("Temperature should be a number from 0 to 2.")
    settings.get_by_role("button", name="Cancel").click()
    expect(settings).to_be_hidden()
    expect(chat.model_label).to_have_text("Demo")


def test_the_settings_of_answers_are_sent(chat: ChatPage, server: LiveServer) -> None:
    settings = chat.open_settings("Model defaults")
    settings.get_by_label("System prompt").fill("Speak like a pirate.")
    settings.get_by_label("Temperature").fill("0.5")
    settings.get_by_label("Max tokens").fill("7")
    chat.save_settings()
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    chat.ask("Hello")
    expect(chat.notice).to_contain_text("reached its length limit")
    body = server.requests()[-1].body
    assert '"content":"Speak like a pirate."' in body
    assert '"temperature":0.5' in body
    assert '"max_tokens":7' in body
    expect(chat.facts).to_contain_text("7 tokens out")


def test_cancel_changes_nothing(demo_chat: ChatPage) -> None:
    chat = demo_chat
    settings = chat.open_settings("Model defaults")
    settings.get_by_label("System prompt").fill("Never mind")
    chat.go_to_settings("Appearance").get_by_label("Dark").check()
    expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
    chat.page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect(chat.page.locator("html")).not_to_have_attribute("data-theme", "dark")
    chat.open_settings("Model defaults")
    expect(settings.get_by_label("System prompt")).to_have_value("")


def test_the_table_says_whether_a_page_may_call_and_where_keys_are(demo_chat: ChatPage) -> None:
    settings = demo_chat.open_settings()
    preset, link = settings.get_by_label("Preset"), settings.get_by_role("link", name="Get a key")
    preset.select_option(label="Anthropic")
    expect(settings).to_contain_text("with a header that is sent for you")
    expect(link).to_have_attribute("href", "https://console.anthropic.com/settings/keys")
    preset.select_option(label="Azure OpenAI")
    expect(settings).to_contain_text("It does not let web pages call it")
    preset.select_option(label="Ollama")
    expect(settings).to_contain_text(f"OLLAMA_ORIGINS={demo_chat.url.rstrip('/')}")
    expect(link).to_be_hidden()
    settings.get_by_role("button", name="Cancel").click()


def test_a_forgotten_provider_can_be_had_back(demo_chat: ChatPage, provider: LiveServer) -> None:
    chat = demo_chat
    chat.use_provider(f"{provider.url}/v1", "demo", KEY)
    settings = chat.open_settings()
    settings.get_by_label("Model", exact=True).fill("otter-small")
    settings.get_by_role("button", name="Forget this provider").click()
    expect(chat.model_label).to_have_text("Demo")
    chat.page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(chat.model_label).to_have_text("demo")
    # With what was typed and not saved yet.
    expect(settings.get_by_label("Model", exact=True)).to_have_value("otter-small")
    expect(settings.get_by_label("API key")).to_have_value(KEY)
    settings.get_by_role("button", name="Cancel").click()


def test_a_model_is_found_in_the_palette(demo_chat: ChatPage, provider: LiveServer) -> None:
    chat = demo_chat
    chat.use_provider(f"{provider.url}/v1", "otter-small", KEY)
    chat.use_provider(f"{provider.url}/v1", "otter-large", KEY)
    chat.message.press("Control+k")
    chat.page.keyboard.type("otter sm")
    found = chat.page.get_by_role("listbox").get_by_role("option", name="otter-small")
    expect(found).to_have_attribute("aria-selected", "true")
    chat.page.keyboard.press("Enter")
    expect(chat.model_label).to_have_text("otter-small")


def test_the_message_box_can_be_set(chat: ChatPage) -> None:
    settings = chat.open_settings("Composer & keys")
    settings.get_by_label("Long pasted text becomes a file").fill("0")
    settings.get_by_label("Send with Ctrl+Enter").check()
    chat.save_settings()
    expect(chat.hint).to_contain_text("Ctrl+Enter sends")
    chat.page.reload()
    chat.wait_until_ready()
    chat.message.fill("one")
    chat.message.press("Enter")
    expect(chat.message).to_have_value("one\n")
    chat.message.press("Control+Enter")
    expect(chat.questions).to_contain_text("one")
    expect(chat.open_settings("Composer & keys").get_by_label("Long pasted text")).to_have_value(
        "0"
    )
