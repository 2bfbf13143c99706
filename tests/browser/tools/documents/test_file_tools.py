"""Looking things up in documents, as a model does it."""

import asyncio
import re
from typing import Any

import pytest

from app.browser.tools.documents.file_search import search
from app.browser.tools.documents.file_tools import file_tools
from app.core.tools.function_tool import ToolError
from app.documents.links import place_link, place_of
from app.documents.places import Place, joined, places_of
from app.documents.plain_text import text_places

PAGES = [Place(f"page {n}", f"Pump {n} gives {n * 7} litres.") for n in range(1, 301)]
PAGES[41] = Place("page 42", f"{'Words of no use. ' * 60}\nThe  turbine of\nÖstrava was mended.")
PAGES[99] = Place("page 100", "A turbine. " * 40)
REPORT = joined(PAGES)
NAMES = {"Report (1).pdf": REPORT, "b.xlsx": joined([Place("sheet A, rows 1–2", "1: turbine")])}
SEARCH, READ = file_tools(lambda: NAMES)


def looked_up(**arguments: Any) -> str:
    return str(asyncio.run(SEARCH(**arguments)))


def test_the_place_with_all_words_comes_first_however_they_are_typed() -> None:
    found = looked_up(words="ostrava TURBINE")
    first = found.split("\n\n")[1]
    link = "[Report (1).pdf, page 42, line 2](#file:Report%20%281%29.pdf:42:2): …"
    assert first.startswith(link)
    assert "The turbine of Östrava was mended." in first
    assert found.startswith("3 places have some of these words.")


def test_one_file_is_searched_where_it_is_named() -> None:
    found = looked_up(words="turbine", file=" B.XLSX ")
    assert re.findall(r"\[([^]]+)\]", found) == ["b.xlsx, sheet A, rows 1–2, line 1"]
    assert "Try others" in looked_up(words="nothing-of-it")
    with pytest.raises(ToolError, match=r"There are: Report \(1\).pdf, b.xlsx"):
        looked_up(words="x", file="c.pdf")
    with pytest.raises(ToolError):
        looked_up(words="  ")


def test_words_one_behind_the_other_come_before_the_same_words_apart() -> None:
    files = {"a": joined([Place("1", "red and blue, red and blue"), Place("2", "a red blue line")])}
    found = asyncio.run(search(files, "red blue"))
    assert [hit.place for hit in found.hits] == ["2", "1"]


def test_a_place_that_has_a_word_more_often_comes_first_and_rarer_words_count_more() -> None:
    places = [Place("once", "tea"), Place("thrice", "tea tea tea"), Place("rare", "matcha")]
    files = {"a": joined([*places, *(Place(f"{n}", "tea") for n in range(9))])}
    assert [hit.place for hit in asyncio.run(search(files, "tea")).hits][:2] == ["thrice", "once"]
    found = asyncio.run(search(files, "tea matcha"))
    assert [hit.place for hit in found.hits][:3] == ["rare", "thrice", "once"]
    assert (len(found.hits), found.all_hits) == (12, 12)


def test_a_hit_tells_no_more_than_a_piece_of_its_place() -> None:
    files = {"a": joined([Place("1", "needle " * 800)])}
    (hit,) = asyncio.run(search(files, "needle")).hits
    assert len(hit.snippet) < 600


def test_the_line_of_a_hit_is_the_one_that_is_read() -> None:
    text = "".join(f"entry {n} of the log, which is long enough\n" for n in range(1, 3_001))
    log = joined(text_places(text.encode()))
    names = {"big.log": log}
    search_log, read_log = file_tools(lambda: names)
    found = str(asyncio.run(search_log(words="entry 1777")))
    target = place_of(re.findall(r"\((#file:[^)]+)\)", found)[0], names)
    assert target is not None
    assert target.line == 1777
    read = read_log(file="big.log", place=target.number)
    assert "\n1777| entry 1777 of the log" in read
    (one,) = asyncio.run(search(names, "entry 1777")).hits[:1]
    assert one.place == re.findall(r"big\.log, (lines [\d–]+)", read)[0]


@pytest.mark.parametrize("text", ["\fone\n" + "word " * 200_000, "\fp\nword" * 50_000])
def test_a_long_search_lets_the_page_come_between(text: str) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def measure() -> None:
        counting = asyncio.ensure_future(count())
        found = await search({"a": text}, "word " * 20)
        counting.cancel()
        assert found.all_hits == len(places_of(text))

    asyncio.run(measure())
    assert turns >= len(text) // 50_000


def test_places_are_listed_and_read() -> None:
    listed = READ(file="report (1).PDF")
    assert listed.startswith("Report (1).pdf has 300 places.\n1: page 1\n2: page 2\n")
    assert listed.endswith("… and so on, to 300: page 300")
    read = READ(file="Report (1).pdf", place=2, count=2)
    assert read == (
        "[Report (1).pdf, page 2](#file:Report%20%281%29.pdf:2):\n1| Pump 2 gives 14 litres.\n\n"
        "[Report (1).pdf, page 3](#file:Report%20%281%29.pdf:3):\n1| Pump 3 gives 21 litres.\n\n"
        "It goes on with place 4, of 300."
    )
    with pytest.raises(ToolError, match="1 to 300"):
        READ(file="Report (1).pdf", place=301)
    with pytest.raises(ToolError):
        READ(file="", place=1)


def test_one_call_reads_so_much_and_says_where_it_goes_on() -> None:
    (_, read) = file_tools(
        lambda: {"a.txt": joined([Place(str(n), "x" * 6_000) for n in range(9)])}
    )
    text = read(file="", place=1, count=99)
    assert 18_000 < len(text) < 20_500
    assert text.endswith("It goes on with place 4, of 9.")


@pytest.mark.parametrize("name", ["a b.pdf", "Ä(1)].pdf", "100%.pdf", "a:b#c?.docx", "[x](y).pdf"])
def test_a_link_leads_to_the_place_that_it_was_made_for(name: str) -> None:
    documents = {"other.pdf": REPORT, name: REPORT}
    link = place_link(name, 7, "page 7")
    found = re.fullmatch(r"\[[^][]*\]\((#file:[^()\s]+)\)", link)
    assert found
    assert place_of(found[1], documents) == (name, 7, 0)
    found = re.search(r"\((#file:[^()\s]+)\)", place_link(name, 7, "page 7", 12))
    assert found
    assert place_of(found[1], documents) == (name, 7, 12)


@pytest.mark.parametrize(
    ("address", "number", "line"),
    [
        ("#file:a.pdf:page%205", 5, 0),
        ("#file:a.pdf:page 5", 5, 0),
        ("#file:a.pdf:page 5:3", 5, 3),
        ("#file:a.pdf", 1, 0),
    ],
)
def test_a_link_with_the_name_of_the_place_leads_there(
    address: str, number: int, line: int
) -> None:
    assert place_of(address, {"a.pdf": REPORT}) == ("a.pdf", number, line)


@pytest.mark.parametrize(
    "address", ["#file:a.pdf:0", "#file:a.pdf:301", "#file:b.pdf:1", "#file:", "#file:a.pdf:x:1"]
)
def test_a_link_to_nothing_leads_nowhere(address: str) -> None:
    assert place_of(address, {"a.pdf": REPORT}) is None
