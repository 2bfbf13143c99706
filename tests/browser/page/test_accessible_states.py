"""axe-core finds nothing in a list that is full, in tool cards of each state, in what went wrong;
in both themes.
"""

import json
from typing import Any

import msgspec
from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import error_body, streamed, whole
from app.scripted.steps import Gate
from tests.browser.anthropic_stream import block, event, message, text
from tests.browser.axe import expect_accessible_in_both_themes
from tests.browser.chat_page import ChatPage
from tests.browser.elsewhere import KEY
from tests.browser.kept import chat as kept_chat_of
from tests.browser.kept import open_with, said
from tests.live_server import LiveServer


def calls(index: int, name: str, **arguments: Any) -> list[Any]:
    delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
    return block(index, "tool_use", delta, id=f"call_{index}", name=name)


def cards(chat: ChatPage) -> Locator:
    return chat.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")


def use(chat: ChatPage, provider: LiveServer) -> None:
    provider.reset()
    chat.use_provider(f"{provider.url}/v1", "otter", KEY, preset="Anthropic-compatible")
    chat.page.get_by_role("button", name="Tools:").click()
    for label in ("Calculate", "Roll dice"):
        chat.page.get_by_role("menuitemcheckbox", name=label, exact=True).click()
    chat.page.keyboard.press("Escape")


def test_a_list_of_chats(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    page = chat.page
    chats = [kept_chat_of(number, f"Chat {number} of the lighthouse") for number in range(1, 40)]
    chats[0].pinned = chats[1].pinned = True
    messages = [one for each in chats for one in said(each, "A question", "Of the sea.")]
    open_with(chat, chats, messages)
    expect(chat.headings.first).to_have_text("Pinned")
    chat.rows.first.get_by_role("link").click()
    expect(chat.questions).to_contain_text("A question")
    expect_accessible_in_both_themes(page, "many chats")
    # In the middle of it, where rows above and below are not in the page.
    chat.rows.last.scroll_into_view_if_needed()
    expect(chat.row("Chat 20 ")).to_be_visible()
    chat.search.fill("sea")
    expect(chat.rows.first.locator("mark").first).to_have_text("sea")
    expect_accessible_in_both_themes(page, "found in contents")
    chat.search.fill("nowhere to be found")
    expect(chat.rows).to_have_count(0)
    expect_accessible_in_both_themes(page, "nothing found")
    chat.search.fill("")
    chat.rows.first.hover()
    page.keyboard.press("Escape")
    chat.rows.first.get_by_role("link").focus()
    page.keyboard.press("F2")
    expect(page.get_by_role("textbox", name="New title of")).to_be_focused()
    expect_accessible_in_both_themes(page, "a chat is renamed")
    page.keyboard.press("Escape")
    chat.rows.first.get_by_role("button", name="Options of").click()
    expect_accessible_in_both_themes(page, "the menu of a chat")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Select chats").click()
    for row in (0, 2):
        chat.rows.nth(row).get_by_role("checkbox").check()
    expect(page.get_by_role("group", name="Selected chats")).to_contain_text("2 selected")
    expect_accessible_in_both_themes(page, "chats are selected")
    page.get_by_role("group", name="Selected chats").get_by_role("button", name="Delete").click()
    expect(chat.toast).to_contain_text("2 chats deleted.")
    chat.toast.hover()
    expect_accessible_in_both_themes(page, "a short message")


def test_the_data_dialog_and_the_palette_over_chats(unopened_chat: ChatPage) -> None:
    chat = unopened_chat
    page = chat.page
    open_with(chat, [each := kept_chat_of(1, "The lighthouse")], said(each, "A question", "Yes."))
    page.get_by_role("button", name="Chats and storage").click()
    dialog = page.get_by_role("dialog", name="Chats and storage")
    expect(dialog).to_contain_text("Storage used")
    expect_accessible_in_both_themes(page, "data")
    dialog.get_by_role("button", name="Delete all…").click()
    expect(page.get_by_role("button", name="Delete all", exact=True)).to_be_visible()
    expect_accessible_in_both_themes(page, "delete all?")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    chat.message.press("Control+k")
    field = page.get_by_role("combobox", name="Search commands and chats")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_be_visible()
    expect_accessible_in_both_themes(page, "palette")
    field.fill("lighthouse")
    expect(options.filter(has_text="The lighthouse")).to_be_visible()
    expect_accessible_in_both_themes(page, "a chat in the palette")
    field.fill("zzz")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    expect_accessible_in_both_themes(page, "nothing in the palette")
    page.keyboard.press("Escape")


def test_tool_cards_in_each_state(chat: ChatPage, elsewhere: LiveServer) -> None:
    page = chat.page
    use(chat, elsewhere)
    searched = {
        "tool_use_id": "search",
        "content": [{"type": "web_search_result", "url": "https://example.org", "title": "A page"}],
    }
    rolls = {"type": "input_json_delta", "partial_json": '{"count": '}
    elsewhere.queue(
        streamed(
            [
                message("first"),
                *block(0, "thinking", {"type": "thinking_delta", "thinking": "A thought"}),
                *text(1, "Let me see."),
                *block(2, "server_tool_use", id="search", name="web_search"),
                *block(3, "web_search_tool_result", **searched),
                *calls(4, "calculate", expression="6 * 7"),
                *calls(5, "calculate", expression="1 / 0"),
                *block(6, "tool_use", rolls, id="roll", name="roll_dice")[:-1],
                Gate("whole"),
                event(
                    "content_block_delta",
                    index=6,
                    delta={"type": "input_json_delta", "partial_json": "2}"},
                ),
                event("content_block_stop", index=6),
                event("message_delta", delta={"stop_reason": "tool_use"}, usage={}),
                event("message_stop"),
            ]
        ),
        streamed(
            [
                message("second"),
                *calls(0, "roll_dice"),
                event("message_delta", delta={"stop_reason": "tool_use"}, usage={}),
                event("message_stop"),
            ]
        ),
    )
    chat.ask("Use all of them")
    expect(cards(chat).last).to_contain_text("Writing the call")
    expect_accessible_in_both_themes(page, "a call is written")
    elsewhere.open_gate("whole")
    states = cards(chat).locator('[data-part="state"]')
    expect(states).to_have_text(
        ["Run by the provider", "Done", "Failed", "Waiting for your approval"]
    )
    expect_accessible_in_both_themes(page, "run, done, failed, waiting")
    chat.choose("Deny")
    expect(states.nth(3)).to_have_text("Denied")
    expect(states.last).to_have_text("Waiting for your approval")
    chat.stop_button.click()
    chat.wait_for_end()
    expect(states.last).to_have_text("Not run")
    chat.answer.locator(".reasoning summary").click()
    expect_accessible_in_both_themes(page, "denied, not run")


def test_what_went_wrong_and_what_waits_behind_it(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat, page = scripted_chat, scripted_chat.page
    chat.watch.expect("the server responded with a status of")
    refused = whole(error_body("Wrong key", type="invalid_request_error"), status=401)
    server.queue(msgspec.structs.replace(refused, before=(Gate("refuse"),)))
    chat.ask("First")
    chat.ask("Second")
    waiting = page.get_by_role("region", name="Waiting questions")
    expect(waiting).to_contain_text("Waits for the answer above.")
    expect_accessible_in_both_themes(page, "one waits")
    server.open_gate("refuse")
    expect(chat.notice.get_by_role("button", name="Open settings")).to_be_visible()
    expect(waiting).to_contain_text("Paused")
    expect_accessible_in_both_themes(page, "an error")
    waiting.get_by_role("button", name="Remove").click()
    chat.questions.first.hover()
    chat.questions.first.get_by_role("button", name="Edit").click()
    expect_accessible_in_both_themes(page, "a question is edited")
    page.keyboard.press("Escape")
    chat.answer.get_by_role("button", name="Regenerate").click()
    chat.wait_for_end()
    expect(chat.answer.get_by_role("group", name="Answer 2 of 2")).to_be_visible()
    expect_accessible_in_both_themes(page, "two versions")
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
