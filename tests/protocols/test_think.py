"""Tags of thinking at the head of an answer, however they are cut."""

import itertools

import pytest

from app.protocols.think import ThinkTags, leads_with_reasoning

PAIRS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<|channel>thought", "<channel|>"),
    ("[THINK]", "[/THINK]"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
]


def split(*fragments: str, families: bool = True) -> tuple[str, str]:
    """Reasoning and content of an answer that comes in these fragments."""
    tags = ThinkTags(families=families)
    pieces = [tags.feed(fragment) for fragment in fragments] + [tags.close()]
    return "".join(piece[0] for piece in pieces), "".join(piece[1] for piece in pieces)


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
def test_what_stands_in_the_tags_is_reasoning_at_any_cut(opening: str, closing: str) -> None:
    text = f"\n {opening}Hm <b.{closing}Hi <there>"
    for first, second in itertools.combinations(range(len(text) + 1), 2):
        parts = text[:first], text[first:second], text[second:]
        assert split(*parts) == ("Hm <b.", "Hi <there>"), parts
    assert split(*text) == ("Hm <b.", "Hi <there>")


@pytest.mark.parametrize(
    "text",
    [
        "A <think> tag</think>",
        "x",
        "<",
        "<thi",
        "<thick>",
        "<THINK>a</THINK>",
        "</think>",
        "",
        "  ",
        "[THIN",
        "think>a</think>",
    ],
)
def test_all_else_is_content(text: str) -> None:
    assert split(text) == split(*text) == ("", text)


def test_what_follows_the_end_tag_is_content_with_any_tags_in_it() -> None:
    text = "<think>a</think>b<think>c</think>"
    assert split(text) == split(*text) == ("a", "b<think>c</think>")


def test_only_the_tag_of_the_same_family_ends_it() -> None:
    text = "[THINK]a</think>b[/THINK]c"
    assert split(text) == split(*text) == ("a</think>b", "c")


@pytest.mark.parametrize("text", ["<think>Hm", "<think>Hm</thi", "<think>", "<think></think"])
def test_thinking_that_never_ends_is_reasoning(text: str) -> None:
    assert split(text) == split(*text) == (text.removeprefix("<think>"), "")


def test_only_so_much_white_space_is_waited_through() -> None:
    """Some templates write a line end or two before the tag; all else that is blank is shown."""
    tags = ThinkTags()
    assert tags.feed(" " * 16) == ("", "")
    assert tags.feed(" ") == ("", " " * 17)
    assert tags.feed("<think>a") == ("", "<think>a")
    assert split(*" " * 16, "<think>a</think>") == ("a", "")
    assert split(" " * 16 + "<thi", "nk>a</think>") == ("a", "")


def test_no_more_is_held_back_than_may_be_a_tag() -> None:
    tags = ThinkTags()
    assert tags.feed("<thin") == ("", "")
    assert tags.feed("k>Hm") == ("Hm", "")
    assert tags.feed(" </b> </thin") == (" </b> ", "")
    assert tags.feed("g></think") == ("</thing>", "")
    assert tags.feed(">Hi") == ("", "Hi")
    assert tags.feed("</think") == ("", "</think")


@pytest.mark.parametrize(
    ("fragments", "is_over"),
    [
        ([], False),
        (["<thi"], False),
        (["<think>a"], False),
        (["<think>a", "</think>"], True),
        (["Hi"], True),
    ],
)
def test_it_says_when_it_need_not_be_asked_any_more(fragments: list[str], is_over: bool) -> None:
    tags = ThinkTags()
    for fragment in fragments:
        tags.feed(fragment)
    assert tags.is_over == is_over


@pytest.mark.parametrize(("opening", "closing"), PAIRS[1:])
def test_other_families_count_only_where_they_are_asked_for(opening: str, closing: str) -> None:
    text = f"{opening}a{closing}b"
    assert split(text, families=False) == ("", text)
    assert split("<think>a</think>b", families=False) == ("a", "b")


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
def test_a_whole_answer_is_known_by_its_head(opening: str, closing: str) -> None:
    assert leads_with_reasoning(f"\n {opening}a{closing}")
    assert not leads_with_reasoning(f"x{opening}a{closing}")
