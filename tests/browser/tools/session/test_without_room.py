"""The Python of a chat in a browser whose storage is full: nothing is lost, and it is said."""

from playwright.sync_api import expect

from tests.browser.kept import FULL
from tests.browser.python_page import PythonPage
from tests.browser.tools.session.test_python_in_the_tab import attach

READ = "open('written.txt').read(), open('told.csv').read()"
# What a cell says of both.
BOTH = "('otter', 'a,b\\n1,2\\n')"


def test_files_that_have_no_room_are_held_and_kept_when_there_is(python: PythonPage) -> None:
    chat, page = python.chat, python.page
    chat.new_chat_button.click()
    page.evaluate(FULL, True)
    attach(python, ("told.csv", "text/csv", b"a,b\n1,2\n"))
    expect(chat.attachments).to_have_count(1)
    (told,) = python.run(f"open('written.txt', 'w').write('otter')\n{READ}")
    assert told.startswith(BOTH)
    note = page.get_by_role("alert").filter(has_text="storage of this browser is full")
    expect(note).to_be_visible()
    # In another Python of the same chat they are there all the same.
    panel = chat.open_drawer("Python")
    expect(panel.get_by_role("button", name="Download written.txt")).to_be_visible()
    page.get_by_role("button", name="Close details").click()
    page.evaluate(FULL, False)
    python.run("1")
    page.reload()
    chat.wait_until_ready()
    (told,) = python.run(READ)
    assert told.startswith(BOTH)
