"""The model picker: opened, searched, and chosen from, by mouse, keyboard and thumb."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import Answer, error_body, records, streamed, whole
from app.scripted.steps import Gate, Reply
from tests.browser.attack import Attack, vectors
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY, elsewhere_app
from tests.cases import library
from tests.live_server import LiveServer, running

HTTP_ERROR = r"the server responded with a status of"


@pytest.fixture
def provider(elsewhere: LiveServer) -> LiveServer:
    """A provider on another origin that wants a key and lists three models."""
    elsewhere.reset()
    return elsewhere


@pytest.fixture
def unasked() -> Iterator[LiveServer]:
    """One like it, at an address whose list of models this visit has not asked for."""
    with running(elsewhere_app(cors=True), control="/control/") as server:
        yield server


def listing(*models: dict[str, Any] | str) -> Reply:
    """A list of models, each a name or all that is said of it."""
    data = [{"id": model} if isinstance(model, str) else model for model in models]
    return whole(json.dumps({"object": "list", "data": data}).encode())


def use(chat: ChatPage, provider: LiveServer, model: str) -> str:
    """Enter this provider, and give the name that it has in the picker."""
    chat.use_provider(f"{provider.url}/v1", model, KEY)
    return provider.url.removeprefix("http://")


def names(found: Locator) -> Locator:
    return found.locator('[data-part="label"]')


def search_box(chat: ChatPage) -> Locator:
    return chat.picker.get_by_role("combobox", name="Search models")


def active(chat: ChatPage) -> Locator:
    """The one option that a screen reader is told of, by what the search box says."""
    id = search_box(chat).get_attribute("aria-activedescendant")
    expect(chat.picker.locator('[aria-selected="true"]')).to_have_id(str(id))
    return chat.page.locator(f"#{id}")


def test_models_stand_by_provider_and_the_recently_used_first(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    host = use(chat, provider, "otter-small")
    use(chat, provider, "otter-large")
    picker = chat.open_picker()
    recent = picker.get_by_role("group", name="Recently used")
    expect(names(recent.get_by_role("option")).first).to_have_text("otter-large")
    expect(recent).to_contain_text(f"{host} · On this computer")
    # The provider's own list is whole.
    own = picker.get_by_role("group", name=host).get_by_role("option")
    expect(names(own)).to_have_text(["otter-large", "otter-small", "demo"])
    expect(chat.models.last).to_have_text("Add a provider…")
    expect(chat.offered_model("otter-large")).to_have_attribute("aria-current", "true")
    chat.offered_model("demo").click()
    expect(picker).to_be_hidden()
    expect(chat.model_label).to_have_text("demo")
    chat.choose_model("otter-small")
    provider.queue(streamed(records(Answer(text="An otter."))))
    chat.ask("Who is it?")
    expect(chat.text).to_have_text("An otter.")
    expect(chat.answer.get_by_role("heading")).to_contain_text(f"{host} · otter-small")
    assert '"model":"otter-small"' in provider.requests()[-1].body


def test_add_a_provider_leads_to_the_settings(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.open_picker()
    chat.offered_model("Add a provider…").click()
    expect(chat.settings).to_be_visible()
    chat.settings.get_by_role("button", name="Cancel").click()
    expect(chat.model_label).to_have_text("Demo")


def test_all_of_it_by_keyboard(demo_chat: ChatPage, provider: LiveServer) -> None:
    chat = demo_chat
    page = chat.page
    use(chat, provider, "otter-small")
    chat.message.fill("half a ques")
    chat.message.press("Control+Shift+m")
    expect(search_box(chat)).to_be_focused()
    expect(chat.models.filter(has_text="otter-large")).to_be_visible()
    expect(names(active(chat))).to_have_text("otter-small")
    page.keyboard.press("End")
    expect(active(chat)).to_have_text("Add a provider…")
    page.keyboard.press("ArrowDown")
    first = names(active(chat)).text_content()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(names(active(chat))).to_have_text(str(first))
    page.keyboard.press("ArrowUp")
    expect(active(chat)).to_have_text("Add a provider…")
    page.keyboard.type("otter lar")
    expect(names(active(chat))).to_have_text("otter-large")
    page.keyboard.press("Enter")
    expect(chat.picker).to_be_hidden()
    expect(chat.model_label).to_have_text("otter-large")
    # The focus is where it was, and so are the words.
    expect(chat.message).to_be_focused()
    expect(chat.message).to_have_value("half a ques")
    page.keyboard.press("Control+Shift+m")
    expect(search_box(chat)).to_have_value("")
    page.keyboard.press("Escape")
    expect(chat.picker).to_be_hidden()
    expect(chat.message).to_be_focused()
    chat.model.press("Enter")
    expect(search_box(chat)).to_be_focused()
    page.keyboard.press("Tab")
    expect(chat.picker).to_be_hidden()
    expect(chat.model_label).to_have_text("otter-large")
    chat.message.fill("")


def test_it_can_be_used_before_the_list_arrives(demo_chat: ChatPage, unasked: LiveServer) -> None:
    chat = demo_chat
    host = use(chat, unasked, "otter-small")
    known = listing("otter-small", {"id": "otter-huge", "context_length": 200_000})
    unasked.queue(
        Reply(known.status, known.headers, known.steps, before=(Gate("the list"),)),
    )
    chat.open_picker()
    notes = chat.picker.get_by_role("status")
    expect(notes).to_have_text(f"Asking {host} for its models…")
    expect(chat.offered_model("otter-small")).to_be_visible()
    search_box(chat).fill("otter")
    chat.page.keyboard.press("End")
    chat.page.keyboard.press("ArrowUp")
    expect(active(chat)).to_have_text(f"Use otter with {host}")
    unasked.open_gate("the list")
    expect(chat.offered_model("otter-huge")).to_contain_text("200k tokens")
    expect(notes).to_be_empty()
    # Neither the words nor the place in the list are lost.
    expect(search_box(chat)).to_have_value("otter")
    expect(active(chat)).to_have_text(f"Use otter with {host}")
    chat.offered_model("otter-huge").click()
    expect(chat.model_label).to_have_text("otter-huge")


def test_what_the_list_says_of_a_model_counts_in_later_visits_too(
    chat: ChatPage, provider: LiveServer
) -> None:
    host = use(chat, provider, "otter-small")
    provider.queue(streamed(records(Answer(text="An otter."))))
    chat.ask("x" * 400)
    chat.wait_for_end()
    meter = chat.page.locator("#context")
    expect(meter).not_to_contain_text("%")
    tiny = {"id": "otter-tiny", "max_model_len": 1000, "capabilities": {"vision": True}}
    tiny["supported_parameters"] = ["max_tokens", "reasoning"]
    drawer = {"id": "otter-drawer", "type": "image"}
    provider.queue(listing("otter-small", tiny, drawer))
    chat.open_picker()
    expect(chat.offered_model("otter-tiny")).to_contain_text("images · thinks · 1k tokens")
    expect(chat.models.filter(has_text="otter-drawer")).to_have_count(0)
    chat.offered_model("otter-tiny").click()
    expect(meter).to_contain_text("%")
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.model_label).to_have_text("otter-tiny")
    expect(meter).to_contain_text("%")
    expect(meter).to_have_attribute("title", re.compile("of 1,000 tokens"))
    chat.page.get_by_role("button", name=f"Tools: {host} lists this model without tools").click()
    expect(chat.page.get_by_role("menuitem", name="Send tools anyway")).to_be_visible()
    chat.page.keyboard.press("Escape")
    field = chat.open_drawer("Settings").get_by_label("Temperature")
    expect(field).to_be_disabled()
    said = re.compile(f"So says the list of models of {host}")
    expect(field).to_have_accessible_description(said)


def test_a_list_is_asked_for_once_a_visit_and_again_where_it_failed(
    demo_chat: ChatPage, unasked: LiveServer
) -> None:
    chat = demo_chat
    chat.watch.expect(HTTP_ERROR)
    host = use(chat, unasked, "otter-small")
    unasked.queue(whole(error_body("Out of order.", type="server_error"), status=500))
    chat.open_picker()
    notes = chat.picker.get_by_role("status")
    expect(notes).to_contain_text(f"{host} gave no list of models.")
    expect(notes).to_contain_text("Out of order.")
    expect(chat.offered_model("otter-small")).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.open_picker()
    expect(chat.offered_model("otter-large")).to_be_visible()
    expect(notes).to_be_empty()
    chat.page.keyboard.press("Escape")
    chat.open_picker()
    expect(chat.offered_model("otter-large")).to_be_visible()
    chat.page.keyboard.press("Escape")
    assert [asked.path for asked in unasked.requests()] == ["/v1/models"] * 2


def test_a_name_that_no_list_has_is_asked_all_the_same(
    demo_chat: ChatPage, provider: LiveServer
) -> None:
    chat = demo_chat
    host = use(chat, provider, "otter-small")
    chat.open_picker()
    expect(chat.offered_model("otter-large")).to_be_visible()
    search_box(chat).fill(" weasel:1b ")
    expect(chat.models).to_have_text([f"Use weasel:1b with {host}", "Add a provider…"])
    chat.page.keyboard.press("Enter")
    expect(chat.model_label).to_have_text("weasel:1b")
    provider.queue(streamed(records(Answer(text="A weasel."))))
    chat.ask("Who is it?")
    expect(chat.text).to_have_text("A weasel.")
    assert '"model":"weasel:1b"' in provider.requests()[-1].body
    # One that is in the list is not offered a second time.
    chat.open_picker()
    search_box(chat).fill("otter-large")
    expect(names(chat.models)).to_have_text(["otter-large", "Add a provider…"])
    chat.page.keyboard.press("Escape")


def test_a_long_list_is_there_as_far_as_one_scrolls(
    demo_chat: ChatPage, unasked: LiveServer
) -> None:
    chat = demo_chat
    host = use(chat, unasked, "model-000")
    unasked.queue(listing(*(f"model-{number:03}" for number in range(300))))
    chat.open_picker()
    group = chat.picker.get_by_role("group", name=host).get_by_role("option")
    expect(names(group).nth(40)).to_have_text("model-040")
    assert group.count() < 100
    box = chat.page.locator("#model-list")
    for _ in range(20):
        box.evaluate("element => element.scrollTop = element.scrollHeight")
        chat.page.evaluate("new Promise(requestAnimationFrame)")
    expect(names(group).last).to_have_text("model-299")
    expect(group).to_have_count(300)
    expect(chat.models.last).to_have_text("Add a provider…")
    chat.page.keyboard.press("Escape")
    chat.open_picker()
    chat.page.keyboard.press("End")
    expect(active(chat)).to_have_text("Add a provider…")
    search_box(chat).fill("277")
    expect(names(group)).to_have_text("model-277")
    expect(chat.picker.get_by_role("status")).to_be_empty()
    chat.page.keyboard.press("Enter")
    expect(chat.model_label).to_have_text("model-277")


def test_a_chat_keeps_its_model_however_many_are_chosen_after_it(
    demo_chat: ChatPage, unasked: LiveServer
) -> None:
    chat = demo_chat
    models = [f"otter-{number}" for number in range(10)]
    use(chat, unasked, models[0])
    unasked.queue(listing(*models))
    chat.open_picker()
    expect(chat.offered_model(models[-1])).to_be_visible()
    chat.page.keyboard.press("Escape")
    unasked.queue(streamed(records(Answer(text="An otter."))))
    chat.ask("In the first chat")
    chat.wait_for_end()
    chat.new_chat_button.click()
    for model in models[1:]:
        chat.choose_model(model)
    expect(chat.model_label).to_have_text(models[-1])
    chat.row("In the first chat").get_by_role("link").click()
    expect(chat.model_label).to_have_text(models[0])


def test_on_a_phone_it_is_a_sheet_under_the_thumb(
    phone_chat: ChatPage, provider: LiveServer
) -> None:
    chat = phone_chat
    use(chat, provider, "otter-small")
    chat.model.tap()
    expect(chat.offered_model("otter-large")).to_be_visible()
    sheet = chat.picker.bounding_box()
    assert sheet
    assert (sheet["x"], sheet["width"]) == (0, 390)
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=1)
    # The keyboard of the phone comes only when it is asked for.
    expect(search_box(chat)).not_to_be_focused()
    row = chat.offered_model("otter-large").bounding_box()
    assert row
    assert row["height"] >= 44
    expect_accessible(chat.page, "the sheet of models")
    chat.page.touchscreen.tap(195, 20)
    expect(chat.picker).to_be_hidden()
    chat.model.tap()
    search_box(chat).tap()
    search_box(chat).fill("large")
    chat.offered_model("otter-large").tap()
    expect(chat.model_label).to_have_text("otter-large")
    expect(chat.picker).to_be_hidden()


def test_it_is_accessible(demo_chat: ChatPage, unasked: LiveServer) -> None:
    chat = demo_chat
    use(chat, unasked, "otter-small")
    unasked.queue(
        listing(*({"id": f"model-{one:02}", "context_window": 8192} for one in range(99)))
    )
    chat.open_picker()
    expect(chat.offered_model("model-00")).to_be_visible()
    for words in ("", "nothing like it"):
        search_box(chat).fill(words)
        chat.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        expect_accessible(chat.page, f"models with “{words}”, dark")
        chat.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        expect_accessible(chat.page, f"models with “{words}”, light")
    chat.page.keyboard.press("Escape")


@library.recorded
def test_vectors_as_names_of_models_stay_text(demo_chat: ChatPage, unasked: LiveServer) -> None:
    chat = demo_chat
    given = vectors()
    use(chat, unasked, "otter-small")
    unasked.queue(listing(*given))
    chat.open_picker()
    expect(chat.models.nth(40)).to_be_visible()
    attack = Attack(chat.page)

    def feed(vector: str) -> None:
        search_box(chat).fill(vector)
        chat.page.evaluate("new Promise(requestAnimationFrame)")

    attack.run(given[::5], feed, where="#model-picker")
    attack.run(["img"], feed, where="#model-picker")
    # One is chosen: the button shows it, the welcome names it.
    search_box(chat).fill("onerror")
    chat.models.first.click()
    attack.run([""], lambda _: chat.open_picker(), where="#model, #model-picker, #welcome")
