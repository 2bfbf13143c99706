"""Small things that make a person wince: what is in the way, cut off, jumps, or is said wrongly."""

import json
from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Route, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply, Send
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as kept
from tests.browser.kept import open_with, said, take_in
from tests.live_server import LiveServer

_RECORDS = records(Answer(text="Half of it and the rest"))


def held() -> Reply:
    """An answer that stops half-way until its gate is opened."""
    return Reply(
        status=200,
        headers={"content-type": "text/event-stream"},
        steps=(Send(b"".join(_RECORDS[:3])), Gate("rest"), Send(b"".join(_RECORDS[3:]))),
    )


def box_of(locator: Locator) -> FloatRect:
    """Give the element's box, in pixels."""
    box = locator.bounding_box()
    assert box is not None
    return box


def take_in_chats(chat: ChatPage, count: int) -> None:
    """Have so many chats in the list, and no others."""
    chat.delete_all_chats()
    chats = [kept(number) for number in range(count)]
    take_in(chat, chats, [one for each in chats for one in said(each, "Who?", "A gardener")])


def test_the_list_of_chats_is_there_after_printing(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    chat.page.set_viewport_size({"width": 1280, "height": 500})
    open_with(chat, [kept(number) for number in range(60)])
    chat.page.locator("#chats").evaluate("element => element.scrollTop = 1200")
    expect(chat.row("Chat 30").first).to_be_visible()
    chat.page.emulate_media(media="print")
    expect(chat.sidebar).to_be_hidden()
    chat.page.emulate_media(media="screen")
    seen = chat.rows.filter(visible=True)
    expect(seen.first).to_be_visible()
    chat.page.wait_for_function(
        """() => {
          const list = document.querySelector("#chats").getBoundingClientRect();
          const row = document.elementFromPoint(list.left + 40, list.top + list.height / 2);
          return row !== null && row.closest("[data-chat]") !== null;
        }"""
    )


def test_what_was_searched_for_can_be_seen_in_the_list(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    one = kept(1, "Of the sea")
    text = "It had rained for days, and nobody in the village had seen the lighthouse keeper."
    open_with(chat, [one], said(one, "Who?", text))
    chat.search.fill("lighthouse")
    mark = chat.row("Of the sea").locator("mark")
    expect(mark).to_have_text("lighthouse")
    word, line = box_of(mark), box_of(chat.row("Of the sea").locator(".chat-snippet"))
    assert word["x"] + word["width"] <= line["x"] + line["width"]


def test_the_demo_lists_what_it_can_do(demo_chat: ChatPage) -> None:
    demo_chat.ask("/help")
    demo_chat.wait_for_end()
    listed = demo_chat.answer.get_by_role("listitem").filter(
        has=demo_chat.page.locator("code").filter(has_text="/")
    )
    expect(listed.filter(has_text="/stall")).to_have_count(1)
    assert listed.count() > 10


def test_a_copied_command_has_the_whole_address(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.ask("/sources")
    chat.wait_for_end()
    wire = chat.open_drawer("Wire")
    for name in ("Copy as curl", "Copy as Python"):
        wire.get_by_role("button", name=name).click()
        expect(wire.get_by_role("button", name="Copied").first).to_be_visible()
        copied = chat.page.evaluate("navigator.clipboard.readText()")
        assert f"{chat.page.evaluate('location.origin')}/api/demo/v1/chat/completions" in copied
    chat.page.get_by_role("button", name="Close details").click()


def test_several_tools_are_switched_in_one_go(demo_chat: ChatPage) -> None:
    chat = demo_chat
    button = chat.page.locator("#tools")
    button.click()
    items = [
        chat.page.get_by_role("menuitemcheckbox", name=name, exact=True)
        for name in ("Calculate", "Convert units")
    ]
    for checked in ("false", "true"):
        for item in items:
            item.click()
            expect(item).to_have_attribute("aria-checked", checked)
        expect(chat.page.get_by_role("menu")).to_be_visible()
    # A line stands between two groups, and not at the top of the menu.
    offered, yours = chat.page.get_by_role("menu").get_by_role("group").all()
    expect(offered).to_have_css("border-top-width", "0px")
    expect(yours).to_have_css("border-top-width", "1px")
    chat.page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_call_that_went_well_takes_one_line_and_opens(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("What time is it?")
    chat.wait_for_end()
    card = chat.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")
    expect(card.get_by_label("Result")).to_be_hidden()
    card.get_by_text("Result", exact=True).click()
    expect(card.get_by_label("Result")).to_be_visible()


def test_a_comparison_says_which_is_which(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("/sources")
    chat.wait_for_end()
    chat.answer.get_by_role("button", name="More for this answer").click()
    chat.page.get_by_role("menuitem", name="Compare streaming and sync").click()
    compared = chat.page.get_by_role("dialog", name="Streaming and sync")
    for mode in ("Streaming", "Sync"):
        half = compared.get_by_role("region", name=mode, exact=True)
        expect(half.get_by_role("heading", name=mode, exact=True)).to_be_visible()
        expect(half.get_by_role("list", name="About this answer")).to_contain_text(mode)
    chat.page.keyboard.press("Escape")
    chat.wait_for_end()


def test_a_toast_hides_nothing_of_the_composer(scripted_chat: ChatPage, tmp_path: Path) -> None:
    chat = scripted_chat
    good, bad = tmp_path / "notes.txt", tmp_path / "a.bin"
    good.write_text("Some notes")
    bad.write_bytes(b"\0\1\2\xff" * 9)
    chat.page.locator("#attach-files").set_input_files([good, bad])
    expect(chat.toast).to_contain_text("a.bin")
    toast, composer = box_of(chat.toast), box_of(chat.page.locator("#composer"))
    assert toast["y"] + toast["height"] <= composer["y"]
    middle = composer["x"] + composer["width"] / 2
    assert abs(toast["x"] + toast["width"] / 2 - middle) < 10
    chat.page.get_by_role("button", name="Remove: notes.txt").click()


def test_a_chat_stays_with_the_model_that_was_chosen_for_it(scripted_chat: ChatPage) -> None:
    chat = scripted_chat
    chat.choose_model("Demo")
    chat.new_chat_button.click()
    chat.ask("With the Demo, as always")
    chat.wait_for_end()
    chat.new_chat_button.click()
    chat.choose_model("demo")
    expect(chat.model_label).to_have_text("demo")
    chat.row("With the Demo").get_by_role("link").click()
    expect(chat.model_label).to_have_text("Demo")
    chat.new_chat_button.click()


def test_who_has_chosen_writes_next(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.choose_model("Demo")
    expect(chat.message).to_be_focused()
    chat.page.get_by_role("button", name="Temporary chat").click()
    expect(chat.message).to_be_focused()
    chat.ask("A question")
    chat.wait_for_end()
    chat.message.press("ArrowUp")
    expect(chat.page.get_by_role("textbox", name="Edit your question")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.message).to_be_focused()


def test_the_running_question_stays_in_view_while_others_wait(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(streamed(records(Answer(text="line\n\n" * 60))), held())
    chat.ask("A long one first")
    chat.wait_for_end()
    chat.ask("This one runs")
    expect(chat.text).to_contain_text("Half")
    chat.ask("And this one waits")
    expect(chat.page.get_by_role("region", name="Waiting questions")).to_be_visible()
    chat.expect_at_end()
    stage = box_of(chat.page.locator("#scroller"))
    assert box_of(chat.questions.filter(has_text="This one runs"))["y"] >= stage["y"]
    server.queue(streamed(records(Answer(text="So it did"))))
    server.open_gate("rest")
    expect(chat.text).to_contain_text("So it did")


def test_a_backup_read_back_brings_nothing_twice(demo_chat: ChatPage, tmp_path: Path) -> None:
    chat = demo_chat
    take_in_chats(chat, 3)
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    chat.page.get_by_role("button", name="Chats and storage").click()
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Export all", exact=True).click()
    file = tmp_path / "chats.json"
    download.value.save_as(file)
    chat.page.locator("#import-file").set_input_files(file)
    expect(dialog).to_contain_text("Nothing new: 3 chats of the file are here already.")
    data = json.loads(file.read_text())
    data["chats"][0]["chat"]["updated_ms"] += 1
    other = tmp_path / "others.json"
    other.write_text(json.dumps(data))
    chat.page.locator("#import-file").set_input_files(other)
    # One chat that came in is opened at once.
    expect(dialog).to_be_hidden()
    expect(chat.rows).to_have_count(4)
    chat.page.get_by_role("button", name="Chats and storage").click()
    expect(chat.page.locator("#data-chats")).to_have_text("4")
    dialog.get_by_role("button", name="Close").click()


def test_the_count_of_chats_is_right_after_an_import(demo_chat: ChatPage, tmp_path: Path) -> None:
    chat = demo_chat
    take_in_chats(chat, 2)
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    chat.page.get_by_role("button", name="Chats and storage").click()
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Export all", exact=True).click()
    data = json.loads(download.value.path().read_text())
    for one in data["chats"]:
        one["chat"]["updated_ms"] += 1
    (tmp_path / "chats.json").write_text(json.dumps(data))
    chat.page.locator("#import-file").set_input_files(tmp_path / "chats.json")
    expect(dialog).to_contain_text("2 chats imported.")
    expect(chat.page.locator("#data-chats")).to_have_text("4")
    dialog.get_by_role("button", name="Close").click()


def test_the_built_in_model_is_asked_after_when_the_network_is_back(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    answers = ["failed", "ready"]

    def status(route: Route) -> None:
        state = answers.pop(0)
        model = {"state": state, "id": "m", "label": "Small", "message": "It fell over"}
        route.fulfill(json={"model": model})

    chat.page.route("**/api/status", status)
    chat.open()
    expect(chat.hint).to_contain_text("The built-in model did not start: It fell over.")
    chat.page.evaluate("dispatchEvent(new Event('online'))")
    expect(chat.model_label).to_have_text("Small")
    expect(chat.hint).not_to_contain_text("did not start")


def test_a_problem_in_one_field_moves_no_other(demo_chat: ChatPage) -> None:
    chat = demo_chat
    panel = chat.open_drawer("Settings of this chat")
    beside = panel.get_by_label("Top-p")
    expect(beside).to_be_visible()
    before = box_of(beside)
    panel.get_by_label("Temperature").fill("9")
    panel.get_by_label("Temperature").press("Tab")
    expect(panel.get_by_text("Temperature should be a number")).to_be_visible()
    after = box_of(beside)  # the drawer itself may still be on its way in
    assert (after["y"], after["height"]) == (before["y"], before["height"])
    panel.get_by_label("Temperature").fill("")
    chat.page.get_by_role("button", name="Close details").click()


def test_one_token_is_not_many(demo_chat: ChatPage) -> None:
    demo_chat.ask("/reasoning")
    demo_chat.wait_for_end()
    expect(demo_chat.facts.get_by_text("1 token in", exact=True)).to_be_visible()
