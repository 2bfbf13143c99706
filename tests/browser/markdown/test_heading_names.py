"""The names of headings."""

from app.browser.markdown.heading_names import heading_names


def test_names_are_as_on_github() -> None:
    headings = ["Set up & use", "Überblick", "第一 章", "a_b-C", "Part", "part", "Part 1", "Part"]
    assert heading_names(headings) == [
        "set-up--use",
        "überblick",
        "第一-章",
        "a_b-c",
        "part",
        "part-1",
        "part-1-1",
        "part-2",
    ]
