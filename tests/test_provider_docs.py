"""The pages about providers say what the table says."""

from pathlib import Path

from app.providers.table import PROVIDERS
from docs.write_providers import PAGE, page

README = Path(__file__).parent.parent / "README.md"


def test_the_page_is_made_of_the_table() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "run: .venv/bin/python -m docs.write_providers"


def test_the_readme_counts_the_providers_of_the_table() -> None:
    """The count leaves out rows that this server answers for, and those for an address of one's
    own.
    """
    count = sum(row.base_url.startswith("http") for row in PROVIDERS.values())
    assert f"[{count} providers](docs/providers.md)" in README.read_text("utf-8")
