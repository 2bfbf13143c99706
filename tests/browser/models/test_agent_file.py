"""`serve.py` with a person's file: its function answers, asks, is edited, says what is wrong."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from playwright.sync_api import expect

from app.native.agent_process import AgentProcess
from tests.browser.chat_page import ChatPage
from tests.browser.displays.test_displays import shown_page
from tests.live_server import live_server

SOURCE = '''
"""Knows otters."""
from pathlib import Path
from tokenfall import Request, step

title = "Otter bot"

class Chart:
    def _repr_mimebundle_(self, include=None, exclude=None):
        data = [{"type": "bar", "x": ["a", "b"], "y": [1, 2]}]
        spec = {"data": data, "layout": {"title": {"text": "Two bars"}}}
        return {"application/vnd.plotly.v1+json": spec, "text/html": "<script>1</script>"}

class Page:
    def _repr_html_(self):
        return "<h1>Of its own</h1>"

async def answer(request: Request):
    if request.message == "draw":
        yield Chart()
        yield Page()
        yield Path(__file__)
        return
    with step("search", {"for": request.message}) as found:
        found.result = "3 found"
    yield "Three **otters**.\\n\\n"
    yield [{"name": "Ada", "weight": 7}, {"name": "Bo", "weight": 9}]
    if await request.ask("Delete them?", rows=3):
        yield "Gone."
    else:
        yield "Kept."
'''


def test_a_function_answers_with_steps_tables_and_questions_and_takes_edits(
    new_chat: Callable[..., ChatPage], tmp_path: Path
) -> None:
    file = tmp_path / "otter_bot.py"
    file.write_text(SOURCE)
    agent = AgentProcess(file, packages=Path(msgspec.__file__).parents[1], reload=True)
    with live_server(agent=agent) as server:
        chat = new_chat(server.url)
        chat.open()
        expect(chat.model_label).to_have_text("Otter bot")
        expect(chat.page.get_by_text("Knows otters.")).to_be_visible()
        chat.ask("How many?")
        expect(chat.requests.first).to_contain_text("Delete them?")
        expect(chat.answer).to_contain_text("search")
        expect(chat.text.locator("strong")).to_have_text("otters")
        expect(chat.text.get_by_role("cell", name="Ada")).to_be_visible()
        chat.choose("Yes")
        chat.wait_for_end()
        expect(chat.text).to_contain_text("Gone.")
        expect(chat.requests).to_have_count(0)

        # A chart and HTML are drawn apart, and again from the history; a file can be saved.
        chat.ask("draw")
        chat.wait_for_end()
        places = chat.answer.locator(".display-output")
        places.nth(0).get_by_role("button", name="Draw it").click()
        title = shown_page(places.nth(0)).get_by_text("Two bars")
        expect(title).to_be_visible()
        chat.page.reload()
        chat.wait_until_ready()
        expect(title).to_be_visible()
        places.nth(1).get_by_role("button", name="Draw it").click()
        expect(shown_page(places.nth(1)).get_by_role("heading")).to_have_text("Of its own")
        with chat.page.expect_download() as saved:
            chat.answer.get_by_role("button", name="Save otter_bot.py").click()
        assert saved.value.path().read_text() == SOURCE
        chat.page.emulate_media(media="print")
        expect(chat.answer.get_by_text("otter_bot.py, ")).to_be_visible()
        expect(chat.answer.get_by_text("Save", exact=True)).to_be_hidden()
        chat.page.emulate_media(media="screen")

        # A version that does not work is told with its line; the one before answers on.
        file.write_text("def answer(message):\n    return (")
        expect(chat.hint).to_contain_text("line 2")
        chat.ask("Still there?")
        chat.choose("No")
        chat.wait_for_end()
        expect(chat.text).to_contain_text("Kept.")

        # The next one answers, in sync mode too, and what it raises says where.
        file.write_text("def answer(message):\n    return 1 / len(message.removeprefix('fail'))")
        expect(chat.hint).not_to_contain_text("line 2")
        chat.page.get_by_role("switch", name="Streaming").click()
        chat.ask("ab")
        chat.wait_for_end()
        expect(chat.text).to_have_text("0.5")
        chat.ask("fail")
        expect(chat.notice).to_contain_text("ZeroDivisionError")
        # It asks the server for edits as long as it is open.
        chat.page.close()
