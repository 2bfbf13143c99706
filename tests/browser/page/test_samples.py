"""The files to begin with: what they are, and the walk of the Demo through them."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import expect

from app.browser.conversation.composer.file_summary import summary
from app.browser.sample_files import SAMPLES
from app.documents.places import joined
from app.documents.reading import read
from app.python.messages import TABLE
from app.scripted import demo_tools
from tests.browser.axe import expect_accessible
from tests.browser.chat_page import ChatPage
from tests.python.conftest import Told, told

__all__ = ["told"]

QUESTIONS = [(name, sample.question) for name, sample in SAMPLES.items() if sample.needs_python]


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_the_script_runs_over_the_sample_files(
    name: str, question: str, told: Told, tmp_path: Path
) -> None:
    data = SAMPLES[name].make()
    (tmp_path / name).write_bytes(data)
    calling = demo_tools.calls_for(f"{summary(name, data)}\n\n{question}", {"run_python"})
    assert calling is not None
    assert "I am a script" in calling.text
    (call,) = calling.calls
    done = told.run(msgspec.json.decode(call.arguments)["code"])
    assert done.status == "ok", done.told
    first, last = told.shown
    for rows in [one[TABLE]["rows"] for one in (first, last) if TABLE in one]:
        assert 3 < len(rows) < 13
        assert rows == sorted(rows, key=lambda row: -row[1])
    assert TABLE in last
    assert TABLE in first or "image/svg+xml" in first


def test_the_handbook_is_long_enough_to_be_looked_up() -> None:
    places = list(read("handbook.html", SAMPLES["handbook.html"].make()))
    text = joined(places)  # type: ignore[arg-type]
    assert 40_000 < len(text) < 80_000
    assert "Berth 17 is 107 metres long and 9.9 metres deep at low water." in text


def test_the_samples_say_what_they_always_said() -> None:
    """What is made up stays the same: answers about it can be compared."""
    sales = SAMPLES["sales.csv"].make().decode().splitlines()
    assert (len(sales), sales[0]) == (1 + 365 * 3, "date,tea,cups,price")
    assert sales[1:3] == ["2025-01-01,Assam,32,2.60", "2025-01-01,Sencha,33,3.10"]
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(SAMPLES["loans.db"].make())
        loans = "\n".join(database.iterdump())
    handbook = SAMPLES["handbook.html"].make().decode()
    made = ("\n".join(sales), loans, handbook)
    assert [sha256(text.encode()).hexdigest()[:8] for text in made] == [
        *("9c62bece", "3fbeb59e", "09f8a314"),
    ]


def test_the_demo_walks_through_a_sample(demo_chat: ChatPage) -> None:
    page = demo_chat.page
    samples = page.get_by_role("group", name="Begin with a file")
    expect(samples.get_by_role("button")).to_have_count(3)
    expect_accessible(page, "samples")
    samples.get_by_role("button", name="Sales of a tea shop (CSV)").click()
    expect(demo_chat.attachments).to_have_count(1)
    expect(demo_chat.attachments.get_by_role("combobox")).to_have_value("summary")
    expect(demo_chat.message).to_have_value("Which month sold best? Draw it.")
    page.keyboard.press("Enter")
    demo_chat.choose("Allow once")
    demo_chat.wait_for_end()
    expect(page.locator(".cell").first.get_by_role("table")).to_contain_text("2025-01")
    expect(page.locator(".cell").last.get_by_role("img")).to_be_visible()
    expect(demo_chat.answers.last).to_contain_text("I am the Demo, a script")
    # What it was told is shown by its lines.
    assert "\nmonth: str, takings: int\n" in demo_chat.answers.last.inner_text()
