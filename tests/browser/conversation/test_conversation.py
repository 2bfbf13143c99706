"""The conversation as a tree: edit, regenerate, siblings, go on, delete, fork, wait."""

import re

from playwright.sync_api import Locator, expect

from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply, Send, Stall
from tests.browser.chat_page import ChatPage
from tests.live_server import LiveServer


def says(text: str, finish_reason: str = "stop") -> Reply:
    return streamed(records(Answer(text=text, finish_reason=finish_reason)))


def held(text: str, gate: str = "end") -> Reply:
    """An answer that ends only when the gate is open."""
    written = records(Answer(text=text))
    return streamed([Send(b"".join(written[:-2])), Gate(gate), *map(Send, written[-2:])])


def button(article: Locator, name: str) -> Locator:
    return article.get_by_role("button", name=name, exact=True)


def choose(chat: ChatPage, article: Locator, item: str, *, exact: bool = False) -> None:
    """Choose an item of the menu of a question or an answer."""
    article.get_by_role("button", name="More for this").click()
    chat.page.get_by_role("menu").get_by_text(item, exact=exact).click()


def ask_and_wait(chat: ChatPage, question: str) -> None:
    chat.ask(question)
    chat.wait_for_end()


def test_an_edited_question_stands_beside_the_first_one(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(says("Cats purr."), says("More of cats."), says("Dogs bark."))
    ask_and_wait(chat, "Cats?")
    ask_and_wait(chat, "More?")
    first = chat.questions.first
    first.hover()
    button(first, "Edit").click()
    box = first.get_by_role("textbox", name="Edit your question")
    expect(box).to_be_focused()
    expect(box).to_have_value("Cats?")
    box.fill("Dogs?")
    box.press("Enter")
    chat.wait_for_end()
    expect(chat.text).to_have_text("Dogs bark.")
    expect(chat.questions).to_have_count(1)
    assert "Cats" not in server.requests()[2].body
    expect(first.get_by_role("group", name="Question 2 of 2")).to_be_visible()
    earlier = button(first, "Earlier version")
    earlier.focus()
    earlier.press("Enter")
    expect(chat.questions).to_have_count(2)
    expect(chat.questions.first).to_contain_text("Cats?")
    expect(chat.text).to_have_text("More of cats.")
    # The keyboard stays where it can go back.
    expect(button(first, "Later version")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.text).to_have_text("Dogs bark.")


def test_escape_leaves_the_question_as_it_was(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(held("Slowly"))
    chat.ask("Stay")
    expect(chat.text).to_have_text("Slowly")
    chat.questions.first.hover()
    button(chat.questions.first, "Edit").click()
    box = chat.questions.first.get_by_role("textbox")
    box.fill("Changed")
    box.press("Escape")
    expect(box).to_have_count(0)
    expect(chat.questions.first).to_contain_text("Stay")
    # Escape was for the box, and not for the answer.
    expect(chat.stop_button).to_be_visible()
    server.open_gate("end")
    chat.wait_for_end()


def test_up_in_the_empty_box_edits_the_last_question(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(says("One."), says("Two."))
    ask_and_wait(chat, "First")
    chat.message.fill("something")
    chat.message.press("ArrowUp")
    expect(chat.message).to_be_focused()
    chat.message.fill("")
    chat.message.press("ArrowUp")
    box = chat.questions.last.get_by_role("textbox")
    expect(box).to_be_focused()
    box.fill("Second")
    button(chat.questions.last, "Ask again").click()
    chat.wait_for_end()
    expect(chat.text).to_have_text("Two.")


def test_an_answer_is_given_again_also_by_another_model(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(says("Heads."), says("Tails."))
    ask_and_wait(chat, "Toss a coin")
    button(chat.answer, "Regenerate").click()
    chat.wait_for_end()
    expect(chat.text).to_have_text("Tails.")
    expect(chat.questions).to_have_count(1)
    choose(chat, chat.answer, "Regenerate with Demo", exact=True)
    chat.wait_for_end()
    expect(chat.text).to_contain_text("I am the Demo")
    expect(chat.answer.get_by_role("group", name="Answer 3 of 3")).to_be_visible()
    # The one that has just answered is behind Regenerate.
    button(chat.answer, "More for this answer").click()
    offered = chat.page.get_by_role("menuitem", name=re.compile("^Regenerate with "))
    expect(offered.first).to_have_text("Regenerate with demo")
    offered.filter(has_text="another model").click()
    picker = chat.page.get_by_role("dialog", name="Regenerate with…")
    picker.get_by_role("combobox").fill("never-chosen")
    server.queue(says("On edge."))
    picker.get_by_role("option", name="Use never-chosen").click()
    chat.wait_for_end()
    expect(chat.text).to_have_text("On edge.")
    # The list of models may have been asked for beside it.
    assert '"never-chosen"' in [one.body for one in server.requests() if one.method == "POST"][2]
    expect(chat.model_label).to_have_text("demo")  # the chat stays with its own
    button(chat.answer, "Earlier version").click()
    button(chat.answer, "Earlier version").click()
    expect(chat.text).to_have_text("Tails.")
    # The next question follows what is shown.
    ask_and_wait(chat, "And now?")
    body = server.requests()[3].body
    assert "Tails." in body
    assert "Heads." not in body


def test_an_answer_that_was_stopped_goes_on_as_one(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    begun = streamed([*records(Answer(text="The first half"))[:-2], Stall()])
    server.queue(begun, says(" and the second."), says("Fine."))
    chat.ask("Both halves")
    expect(chat.text).to_have_text("The first half")
    chat.stop_button.click()
    button(chat.answer, "Continue").click()
    chat.wait_for_end()
    expect(chat.answers).to_have_count(1)
    expect(chat.questions).to_have_count(1)
    expect(chat.text).to_have_text(["The first half", "and the second."])
    expect(chat.answer.get_by_text("Continued here")).to_have_count(1)
    expect(chat.notice).to_be_hidden()
    sent = server.requests()[1].body
    assert sent.index("The first half") < sent.index("Go on exactly where it stopped")
    ask_and_wait(chat, "Thanks")
    assert "and the second." in server.requests()[2].body


def test_continue_is_offered_at_the_length_limit(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(says("Too long to", "length"), says(" say."))
    ask_and_wait(chat, "Speak")
    expect(chat.notice).to_contain_text("reached its length limit")
    button(chat.answer, "Continue").click()
    chat.wait_for_end()
    expect(chat.notice).to_be_hidden()


def test_a_deleted_question_comes_back_by_undo(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(says("One."), says("Two."))
    ask_and_wait(chat, "First")
    ask_and_wait(chat, "Second")
    choose(chat, chat.questions.last, "Delete this question")
    expect(chat.questions).to_have_count(1)
    expect(chat.text).to_have_text("One.")
    chat.page.get_by_role("button", name="Undo").click()
    expect(chat.questions).to_have_count(2)
    expect(chat.text).to_have_text("Two.")


def test_a_fork_leaves_the_first_chat_alone(scripted_chat: ChatPage, server: LiveServer) -> None:
    chat = scripted_chat
    server.queue(says("One."), says("Two."), says("Three."))
    ask_and_wait(chat, "First")
    ask_and_wait(chat, "Second")
    choose(chat, chat.answers.first, "New chat from here")
    expect(chat.questions).to_have_count(1)
    expect(chat.text).to_have_text("One.")
    ask_and_wait(chat, "Third")
    body = server.requests()[2].body
    assert "First" in body
    assert "Second" not in body


def test_questions_wait_for_the_answer_and_are_asked_in_order(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("One."), says("Two."), says("Four."))
    chat.ask("First")
    expect(chat.text).to_have_text("One.")
    for question in ("Second", "Third", "Fourth"):
        chat.ask(question)
    waiting = chat.page.get_by_role("region", name="Waiting questions")
    expect(waiting.get_by_role("listitem")).to_have_count(3)
    expect(chat.questions).to_have_count(1)
    third = waiting.get_by_role("listitem").filter(has_text="Third")
    button(third, "Remove").click()
    fourth = waiting.get_by_role("listitem").filter(has_text="Fourth")
    button(fourth, "Edit").click()
    expect(chat.message).to_have_value("Fourth")
    chat.message.fill("Fourth, changed")
    chat.message.press("Enter")
    server.open_gate("end")
    expect(chat.questions).to_have_count(3)
    chat.wait_for_end()
    expect(chat.text).to_have_text("Four.")
    expect(waiting).to_be_hidden()
    assert "Fourth, changed" in server.requests()[2].body
    assert "Third" not in server.requests()[2].body


def test_a_stopped_answer_holds_the_questions_that_wait(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("One."), says("Two."))
    chat.ask("First")
    expect(chat.text).to_have_text("One.")
    chat.ask("Second")
    chat.stop_button.click()
    waiting = chat.page.get_by_role("region", name="Waiting questions")
    expect(waiting).to_contain_text("Paused")
    assert len(server.requests()) == 1
    button(waiting, "Send them now").click()
    chat.wait_for_end()
    expect(chat.text).to_have_text("Two.")


def test_any_failed_answer_can_be_asked_for_again(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    chat.watch.expect(r"the server responded with a status of")
    server.queue(Reply(status=400), says("Second."), says("First at last."))
    chat.ask("One")
    expect(chat.notice).to_be_visible()
    ask_and_wait(chat, "Two")
    expect(chat.text).to_have_text("Second.")
    button(chat.answers.first, "Retry").click()
    chat.wait_for_end()
    expect(chat.text).to_have_text("First at last.")
    expect(chat.questions).to_have_count(1)
    button(chat.answers.first, "Earlier version").click()
    expect(chat.text).to_have_text("Second.")


def test_numbers_are_written_while_the_answer_comes(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    server.queue(held("Forty characters of text that come slowly"))
    chat.ask("Count")
    expect(chat.facts).to_contain_text("~10 tokens")
    server.open_gate("end")
    chat.wait_for_end()
    expect(chat.facts).to_contain_text("~11 tokens out")
