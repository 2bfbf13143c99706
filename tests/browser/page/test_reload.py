"""`serve.py --reload` in a browser: an open page is opened anew after an edit, with Python or not.

Alone: `python3 -m tests tests/browser/page/test_reload.py`.
"""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.live_server import live_server
from tests.server.tree import make_tree


def test_an_open_page_shows_what_was_edited(browser: Browser, tmp_path: Path) -> None:
    """The tree holds no real Pyodide, as after an edit that keeps Python from starting."""
    tree = make_tree(tmp_path)
    with live_server(root=tree.root, runtime=tree.runtime, reload=True) as server:
        page = browser.new_page()
        with page.expect_response(lambda response: response.url.endswith("/api/edits")):
            page.goto(server.url)
        shell = tree.root / "index.html"
        shell.write_text(shell.read_text().replace("<title>Tokenfall<", "<title>Edited<"))
        expect(page).to_have_title("Edited")
        page.close()
