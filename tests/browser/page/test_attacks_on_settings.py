"""Attacks through the settings: a provider's errors and models, an address, a name."""

from playwright.sync_api import expect

from app.scripted.openai_chat import error_body, models_body, whole
from tests.browser.attack import Attack, vectors
from tests.browser.chat_page import ChatPage
from tests.cases import library
from tests.live_server import LiveServer

pytestmark = library.recorded

_BATCH = 60


def batches() -> list[list[str]]:
    given = vectors()
    return [given[at : at + _BATCH] for at in range(0, len(given), _BATCH)]


def test_every_recorded_vector_as_what_a_provider_says(
    demo_chat: ChatPage, server: LiveServer
) -> None:
    chat = demo_chat
    chat.watch.expect("the server responded with a status of 400")
    settings = chat.open_settings()
    settings.get_by_label("Base URL").fill(f"{server.url}/api/demo/v1")
    test = settings.get_by_role("button", name="Test connection")
    attack = Attack(chat.page, own=("/api/demo/",))

    def fail(texts: list[str]) -> None:
        server.queue(whole(error_body("\n".join(texts), type="error"), status=400))
        test.click()
        expect(settings.locator("#set-result.bad")).to_be_visible()
        expect(test).to_be_enabled()

    def list_models(texts: list[str]) -> None:
        server.queue(whole(models_body(texts, owned_by="tests")))
        settings.get_by_label("Model", exact=True).fill("")  # the one that was suggested before
        test.click()
        expect(settings.locator("#set-result.good")).to_be_visible()
        expect(test).to_be_enabled()

    attack.run(batches(), feed=fail, where="#set-result")
    attack.run(batches(), feed=list_models, where="#set-result")
    settings.get_by_role("button", name="Cancel").click()


def test_every_recorded_vector_as_an_address_a_model_and_a_preset(chat: ChatPage) -> None:
    page = chat.page
    given = vectors()
    connections = [
        {"base_url": f"https://{number}.example.org/{text}", "label": text, "models": [text]}
        for number, text in enumerate(given)
    ]
    prompts = [{"name": text, "text": text} for text in given]
    page.evaluate(
        "kept => localStorage['tokenfall.settings'] = JSON.stringify(kept)",
        {"connections": connections, "prompts": prompts},
    )
    page.reload()
    chat.wait_until_ready()
    attack = Attack(page)

    def open_all(_texts: object) -> None:
        settings = chat.open_settings()
        expect(chat.providers).to_have_count(len(given))
        for number in range(0, len(given), 40):
            chat.providers.nth(number).click()
        chat.go_to_settings("Model defaults")
        settings.get_by_role("button", name="Presets").click()
        expect(page.get_by_role("menu")).to_be_visible()

    attack.run(["all"], feed=open_all, where="#set-providers, #provider-title, .menu-label")
