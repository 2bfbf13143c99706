"""Documents with a question: read by a Python apart, looked up by the model, opened at a place."""

import json
import re
from typing import Any

from playwright.sync_api import expect

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.browser.conversation.composer.test_attachments import payload, pick
from tests.documents import files
from tests.live_server import LiveServer

PAGES = [
    f"Page {n} says that pump {n} gives {n * 7} litres.\n" + "More. " * 120 for n in range(1, 61)
]
PAGES[41] += "\nThe turbine of Ostrava was mended."
# More than any model takes at once.
LOG = b"".join(b"entry %d of a long log\n" % n for n in range(50_000))
LETTER = files.docx(
    files.paragraph("Offer", "H") + files.paragraph("We ask 1,200 for it."),
    files.heading_style("H", 1),
)


# What is said of a document while it is read, and whether a person sees it.
WATCH_READING = """() => {
  window.readings = [];
  const note = () => {
    for (const chip of document.querySelectorAll('.attachment[aria-busy="true"]')) {
      const size = chip.querySelector('[data-part="size"]');
      readings.push([size.textContent, size.checkVisibility()]);
    }
  };
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(note).observe(document.body, all);
}"""


def calls(name: str, **arguments: Any) -> Reply:
    asked = ToolCall(f"call-{name}", name, json.dumps(arguments))
    return streamed(records(Answer(text="", tool_calls=(asked,), finish_reason="tool_calls")))


def messages(server: LiveServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.requests()[-1].body)["messages"]
    return found


def test_documents_are_read_looked_up_and_opened_at_a_place(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat, page = scripted_chat, scripted_chat.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate(WATCH_READING)
    pick(
        chat,
        payload("Report (1).pdf", "application/pdf", files.pdf(PAGES)),
        payload("letter.docx", "", LETTER),
        payload("big.log", "text/plain", LOG),
        payload("locked.pdf", "application/pdf", files.pdf(["x"], password="y")),
        payload("scan.pdf", "application/pdf", files.pdf([""])),
    )
    toasts = page.locator("#toasts")
    expect(toasts).to_contain_text("locked.pdf is locked with a password.")
    expect(toasts).to_contain_text("scan.pdf holds no text")
    chat.dismiss_toasts()
    expect(chat.attachments).to_have_count(3)
    told = page.evaluate("readings")
    assert any(re.search(r"\d+ of 60", text) for text, _ in told)
    assert all(is_seen for _, is_seen in told)
    page.set_viewport_size({"width": 1280, "height": 800})
    report, letter, log = (chat.attachments.nth(n) for n in range(3))
    expect(log.get_by_role("combobox")).to_have_value("summary")
    expect(report.get_by_role("combobox")).to_have_value("summary")
    expect(letter.get_by_role("combobox")).to_have_value("all")
    letter.get_by_text("What the model reads").click()
    expect(letter.get_by_role("region")).to_contain_text("[Offer]\n# Offer\nWe ask 1,200 for it.")
    expect_accessible(page, "documents")

    link = "[Report (1).pdf, page 42](#file:Report%20%281%29.pdf:42)"
    lined = "[Report (1).pdf, page 42, line 3](#file:Report%20%281%29.pdf:42:3)"
    server.queue(
        calls("search_files", words="turbine Ostrava"),
        calls("search_files", words="49123", file="big.log"),
        calls("read_file", file="Report (1).pdf", place=42),
        streamed(records(Answer(text=f"It was mended, see {lined}."))),
    )
    chat.ask("What of the turbine?")
    expect(chat.answers.last).to_contain_text("It was mended")
    chat.wait_for_end()
    said = messages(server)
    asked = next(one["content"] for one in said if one["role"] == "user")
    # The short one goes along whole, of the long one how it begins.
    assert "We ask 1,200 for it." in asked
    assert "Page 1 says" in asked
    assert "Ostrava" not in asked
    assert "All of it can be looked up by search_files and read_file: Report (1).pdf" in asked
    found, logged, read = (one["content"] for one in said if one["role"] == "tool")
    assert re.search(r"\[Report \(1\)\.pdf, page 42, line \d+\]\(#file:[^ ]*:42:\d+\)", found)
    assert "The turbine of Ostrava was mended." in found
    assert re.search(r"\[big\.log, lines \d+–\d+, line 49124\]\(#file:big\.log:\d+:49124\)", logged)
    assert read.startswith(f"{link}:\n1| Page 42 says that pump 42 gives 294 litres.")

    answer = chat.answers.last
    view = page.get_by_role("dialog", name="Report (1).pdf")
    for opener in (
        answer.locator(".markdown").get_by_role("link", name="Report (1).pdf, page 42"),
        answer.locator(".tool-places").first.get_by_role("link", name="Report (1).pdf, page 42"),
    ):
        opener.click()
        expect(view.get_by_role("region", name="page 42")).to_contain_text("Ostrava was mended")
        expect(view.get_by_role("combobox", name="Place")).to_have_value("42")
        expect(view.locator("mark")).to_have_text("The turbine of Ostrava was mended.")
        expect(view.locator("mark")).to_be_in_viewport()
        page.keyboard.press("Escape")
    question = chat.questions.last
    question.locator("summary").first.click()
    question.get_by_role("button", name="Open all of its text").first.click()
    view.get_by_role("button", name="Place after").click()
    expect(view.get_by_role("region", name="page 2")).to_contain_text("pump 2 gives 14")
    expect(page.locator("dialog[open]")).to_have_count(1)
    expect_accessible(page, "a document")
    page.keyboard.press("Escape")
    tools = page.get_by_role("button", name=re.compile("^Tools: "))
    tools.click()
    expect(page.get_by_role("menuitemcheckbox", name="Search files")).to_be_checked()
    page.keyboard.press("Escape")


def test_a_scan_goes_along_as_pictures_of_its_pages(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    scan = files.pdf(["", ""], picture=files.JPEG)
    pick(chat, payload("scan.pdf", "application/pdf", scan))
    expect(chat.attachments).to_have_count(3)
    expect(chat.attachments.last).to_contain_text("scan.pdf, page 2.jpg")
    expect(chat.page.locator("#toasts")).to_contain_text(
        "scan.pdf holds no text (a scan): its pages go along as pictures."
    )
    chat.dismiss_toasts()
    server.queue(streamed(records(Answer(text="I see two pages."))))
    chat.ask("What is on it?")
    expect(chat.answers.last).to_contain_text("I see two pages.")
    chat.wait_for_end()
    text, *pictures = messages(server)[-1]["content"]
    assert text["text"].startswith("File: scan.pdf (a PDF, ")
    assert "scan.pdf holds no text (a scan)" in text["text"]
    assert [one["type"] for one in pictures] == ["image_url", "image_url"]


def test_what_a_person_hides_of_a_document_no_tool_reads(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat = scripted_chat
    pick(chat, payload("letter.docx", "", LETTER), payload("page.html", "text/html", b"<p>Words"))
    expect(chat.attachments).to_have_count(2)
    chat.attachments.first.get_by_role("combobox").select_option("name")
    chat.attachments.last.get_by_role("combobox").select_option("source")
    server.queue(streamed(records(Answer(text="I see a name."))))
    chat.ask("What do you see?")
    expect(chat.answers.last).to_contain_text("I see a name.")
    chat.wait_for_end()
    body = json.loads(server.requests()[-1].body)
    (asked,) = [one["content"] for one in body["messages"] if one["role"] == "user"]
    assert asked == (
        "File: letter.docx\n\nFile: page.html\n\n```html\n<p>Words\n```\n\nWhat do you see?"
    )
    assert "tools" not in body


NOTES = "".join(f"note {n} is about the pump\n" for n in range(3_000)) + "The valve is red.\n"


def test_a_text_goes_whole_where_it_fits_and_is_looked_up_where_it_does_not(
    scripted_chat: ChatPage, server: LiveServer
) -> None:
    chat, page = scripted_chat, scripted_chat.page
    pick(chat, payload("notes.txt", "text/plain", NOTES.encode()))
    server.queue(streamed(records(Answer(text="Read."))))
    chat.ask("What is red?")
    chat.wait_for_end()
    assert "The valve is red." in messages(server)[-1]["content"]
    assert "tools" not in json.loads(server.requests()[-1].body)

    # A model with less room: the one that is attached already, and the one that comes then.
    chat.new_chat_button.click()
    chat.message.fill("Attached before")
    pick(chat, payload("notes.txt", "text/plain", NOTES.encode()))
    expect(chat.attachments).to_have_count(1)
    chat.open_drawer("Settings of this chat").get_by_label("Context window").fill("8000")
    expect(chat.attachments.first.get_by_role("combobox")).to_have_value("summary")
    page.get_by_role("button", name="Close details").click()
    pick(
        chat,
        payload("short.txt", "text/plain", b"All of this fits."),
        payload("again.txt", "text/plain", NOTES.replace("red", "blue").encode()),
    )
    expect(chat.attachments).to_have_count(3)
    expect(chat.attachments.nth(2).get_by_role("combobox")).to_have_value("summary")
    server.queue(
        calls("search_files", words="valve"), streamed(records(Answer(text="Red, and blue.")))
    )
    chat.ask("What is red?")
    expect(chat.answers.last).to_contain_text("Red, and blue.")
    chat.wait_for_end()
    asked, *_, found = messages(server)
    assert "All of this fits." in asked["content"]
    assert "The valve is" not in asked["content"]
    assert len(asked["content"]) < 8_000
    assert "The valve is red." in found["content"]
    assert "The valve is blue." in found["content"]
