"""Tool calls in the page: cards, approval, results, and what the Demo shows of them."""

import re
from typing import Any

from playwright.sync_api import Locator, Route, expect

from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def cards(chat: ChatPage) -> Locator:
    return chat.answer.get_by_role("list", name="Tool calls").get_by_role("listitem")


def ask_tools(chat: ChatPage) -> Locator:
    """Have the Demo call two tools; return the card of the one that waits for approval."""
    chat.ask("/tools")
    waiting = cards(chat).filter(has_text="roll_dice")
    expect(waiting).to_contain_text("Waiting for your approval")
    expect(chat.requests).to_contain_text("roll_dice")
    return waiting


def test_the_demo_asks_for_the_time_and_gets_it(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("What time is it?")
    chat.wait_for_end()
    expect(cards(chat)).to_have_count(1)
    expect(cards(chat)).to_contain_text("current_time")
    expect(cards(chat)).to_contain_text("Done")
    expect(cards(chat)).to_contain_text(re.compile(r"\d ms"))
    expect(cards(chat).get_by_label("Result")).to_contain_text(re.compile(r'"utc": "\w+day, 20'))
    expect(chat.answer.locator('[data-part="text"]').last).to_contain_text("The tools answered")
    expect(chat.facts).to_contain_text("2 model calls")


def test_a_tool_waits_for_leave_and_runs_once(demo_chat: ChatPage) -> None:
    chat = demo_chat
    waiting = ask_tools(chat)
    expect(cards(chat).filter(has_text="current_time")).to_contain_text("Done")
    expect(chat.requests).to_have_accessible_name("Allow this tool to run?")
    expect(chat.requests.get_by_label("Arguments")).to_contain_text('"count": 2')
    expect(chat.status).to_contain_text("roll_dice waits for your approval to run")
    # Who writes is not torn away.
    expect(chat.message).to_be_focused()
    # Everywhere it is the person who is waited for.
    expect(chat.page).to_have_title(re.compile("^Waits for you"))
    expect(chat.facts.get_by_role("listitem")).to_have_text(["Waits for your approval"])
    expect(chat.row("/tools").first).to_contain_text("Waits for your approval")
    chat.choose("Allow once")
    expect(chat.requests).to_have_count(0)
    expect(chat.row("/tools").first).not_to_contain_text("Waits for your approval")
    expect(waiting).to_contain_text("Done")
    expect(waiting.get_by_label("Result")).to_contain_text('"sum":')
    chat.wait_for_end()
    waiting = ask_tools(chat)
    chat.choose("Deny")
    expect(waiting).to_contain_text("Denied")
    chat.wait_for_end()
    expect(chat.answer.locator('[data-part="text"]').last).to_contain_text("denied this call")


def test_leave_by_keyboard_and_focus_for_who_does_not_write(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("/tools")
    chat.page.locator("#scroller").focus()
    waiting = cards(chat).filter(has_text="roll_dice")
    once = chat.requests.get_by_role("button", name="Once")
    expect(once).to_be_focused()
    expect(once).to_be_enabled()
    chat.page.keyboard.press("Control+Alt+Backspace")
    expect(waiting).to_contain_text("Denied")
    chat.wait_for_end()
    waiting = ask_tools(chat)
    expect(once).to_be_enabled()
    chat.page.keyboard.press("Control+Alt+Enter")
    expect(waiting).to_contain_text("Done")
    chat.wait_for_end()


def test_leave_for_this_chat_ends_with_it(demo_chat: ChatPage) -> None:
    chat = demo_chat
    ask_tools(chat)
    chat.choose("Allow in this chat")
    chat.wait_for_end()
    chat.ask("/tools")
    chat.wait_for_end()
    expect(cards(chat).filter(has_text="roll_dice")).to_contain_text("Done")
    chat.new_chat_button.click()
    ask_tools(chat)
    chat.choose("Deny")
    chat.wait_for_end()


def test_leave_for_always_is_kept_and_can_be_taken_back(chat: ChatPage) -> None:
    ask_tools(chat)
    chat.choose("Always allow")
    chat.wait_for_end()
    chat.page.reload()
    chat.wait_until_ready()
    chat.ask("/tools")
    chat.wait_for_end()
    expect(cards(chat).filter(has_text="roll_dice")).to_contain_text("Done")
    chat.page.get_by_role("button", name="Tools: 5 on").click()
    asks = chat.page.get_by_role("menuitemcheckbox", name="Ask before: Roll dice")
    expect(asks).not_to_be_checked()
    asks.click()
    chat.page.keyboard.press("Escape")
    ask_tools(chat)
    chat.choose("Deny")
    chat.wait_for_end()


def test_tools_are_switched_off_for_a_chat(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="Tools:").click()
    for label in ("Tell the time", "Calculate", "Convert units", "Roll dice", "Run Python"):
        chat.page.get_by_role("menuitemcheckbox", name=label, exact=True).click()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("button", name="Tools: all off")).to_be_visible()
    chat.ask("/tools")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("none is switched on")


def test_tools_that_fail_say_why(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("/tools fail")
    chat.wait_for_end()
    expect(cards(chat)).to_have_count(2)
    expect(cards(chat).first).to_contain_text("Failed")
    expect(cards(chat).first.get_by_label("Result")).to_have_text("Division by zero.")
    expect(cards(chat).last).to_contain_text("There is no tool 'weather_on_mars'")


def test_stop_ends_the_wait_for_leave(demo_chat: ChatPage) -> None:
    chat = demo_chat
    waiting = ask_tools(chat)
    chat.stop_button.click()
    chat.wait_for_end()
    expect(waiting).to_contain_text("Not run")
    expect(chat.requests).to_have_count(0)
    expect(chat.notice).to_contain_text("You stopped this answer.")


def test_sources_of_the_demo_are_listed_once_each(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("/sources")
    chat.wait_for_end()
    listed = chat.answer.get_by_role("region", name="Sources").get_by_role("listitem")
    expect(listed).to_have_count(2)
    expect(listed.last).to_contain_text("example.net")


def test_the_demo_answers_at_the_second_attempt(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.ask("/retry")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("This was the second attempt.")


def test_the_example_of_a_tool_turns_it_on_for_its_chat_alone(
    chat: ChatPage, server: LiveServer
) -> None:
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    tools = chat.page.locator("#tools")
    expect(tools).to_have_attribute("aria-label", "Tools: all off")
    chat.page.get_by_role("button", name="What time is it?").click()
    expect(cards(chat)).to_contain_text("current_time")
    chat.wait_for_end()
    expect(tools).to_have_attribute("aria-label", "Tools: 1 on")
    chat.new_chat_button.click()
    expect(tools).to_have_attribute("aria-label", "Tools: all off")


def test_a_remote_tool_of_the_provider_asks_at_the_same_place(demo_chat: ChatPage) -> None:
    chat = demo_chat
    asks = {
        "id": "mcpr_1",
        "type": "mcp_approval_request",
        "name": "shorten",
        "server_label": "zip",
        "arguments": '{"url": "https://a.example/"}',
    }
    said = {"type": "message", "content": [{"type": "output_text", "text": "It is short."}]}
    outputs = [[asks], [said]]
    bodies: list[Any] = []

    def answer(route: Route) -> None:
        allowed = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}
        if route.request.method != "POST":
            route.fulfill(status=200, headers=allowed, json={"data": [{"id": "m"}]})
            return
        bodies.append(route.request.post_data_json)
        response = {"object": "response", "status": "completed", "output": outputs.pop(0)}
        route.fulfill(status=200, headers=allowed, json=response)

    chat.page.route("https://responses.example/**", answer)
    chat.watch.expect("called a stranger: https://responses.example")
    preset = "OpenAI Responses-compatible"
    chat.use_provider("https://responses.example/v1", "m", preset=preset, via_server=False)
    chat.streaming_switch.uncheck()
    chat.ask("Shorten it.")
    expect(chat.requests).to_have_accessible_name("Allow the provider to call this tool elsewhere?")
    expect(chat.requests).to_contain_text("zip.shorten")
    expect(chat.requests.get_by_label("Arguments")).to_contain_text("https://a.example/")
    expect(chat.requests.get_by_role("button", name="Always allow")).to_have_count(0)
    expect(cards(chat)).to_contain_text("Waiting for your approval")
    chat.choose("Allow once")
    expect(chat.text.last).to_have_text("It is short.")
    expect(cards(chat)).to_contain_text("Done")
    yes = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}
    assert yes in bodies[1]["input"]
    chat.streaming_switch.check()
    chat.page.unroute("https://responses.example/**")
