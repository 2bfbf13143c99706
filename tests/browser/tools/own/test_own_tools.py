"""A person's own tools: written, tried, saved, and called by a model."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.tool_writing import LOOP, SHOUT, Editor, cards, delete_files, let_call, written
from tests.browser.touch import expect_within_reach
from tests.live_server import LiveServer

# What the page holds and a tool has no business with.
SPY = '''async def spy(what: str) -> str:
    """Look around."""
    import inspect, js
    found = eval(what)
    return str(await found if inspect.isawaitable(found) else found)
'''
FAILS = '''def fails(number: int) -> float:
    """Divide one by it."""
    return 1 / number
'''


@pytest.fixture
def model(scripted_chat: ChatPage) -> Iterator[ChatPage]:
    """A chat whose model the server's script plays. The files written here are deleted."""
    yield scripted_chat
    delete_files(scripted_chat)


@pytest.fixture
def writer(demo_chat: ChatPage) -> Iterator[ChatPage]:
    """A chat in which no model is needed. The files written here are deleted."""
    yield demo_chat
    delete_files(demo_chat)


@pytest.fixture
def phone_writer(phone_chat: ChatPage) -> Iterator[ChatPage]:
    """The same on a phone."""
    yield phone_chat
    delete_files(phone_chat)


def test_a_tool_is_written_described_tried_and_called(model: ChatPage, server: LiveServer) -> None:
    chat = model
    editor = Editor(chat).open()
    editor.write(SHOUT)
    expect(editor.state).to_have_text(
        "1 tool: shout. Not run yet: it runs when you try or save it."
    )
    expect(editor.described).to_contain_text("shout(text, times=1)")
    expect(editor.described).to_contain_text("Say it loud.")
    editor.described.get_by_text("Parameters").click()
    expect(editor.described).to_contain_text("string, required — What to say.")
    editor.trial.get_by_label("text").fill("hello")
    editor.trial.get_by_label("times").fill("many")
    editor.run_button.click()
    expect(editor.state).to_have_text("It runs. 1 tool: shout.")
    expect(editor.trial).to_contain_text("times should be a number.")
    expect(editor.trial.get_by_label("times")).to_be_focused()
    editor.trial.get_by_label("times").fill("2")
    editor.run_button.click()
    expect(editor.result).to_have_text("HELLO HELLO")
    expect(editor.took).to_contain_text("Done in")
    editor.name.fill("loud")
    editor.save()
    expect(chat.toast).to_contain_text("On in this chat: shout.")
    expect(editor.name).to_have_value("loud.py")
    expect(editor.files).to_have_text(["loud.py"])
    editor.close()

    let_call(server, "shout", text="from the model")
    chat.ask("Shout")
    expect(cards(chat)).to_contain_text("Waiting for your approval")
    assert json.loads(server.requests()[0].body)["tools"][0]["function"]["name"] == "shout"
    chat.choose("Allow once")
    expect(cards(chat)).to_contain_text("Done")
    expect(cards(chat).get_by_label("Result")).to_have_text("FROM THE MODEL")
    chat.wait_for_end()
    expect(chat.text.last).to_contain_text("I have it.")


def test_it_stands_in_the_menu_and_the_settings_and_may_be_let_run(
    model: ChatPage, server: LiveServer
) -> None:
    chat, page = model, model.page
    written(chat, SHOUT)
    page.get_by_role("button", name="Tools: 1 on").click()
    yours = page.get_by_role("group", name="Yours")
    expect(yours.get_by_role("menuitemcheckbox", name="shout")).to_be_checked()
    expect(page.get_by_role("menuitemcheckbox", name="Ask before: shout")).to_be_checked()
    page.keyboard.press("Escape")
    settings = chat.open_settings("Tools")
    expect(settings.get_by_role("checkbox", name="shout")).not_to_be_checked()
    settings.get_by_role("checkbox", name="shout").check()
    settings.get_by_role("button", name="Your own tools…").click()
    editor = Editor(chat)
    editor.source.fill(SHOUT.replace("def shout", "def yell"))
    expect(editor.state).to_contain_text("yell")
    editor.save()
    editor.close()
    expect(settings.get_by_role("checkbox", name="yell")).not_to_be_checked()
    settings.get_by_role("checkbox", name="yell").check()
    chat.save_settings()
    let_call(server, "yell", text="at once")
    chat.ask("Yell")
    chat.wait_for_end()
    expect(cards(chat).get_by_label("Result")).to_have_text("AT ONCE")


def test_what_is_wrong_is_said_with_its_line(writer: ChatPage) -> None:
    chat = writer
    editor = Editor(chat).open()
    editor.write(f"{SHOUT}\n\ndef broken(:\n    pass\n", is_read=False)
    expect(editor.state).to_contain_text("SyntaxError")
    editor.dialog.get_by_role("button", name="Line 11").click()
    expect(editor.source).to_be_focused()
    marked = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert editor.source.evaluate(marked) == "def broken(:"
    editor.save_button.click()
    expect(editor.problem).to_contain_text("It can be saved when it runs.")
    # What only running tells is said when it is saved.
    editor.source.fill(f"import nothing_of_that_name\n{SHOUT}")
    expect(editor.state).to_contain_text("Not run yet")
    editor.save_button.click()
    expect(editor.state).to_contain_text("ModuleNotFoundError")
    expect(editor.dialog.get_by_role("button", name="Line 1")).to_be_visible()
    editor.source.fill(SHOUT.replace("def shout", "def calculate"))
    expect(editor.state).to_have_text("The page has a tool called calculate already. Rename yours.")
    editor.save_button.click()
    expect(editor.problem).to_contain_text("The page has a tool called calculate already.")
    expect(editor.save_button).to_be_enabled()


def test_an_exception_is_said_and_goes_to_the_model(model: ChatPage, server: LiveServer) -> None:
    chat = model
    editor = Editor(chat).open()
    editor.write(FAILS)
    editor.trial.get_by_label("number").fill("0")
    editor.run_button.click()
    expect(editor.result).to_contain_text("ZeroDivisionError: division by zero")
    expect(editor.took).to_contain_text("Failed after")
    editor.save()
    editor.close()
    let_call(server, "fails", number=0)
    chat.ask("Divide")
    chat.choose("Allow once")
    chat.wait_for_end()
    expect(cards(chat)).to_contain_text("Failed")
    expect(cards(chat).get_by_label("Result")).to_contain_text("ZeroDivisionError")
    result = json.loads(server.requests()[1].body)["messages"][-1]
    assert result["role"] == "tool"
    assert "ZeroDivisionError: division by zero" in result["content"]


def test_python_starts_with_the_first_call_and_the_page_says_so(
    model: ChatPage, server: LiveServer
) -> None:
    chat, page = model, model.page
    written(chat, SHOUT)
    page.reload()
    chat.wait_until_ready()
    held: list[Route] = []
    page.route("**/sandbox_worker.mjs", lambda route: held.append(route), times=1)
    let_call(server, "shout", text="hi")
    chat.ask("Shout")
    with page.expect_request("**/sandbox_worker.mjs"):
        chat.choose("Allow once")
    expect(chat.hint).to_contain_text("Starting Python for your tools…")
    expect(cards(chat)).to_contain_text("Running")
    held[0].continue_()
    chat.wait_for_end()
    expect(cards(chat).get_by_label("Result")).to_have_text("HI")
    expect(chat.hint).not_to_contain_text("Starting Python")


def test_an_endless_loop_is_stopped_and_the_page_lives_on(
    model: ChatPage, server: LiveServer
) -> None:
    chat, page = model, model.page
    editor = Editor(chat).open()
    editor.write(LOOP)
    editor.run_button.click()
    expect(editor.took).to_have_text("Running…")
    # The page answers meanwhile.
    editor.source.press("End")
    editor.dialog.get_by_role("button", name="Stop").click()
    expect(editor.took).to_have_text("Stopped.")
    editor.save()
    editor.close()
    let_call(server, "spin")
    chat.ask("Spin")
    chat.choose("Allow once")
    expect(cards(chat)).to_contain_text("Running")
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect_accessible(page, f"a tool runs, {theme}")
    chat.message.fill("meanwhile")
    chat.stop_button.click()
    chat.wait_for_end()
    expect(chat.message).to_have_value("meanwhile")
    expect(cards(chat).locator('[data-part="state"]')).to_have_text("Stopped")
    chat.message.fill("")
    # And what was ended starts again.
    editor.open()
    editor.write(SHOUT)
    editor.trial.get_by_label("text").fill("still here")
    editor.run_button.click()
    expect(editor.result).to_have_text("STILL HERE")


def test_an_endless_loop_ends_with_its_time(model: ChatPage, server: LiveServer) -> None:
    chat = model
    limited = f"from app.core.tools import tool\n\n\n@tool(timeout_s=0.3)\n{LOOP}"
    written(chat, limited)
    let_call(server, "spin")
    chat.ask("Spin")
    chat.choose("Allow once")
    chat.wait_for_end()
    expect(cards(chat).get_by_label("Result")).to_contain_text("did not finish within 0.3 seconds")
    expect(chat.text.last).to_contain_text("I have it.")


def test_a_source_is_not_blamed_for_a_tool_that_goes_on(writer: ChatPage) -> None:
    chat = writer
    editor = Editor(chat).open()
    editor.write(LOOP)
    editor.run_button.click()
    expect(editor.took).to_have_text("Running…")
    editor.source.fill(SHOUT)
    expect(editor.state).to_contain_text("1 tool: shout. Not run yet")
    editor.dialog.get_by_role("button", name="Stop").click()
    editor.save()
    expect(editor.state).to_have_text("It runs. 1 tool: shout.")


def test_messages_of_browser_extensions_are_not_taken_for_the_pages(
    unopened_chat: ChatPage,
) -> None:
    chat = unopened_chat
    # They are posted to the window of each frame.
    chat.page.add_init_script(
        "if (top !== self) addEventListener('DOMContentLoaded', () => postMessage('hello', '*'))"
    )
    chat.open()
    Editor(chat).open().write(SHOUT)


def test_a_tool_that_speaks_in_the_sandboxs_place_harms_its_own_python_only(
    writer: ChatPage,
) -> None:
    chat = writer
    editor = Editor(chat).open()
    editor.write(LIAR)
    for said in ("'nonsense'", "'[' * 100000", "'7'"):
        editor.trial.get_by_label("said").fill(said)
        editor.run_button.click()
        expect(editor.result).to_contain_text("The Python of your tools broke down.")


LIAR = '''def lie(said: str) -> None:
    """Answer in the sandbox's words."""
    import gc
    from app.browser.tools.sandbox.sandboxed import _Service
    service = next(one for one in gc.get_objects() if isinstance(one, _Service))
    service._reply(eval(said))
'''


def test_a_tool_sees_nothing_of_the_page(writer: ChatPage) -> None:
    chat = writer
    chat.watch.expect("blocked", "Refused", "violat", "CORS", "ERR_FAILED", "called a stranger")
    editor = Editor(chat).open()
    editor.write(SPY)

    def look(what: str) -> None:
        editor.trial.get_by_label("what").fill(what)
        editor.run_button.click()

    for what, said in (
        ("js.document", "AttributeError"),
        ("js.window", "AttributeError"),
        ("js.parent", "AttributeError"),
        ("js.localStorage", "AttributeError"),
        ("js.sessionStorage", "AttributeError"),
        ("js.indexedDB.open('tokenfall')", "denied"),
        ("js.caches", "AttributeError"),
        (f"js.fetch('{chat.url}/index.html')", "Failed to fetch"),
        (f"js.fetch('{chat.url}/api/status')", "Failed to fetch"),
        ("js.eval('1')", "EvalError"),
    ):
        look(what)
        expect(editor.result).to_contain_text(said)
        expect(editor.took).to_contain_text("Failed after")
    # What is there is found.
    look("js.navigator.hardwareConcurrency > 0")
    expect(editor.result).to_have_text("True")


def test_a_file_is_deleted_and_brought_back(writer: ChatPage) -> None:
    chat = writer
    editor = written(chat, SHOUT)
    editor.open()
    editor.write(SHOUT.replace("shout", "yell"))
    editor.save()
    editor.more("Delete")
    expect(chat.toast).to_contain_text("my_tools_2.py deleted.")
    expect(editor.files).to_have_text(["my_tools.py"])
    editor.more("Delete")
    expect(editor.blank).to_be_visible()
    chat.toast.get_by_role("button", name="Undo").click()
    expect(editor.files).to_have_text(["my_tools.py"])
    expect(editor.source).to_have_value(SHOUT)
    editor.close()
    chat.page.get_by_role("button", name="Tools: 6 on").click()
    yours = chat.page.get_by_role("group", name="Yours").get_by_role("menuitemcheckbox")
    expect(yours).to_have_text(["shout"])
    expect(yours).to_be_checked()
    chat.page.keyboard.press("Escape")


def test_a_reload_keeps_the_draft_and_what_was_saved(writer: ChatPage) -> None:
    chat = writer
    editor = written(chat, SHOUT)
    editor.open()
    editor.source.press("Control+End")
    editor.source.press_sequentially("# not yet")
    expect(editor.files).to_have_attribute("aria-label", "my_tools.py, not saved")
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.page.get_by_role("button", name="Tools: 6 on")).to_be_visible()
    editor.open()
    expect(editor.source).to_have_value(f"{SHOUT}# not yet")
    expect(editor.save_button).to_be_enabled()
    editor.dialog.get_by_role("button", name="Close your tools").click()
    asked = chat.page.get_by_role("alertdialog", name="Close without saving?")
    expect(asked).to_contain_text("my_tools.py changed: it stays here as a draft")
    asked.get_by_role("button", name="Cancel").click()
    editor.more("Back to the saved version")
    expect(editor.source).to_have_value(SHOUT)
    expect(editor.save_button).to_be_disabled()
    chat.toast.get_by_role("button", name="Undo").click()
    expect(editor.source).to_have_value(f"{SHOUT}# not yet")
    editor.save()
    editor.close()


def test_files_of_another_version_are_kept(writer: ChatPage) -> None:
    chat = writer
    kept = "JSON.parse(localStorage['tokenfall.tool-files'])"
    chat.page.evaluate(
        """() => { localStorage["tokenfall.tool-files"] = '[{"of": "another version"}]'; }"""
    )
    written(chat, SHOUT)
    files = chat.page.evaluate(kept)
    chat.page.evaluate("localStorage.removeItem('tokenfall.tool-files')")
    assert {"of": "another version"} in files
    assert [file["name"] for file in files if "name" in file] == ["my_tools.py"]


def test_an_untouched_example_leaves_no_draft(writer: ChatPage) -> None:
    chat = writer
    editor = Editor(chat).open()
    editor.dialog.locator("#own-examples button").nth(1).click()
    expect(editor.state).to_contain_text("Not run yet")
    editor.close()
    expect(chat.page.get_by_role("alertdialog")).to_be_hidden()
    editor.open()
    expect(editor.files).to_have_count(0)
    expect(editor.blank).to_be_visible()


def test_two_tabs_keep_each_others_files(writer: ChatPage) -> None:
    chat = writer
    other = ChatPage(chat.page.context.new_page(), chat.url, chat.watch)
    other.open()
    written(chat, SHOUT)
    written(other, SHOUT.replace("shout", "yell").replace("loud", "louder"))
    chat.page.bring_to_front()
    editor = Editor(chat).open()
    expect(editor.files).to_have_text(["my_tools.py", "my_tools_2.py"])
    editor.close()
    other.page.close()


def test_a_full_storage_is_said(chat: ChatPage) -> None:
    chat.page.evaluate(
        """() => {
          let text = "x".repeat(1 << 20);
          for (let number = 0; text.length > 0; ) {
            try { localStorage.setItem(`filler ${number++}`, text); }
            catch { text = text.slice(text.length / 2 + 1); }
          }
        }"""
    )
    editor = Editor(chat).open()
    editor.write(SHOUT)
    editor.source.press("End")
    editor.source.press_sequentially("  # longer")
    expect(editor.problem).to_contain_text("no room left")
    # Nor is it gone with the dialog.
    typed = editor.source.input_value()
    editor.dialog.get_by_role("button", name="Close your tools").click()
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Close").click()
    editor.open()
    expect(editor.source).to_have_value(typed)
    editor.save_button.click()
    expect(chat.toast).to_contain_text("it lasts until this tab is closed")
    editor.close()
    expect(chat.page.get_by_role("button", name="Tools: 6 on")).to_be_visible()


def test_files_come_in_and_go_out(writer: ChatPage, tmp_path: Path) -> None:
    chat = writer
    file = tmp_path / "my own.py"
    file.write_bytes(b"\xef\xbb\xbf" + SHOUT.replace("\n", "\r\n").encode())
    editor = Editor(chat).open()
    editor.dialog.locator("#own-open-file").set_input_files(tmp_path / "my own.py")
    expect(editor.name).to_have_value("my_own.py")
    expect(editor.source).to_have_value(SHOUT)
    with chat.page.expect_download() as download:
        editor.more("Download")
    assert download.value.suggested_filename == "my_own.py"
    assert Path(download.value.path()).read_text("utf-8") == SHOUT
    editor.dialog.get_by_role("button", name="New file").click()
    (tmp_path / "picture.py").write_bytes(b"\x89PNG\xff\xfe")
    editor.dialog.locator("#own-open-file").set_input_files(tmp_path / "picture.py")
    expect(editor.dialog).to_contain_text("This is not a text file with Python in it.")


def test_by_keyboard_alone(writer: ChatPage) -> None:
    chat = writer
    page = chat.page
    page.keyboard.press("Control+k")
    page.keyboard.type("your tools")
    page.keyboard.press("Enter")
    editor = Editor(chat)
    expect(editor.dialog.get_by_role("button", name="Marks of a class")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(editor.blank).to_be_focused()
    page.keyboard.press("Enter")
    expect(editor.source).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("def twice(text: str) -> str:")
    page.keyboard.press("Enter")
    page.keyboard.type("return text * 2")
    expect(editor.source).to_have_value("def twice(text: str) -> str:\n    return text * 2")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(editor.source).to_have_value("def twice(text: str) -> str:\n    return text * 2")
    expect(editor.state).to_contain_text("Not run yet")
    page.keyboard.press("Control+s")
    expect(editor.save_button).to_be_disabled()
    page.keyboard.press("Escape")
    expect(editor.dialog).to_contain_text("Tab leaves the field now.")
    page.keyboard.press("Tab")
    expect(editor.source).not_to_be_focused()
    for _ in range(8):
        if editor.trial.get_by_label("text").evaluate("box => box === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("ab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(editor.result).to_have_text("abab")
    expect(editor.run_button).to_be_focused()
    page.keyboard.press("Escape")
    expect(editor.dialog).to_be_hidden()


def test_each_example_runs(writer: ChatPage) -> None:
    editor = Editor(writer).open()
    examples = editor.dialog.get_by_role("list", name="Start from an example").get_by_role("button")
    expect(examples).to_have_count(3)
    for number in range(3):
        examples.nth(number).click()
        expect(editor.state).to_contain_text("Not run yet")
        editor.save()
        expect(editor.state).to_contain_text("It runs. 1 tool")
        editor.dialog.get_by_role("button", name="New file").click()


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_the_dialog_is_accessible_and_fits(request: pytest.FixtureRequest, screen: str) -> None:
    chat: ChatPage = request.getfixturevalue("writer" if screen == "wide" else "phone_writer")
    page = chat.page
    editor = Editor(chat).open()

    def look(state: str) -> None:
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            expect_accessible(page, f"{state}, {screen}, {theme}")
        if screen == "phone":
            expect_within_reach(page, state)
        assert not editor.dialog.evaluate("box => box.scrollWidth > box.clientWidth"), state

    look("where to begin")
    editor.dialog.get_by_role("button", name="Cost of a loan").click()
    expect(editor.state).to_contain_text("Not run yet")
    for name in ("amount", "yearly_percent", "years"):
        editor.trial.get_by_label(name).fill("5")
    editor.run_button.click()
    expect(editor.result).to_contain_text('"payments": 60')
    editor.described.get_by_text("Parameters").click()
    look("a file that runs")
    editor.source.fill("def (")
    expect(editor.state).to_contain_text("SyntaxError")
    editor.save_button.click()
    expect(editor.problem).not_to_be_empty()
    look("a file that does not")
