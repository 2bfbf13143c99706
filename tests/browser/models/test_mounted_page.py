"""The page below a path of another program, which logs people in: one browser, two people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from app import app as page_for
from app.agents import Request
from tests.browser.chat_page import ChatPage
from tests.live_server import running


async def answer(request: Request) -> AsyncIterator[Any]:
    """Knows who asks."""
    request.state["n"] = request.state.get("n", 0) + 1
    yield f"{request.user}, question {request.state['n']}"
    if "delete" in request.message:
        yield ": gone" if await request.ask("Delete all?") else ": kept"


def current_user(request: Asked) -> str | None:
    return request.cookies.get("who")


def test_two_people_of_one_browser_see_nothing_of_each_other(
    new_chat: Callable[..., ChatPage],
) -> None:
    host = Starlette(routes=[Mount("/a/b", page_for(answer, title="Ops bot", user=current_user))])
    host.state.closing = asyncio.Event()
    with running(host, control="/nowhere") as server:
        chat = new_chat(f"{server.url}/a/b/", service_workers="allow")
        context = chat.page.context

        def log_in(name: str) -> None:
            context.add_cookies([{"name": "who", "value": name, "url": server.url}])
            chat.open()
            expect(chat.model_label).to_have_text("Ops bot")

        log_in("ada")
        expect(chat.page.get_by_text("Knows who asks.")).to_be_visible()
        chat.ask("Please delete")
        chat.choose("Yes")
        chat.expect_words("ada, question 1: gone")
        chat.wait_for_end()
        expect(chat.row("Please delete")).to_be_visible()
        chat.page.get_by_role("switch", name="Streaming").click()

        log_in("bo")
        chat.ask("Hello")
        chat.expect_words("bo, question 1")
        chat.wait_for_end()
        expect(chat.row("Hello")).to_be_visible()
        expect(chat.rows).to_have_count(1)
        expect(chat.streaming_switch).to_be_checked()
        assert context.service_workers == []

        # A page that bo left open does not go on as ada.
        chat.watch.expect(r"the server responded with a status of 401")
        context.add_cookies([{"name": "who", "value": "ada", "url": server.url}])
        chat.ask("Who am I?")
        refusal = chat.answers.last.get_by_text("Another person has logged in").first
        expect(refusal).to_be_visible()

        log_in("ada")
        expect(chat.row("Please delete")).to_be_visible()
        expect(chat.rows).to_have_count(1)
        expect(chat.streaming_switch).not_to_be_checked()
        chat.row("Please delete").click()
        chat.expect_words("ada, question 1: gone")
        chat.ask("Hello again")  # in sync mode; the state went on
        expect(chat.answers).to_have_count(2)
        chat.expect_words("ada, question 2")
        chat.wait_for_end()


def test_a_history_on_the_server_goes_on_over_a_reload_and_is_there_in_each_browser(
    new_chat: Callable[..., ChatPage], tmp_path: Path
) -> None:
    mounted = page_for(answer, title="Ops bot", user=current_user, history=tmp_path / "chats.db")
    host = Starlette(routes=[Mount("/a/b", mounted)])
    host.state.closing = asyncio.Event()
    with running(host, control="/nowhere") as server:

        def browser_of(name: str) -> ChatPage:
            chat = new_chat(f"{server.url}/a/b/")
            cookie = {"name": "who", "value": name, "url": server.url}
            chat.page.context.add_cookies([cookie])  # type: ignore[list-item]
            chat.open()
            return chat

        chat = browser_of("ada")
        chat.ask("Please delete")
        expect(chat.requests.first).to_contain_text("Delete all?")
        chat.page.reload()
        expect(chat.requests.first).to_contain_text("Delete all?")
        chat.choose("Yes")
        chat.expect_words("ada, question 1: gone")
        chat.wait_for_end()
        expect(chat.requests).to_have_count(0)

        other = browser_of("ada")
        other.row("Please delete").click()
        other.expect_words("ada, question 1: gone")
        other.ask("And now?")
        other.expect_words("ada, question 2")
        other.wait_for_end()
        # It comes to the first browser too, as it is written.
        chat.expect_words("ada, question 2")

        other.page.context.clear_cookies()
        other.page.context.add_cookies([{"name": "who", "value": "bo", "url": server.url}])
        other.open()
        expect(other.model_label).to_have_text("Ops bot")
        expect(other.rows).to_have_count(0)
        for one in (chat, other):
            one.page.close()


async def intranet(request: Asked) -> HTMLResponse:
    return HTMLResponse(f'<iframe src="http://localhost:{request.url.port}/a/b/"></iframe>')


def test_a_site_that_may_frame_the_page_shows_it_at_work(new_chat: Callable[..., ChatPage]) -> None:
    mounted = page_for(answer, title="Ops bot", framed_by=["http://127.0.0.1:*"])
    host = Starlette(routes=[Route("/", intranet), Mount("/a/b", mounted)])
    host.state.closing = asyncio.Event()
    with running(host, control="/nowhere") as server:
        chat = new_chat(is_apart=True)
        chat.watch.expect("Blocked autofocusing")  # a frame of another origin takes no focus itself
        page = chat.page
        page.goto(f"http://127.0.0.1:{server.port}/")
        framed = page.frame_locator("iframe")
        framed.get_by_role("textbox", name="Message").fill("Hello")
        framed.get_by_role("button", name="Send", exact=True).click()
        expect(framed.get_by_text("question 1")).to_be_visible()
        page.close()
