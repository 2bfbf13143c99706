"""A file of chats from a stranger: its titles, texts and file names are words and nothing more."""

from playwright.sync_api import expect

from app.core.messages import File
from app.history.transfer import to_json
from app.history.tree import Tree
from tests.browser.attack import Attack, vectors
from tests.browser.chat_page import ChatPage
from tests.browser.kept import chat as kept_chat_of
from tests.browser.kept import said
from tests.cases import library

pytestmark = library.recorded


def hostile(given: list[str]) -> bytes:
    """One chat a vector, which is its title, its question, its answer, and a file's name."""
    trees = []
    for number, vector in enumerate(given):
        record = kept_chat_of(number, vector)
        question, answer = said(record, vector, vector)
        question.message.parts.append(File("data:text/plain;base64,AAAA", vector, vector))
        answer.source = vector
        trees.append(Tree(record, [question, answer]))
    return to_json(trees, 0)


def test_every_recorded_vector_in_an_imported_file(chat: ChatPage) -> None:
    given = vectors()
    chat.page.get_by_role("button", name="Chats and storage").click()
    dialog = chat.page.get_by_role("dialog", name="Chats and storage")
    with chat.page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Import").click()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": hostile(given)}
    chooser.value.set_files(file)  # type: ignore[arg-type]
    expect(dialog).to_contain_text(f"{len(given)} chats imported.")
    dialog.get_by_role("button", name="Close").click()
    chat.search.press("ArrowDown")
    # Every fifth is opened, which draws its texts; all of them have stood in the list.
    for _ in given[::5]:
        attack = Attack(chat.page)
        attack.run([""], feed=lambda _: None, where="#chat-list")
        for _ in range(5):
            chat.page.keyboard.press("ArrowDown")
        attack.run([""], feed=lambda _: None, where="#chat-list")
        chat.page.keyboard.press("Enter")
        expect(chat.answers).to_have_count(1)
        place = Attack(chat.page)
        place.run([""], feed=lambda _: None, where="#transcript")
