"""Everything that can go wrong with an answer: what arrived stays, and it is said what to do."""

import re
import socket

import pytest
from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, error_body, error_record, records, streamed, whole
from app.scripted.steps import Cut, Gate, Reply, Send, Stall
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer

# What the browser itself writes into the console about a response that is not 2xx.
HTTP_ERROR = r"the server responded with a status of"
NETWORK_ERROR = r"net::ERR_"

BEGUN = records(Answer(text="This much came"))[:-2]


def refused(status: int, message: str, code: str = "", **headers: str) -> Reply:
    data = error_body(message, type="error", code=code or None)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return whole(data, status=status, headers=named)


@pytest.mark.parametrize(
    ("reply", "sentence", "advice"),
    [
        (refused(401, "Wrong key"), "The API key was not accepted.", "Check the key in Settings."),
        (refused(403, "Not yours"), "Your key does not allow this.", "another key"),
        (refused(404, "Gone"), "No such model or address.", "Check Base URL and Model"),
        (refused(429, "Slow down"), "Too many requests", "then retry"),
        (refused(500, "Oh no"), "had an internal error", "Try again"),
        (refused(503, "Busy"), "is overloaded", "then retry"),
        (
            refused(400, "Too long", "context_length_exceeded"),
            "longer than this model can read",
            "Start a new chat",
        ),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else None,
)
def test_an_http_error_is_explained_and_can_be_retried(
    reply: Reply, sentence: str, advice: str, scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(HTTP_ERROR)
    # Where waiting may help, the page has tried twice more by itself.
    attempts = 3 if reply.status in (429, 500, 503) else 1
    server.queue(*[reply] * attempts, streamed(records(Answer(text="Now it works."))))
    chat.ask("Try")
    expect(chat.notice).to_contain_text(sentence)
    expect(chat.notice).to_contain_text(advice)
    # Said at once, and once, to who does not see it.
    expect(chat.notice.get_by_role("alert")).to_contain_text(sentence)
    expect(chat.status).to_be_empty()
    expect(chat.questions.get_by_text("Try")).to_be_visible()
    chat.retry_button.click()
    expect(chat.text).to_have_text("Now it works.")
    chat.wait_for_end()


def test_the_providers_own_words_are_shown(scripted_chat: ChatPage, server: LiveServer) -> None:
    scripted_chat.watch.expect(HTTP_ERROR)
    server.queue(refused(400, "The {braces} & <b>own</b> words"))
    scripted_chat.ask("Try")
    expect(scripted_chat.notice).to_contain_text("says: “The {braces} & <b>own</b> words”")
    scripted_chat.wait_for_end()
    scripted_chat.page.reload()
    scripted_chat.wait_until_ready()
    details = scripted_chat.notice.get_by_role("group")
    details.get_by_text("Details").click()
    expect(details).to_contain_text("HTTP status 400")
    expect(details).to_contain_text("The {braces} & <b>own</b> words")
    expect(scripted_chat.notice.get_by_role("alert")).to_have_count(0)


def test_the_page_tries_again_when_the_provider_asks_to_wait(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(HTTP_ERROR)
    server.queue(
        refused(429, "Slow down", retry_after="2"), streamed(records(Answer(text="Now then.")))
    )
    chat.ask("Quick")
    expect(chat.answer).to_contain_text("Slow down. Trying again in")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Now then.")
    expect(chat.answer).not_to_contain_text("Trying again")
    assert len(server.requests()) == 2
    expect(chat.facts).to_contain_text("2 tries")
    # The whole time, with the wait that the provider asked for.
    expect(chat.facts).to_contain_text(re.compile(r"total ([2-9]|\d\d)[.\d]* s"))


def test_stop_ends_the_wait_for_another_attempt(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(HTTP_ERROR)
    server.queue(refused(429, "Slow down", retry_after="50"))
    chat.ask("Quick")
    expect(chat.answer).to_contain_text("Trying again in")
    chat.stop_button.click()
    chat.wait_for_end()
    expect(chat.answer).not_to_contain_text("Trying again in")
    expect(chat.retry_button).to_be_visible()
    assert len(server.requests()) == 1


def test_a_wait_that_is_too_long_is_left_to_the_person(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(HTTP_ERROR)
    server.queue(refused(429, "Again", retry_after="3600"))
    chat.ask("Quick")
    expect(chat.notice).to_contain_text("to wait 59 min 59 s")
    expect(chat.notice).to_contain_text(re.compile(r"until (\d+ \w+, )?\d\d:\d\d\."))
    expect(chat.retry_button).to_be_enabled()

    # It is sent then by itself, where a person wants that.
    chat.notice.get_by_role("button", name="Send then", exact=True).click()
    expect(chat.notice).to_contain_text("It is sent again at ")
    chat.notice.get_by_role("button", name="Don’t send then").click()
    expect(chat.notice).to_contain_text("to wait 59 min")
    chat.notice.get_by_role("button", name="Send then", exact=True).click()
    expect(chat.notice).to_contain_text("if this chat stays open here.")
    assert len(server.requests()) == 1
    server.queue(streamed(records(Answer(text="Now then."))))
    chat.page.evaluate("performance.now = ((now) => () => now + 3_600_000)(performance.now())")
    expect(chat.text).to_have_text("Now then.")
    chat.wait_for_end()
    assert len(server.requests()) == 2
    chat.page.evaluate("delete performance.now")


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        (Send(error_record("It broke", type="server_error")), "had an internal error"),
        (Cut(), "The connection broke off."),
        (Send(b"\n"), "This answer was cut off."),
    ],
    ids=["error in the stream", "cut connection", "clean end too early"],
)
def test_a_stream_that_breaks_keeps_what_came(
    ending: Send | Cut, sentence: str, scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(NETWORK_ERROR)
    server.queue(
        streamed([*BEGUN, Gate("end"), ending]),
        streamed(records(Answer(text="This much came, and the rest."))),
    )
    chat.ask("Try")
    # A browser drops what came in the last milliseconds before a connection breaks.
    expect(chat.text).to_have_text("This much came")
    server.open_gate("end")
    expect(chat.notice).to_contain_text(sentence)
    expect(chat.text).to_have_text("This much came")
    # The sentence stands under the text.
    text, notice = chat.text.bounding_box(), chat.notice.bounding_box()
    assert text is not None
    assert notice is not None
    assert text["y"] + text["height"] <= notice["y"]
    chat.retry_button.click()
    expect(chat.text).to_have_text("This much came, and the rest.")
    chat.wait_for_end()


def test_a_stream_that_stalls_is_given_up_after_the_limit(
    chat: ChatPage, server: LiveServer
) -> None:
    chat.use_provider(f"{server.url}/api/demo/v1", "demo")
    settings = chat.open_settings("Model defaults")
    settings.get_by_label("Silence limit").fill("1")
    chat.save_settings()
    server.reset()
    server.queue(streamed([*BEGUN, Stall()]))
    chat.ask("Try")
    expect(chat.text).to_have_text("This much came")
    expect(chat.notice).to_contain_text("stopped answering")
    expect(chat.notice).to_contain_text("nothing came for 1 s")
    expect(chat.retry_button).to_be_visible()
    expect(chat.text).to_have_text("This much came")
    server.wait(state="disconnected")


def test_a_refused_connection_is_named(demo_chat: ChatPage) -> None:
    chat = demo_chat
    chat.watch.expect(NETWORK_ERROR)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        chat.use_provider(f"http://127.0.0.1:{port}/v1", "any")
        chat.ask("Anyone?")
        expect(chat.notice).to_contain_text("could not be reached")
        expect(chat.notice).to_contain_text(f"Nothing answers at 127.0.0.1:{port}")
        expect(chat.retry_button).to_be_visible()
        expect(chat.notice.get_by_role("button", name="Open settings")).to_be_visible()


def test_a_body_that_makes_no_sense_is_an_error(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    server.queue(Reply(headers={"content-type": "text/html"}, steps=(Send(b"<html>Hello</html>"),)))
    scripted_chat.ask("Try")
    expect(scripted_chat.notice).to_be_visible()
    expect(scripted_chat.retry_button).to_be_visible()


def test_an_empty_answer_is_said_to_be_one(scripted_chat: ChatPage, server: LiveServer) -> None:
    server.queue(streamed(records(Answer(text=""))))
    scripted_chat.ask("Try")
    expect(scripted_chat.notice).to_contain_text("The answer is empty.")
    expect(scripted_chat.retry_button).to_be_visible()


def test_the_length_limit_is_said_to_be_one(scripted_chat: ChatPage, server: LiveServer) -> None:
    server.queue(streamed(records(Answer(text="Too short", finish_reason="length"))))
    scripted_chat.ask("Try")
    expect(scripted_chat.notice).to_contain_text("reached its length limit")
    expect(scripted_chat.notice).to_contain_text("Max tokens")
