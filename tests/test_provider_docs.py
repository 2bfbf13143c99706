"""The page about providers says what the table says."""

from docs.write_providers import PAGE, page


def test_the_page_is_made_of_the_table() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "run: .venv/bin/python -m docs.write_providers"
