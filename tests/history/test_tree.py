"""A chat's messages as a tree: what is shown, beside what, and what is left after a removal."""

import itertools
import random

import pytest

from app.history.records import MessageRecord
from app.history.tree import Tree
from tests.history.chats import answer, branched, chat, ids, question


def test_what_is_added_is_shown() -> None:
    tree = branched()
    assert ids(tree.path()) == "q1 a2 q4 a5"
    assert tree.chat.head == "a5"
    assert len(tree) == 5
    assert "a3" in tree
    assert "x" not in tree
    assert tree["q4"].parent == "a2"


def test_siblings_stand_in_the_order_in_which_they_came() -> None:
    tree = branched()
    assert ids(tree.siblings("a3")) == ids(tree.siblings("a2")) == "a2 a3"
    assert ids(tree.siblings("q1")) == "q1"
    assert ids(tree.children("")) == "q1"
    assert ids(tree.children("a5")) == ""


@pytest.mark.parametrize(("removed", "shown"), [("a2", "a3"), ("a3", "a2"), ("a4", "a3")])
def test_where_a_version_was_removed_the_one_before_it_is_shown_else_the_next(
    removed: str, shown: str
) -> None:
    tree = Tree(chat())
    tree.add(question("q1"))
    for id in ("a2", "a3", "a4"):
        tree.add(answer(id, "q1"))
    tree.select(removed)
    tree.remove(removed)
    assert tree.chat.head == shown


def test_the_removal_of_what_is_not_shown_moves_nothing() -> None:
    tree = branched()
    tree.select("a3")
    tree.remove("a2")
    assert tree.chat.head == "a3"
    assert ids(tree.records()) == "q1 a3"


def test_the_last_version_removed_leaves_the_question() -> None:
    tree = branched()
    tree.remove("a5")
    assert ids(tree.path()) == "q1 a2 q4"
    tree.remove("q1")
    assert tree.chat.head == ""
    assert len(tree) == 0


def test_selecting_a_sibling_and_coming_back_shows_what_was_shown() -> None:
    tree = branched()
    tree.add(answer("a6", "q4"))
    tree.select("a5")
    tree.select("a3")
    assert ids(tree.path()) == "q1 a3"
    tree.select("a2")
    assert ids(tree.path()) == "q1 a2 q4 a5"


def test_a_branch_never_shown_is_entered_at_its_newest() -> None:
    kept = branched()
    kept.add(answer("a6", "q4"))
    kept.select("a3")
    tree = Tree(kept.chat, kept.records())
    tree.select("a2")
    assert tree.chat.head == "a6"


@pytest.mark.parametrize("seed", range(5))
def test_records_may_come_in_any_order(seed: int) -> None:
    records = branched().records()
    random.Random(seed).shuffle(records)
    tree = Tree(chat(head="a5"), records)
    assert ids(tree.path()) == "q1 a2 q4 a5"
    assert ids(tree.records()) == "q1 a2 q4 a5 a3"


def test_a_head_that_is_gone_falls_to_the_newest() -> None:
    tree = Tree(chat(head="gone"), branched().records())
    assert tree.chat.head == "a3"
    assert Tree(chat(head="gone")).chat.head == ""


def test_removing_takes_the_whole_branch_and_shows_the_nearest_sibling() -> None:
    tree = branched()
    removed = tree.remove("a2")
    assert ids(removed) == "a2 q4 a5"
    assert ids(tree.path()) == "q1 a3"
    assert ids(tree.records()) == "q1 a3"


def test_removing_an_only_child_shows_the_message_before() -> None:
    tree = branched()
    tree.remove("q4")
    assert tree.chat.head == "a2"
    tree.remove("q1")
    assert tree.chat.head == ""
    assert not tree.path()
    assert len(tree) == 0


def test_removing_what_is_not_shown_leaves_what_is() -> None:
    tree = branched()
    tree.remove("a3")
    assert tree.chat.head == "a5"


@pytest.mark.parametrize("id", ["q1", "a2", "a3", "q4", "a5"])
def test_a_removal_can_be_undone(id: str) -> None:
    tree = branched()
    before = ids(tree.records())
    tree.select(id)
    shown = ids(tree.path())
    tree.restore(tree.remove(id))
    assert ids(tree.records()) == before
    assert ids(tree.path()) == shown


def test_a_message_from_elsewhere_does_not_change_what_is_shown() -> None:
    tree = branched()
    tree.put(answer("a6", "q4"))
    assert tree.chat.head == "a5"
    assert ids(tree.siblings("a5")) == "a5 a6"


def test_a_message_may_be_replaced_by_its_newer_form() -> None:
    tree = branched()
    tree.add(answer("a5", "q4", "all of it"))
    assert tree["a5"].message.text == "all of it"
    assert ids(tree.children("q4")) == "a5"


def test_what_lost_its_parent_begins_a_path_of_its_own_until_it_comes() -> None:
    tree = Tree(chat(), [question("q1"), question("q4", "a2"), answer("a5", "q4")])
    assert ids(tree.children("")) == "q1 q4"
    assert ids(tree.path()) == "q4 a5"
    tree.put(answer("a2", "q1"))
    assert ids(tree.path()) == "q1 a2 q4 a5"


def test_a_circle_is_cut() -> None:
    records = [question("q1", "a3"), answer("a2", "q1"), answer("a3", "a2"), question("q4", "q4")]
    tree = Tree(chat(), records)
    assert ids(tree.records()) == "q1 a2 a3 q4"
    tree.select("q1")
    assert ids(tree.path()) == "q1 a2 a3"


def test_a_copy_holds_the_path_with_ids_of_its_own() -> None:
    tree = branched()
    numbers = itertools.count(1)
    new_chat = chat("d", on_server=True, server_has={"title": "x"})
    copy = tree.copy("q4", new_chat, lambda: f"n{next(numbers)}")
    # No server has anything of it yet.
    assert (copy.chat.on_server, copy.chat.server_has) == (False, {})
    assert ids(copy.path()) == "n1 n2 n3"
    assert [record.message.text for record in copy.path()] == ["?", "!", "?"]
    assert {record.chat_id for record in copy.records()} == {"d"}
    assert copy.chat.forked_from == "c"
    assert copy.chat.head == "n3"
    assert ids(tree.records()) == "q1 a2 q4 a5 a3"


def test_adding_to_a_long_chat_stays_cheap() -> None:
    """A chain of 3,000 is walked without recursion, and taken in at once."""
    records: list[MessageRecord] = []
    for number in range(3000):
        records.append(question(str(number), str(number - 1) if number else ""))
    tree = Tree(chat(), records)
    assert len(tree.path()) == 3000
    assert len(tree.remove("1")) == 2999


def test_the_way_that_was_shown_last_is_shown_again_whatever_led_away_from_it() -> None:
    def again(tree: Tree) -> str:
        tree.select("a2")
        return ids(tree.path())

    tree = branched()
    tree.add(answer("a6", "q4"))
    tree.select("a5")
    # Another version is added, put from elsewhere, or taken away and brought back.
    tree.add(answer("a7", "q1"))
    assert again(tree) == "q1 a2 q4 a5"
    tree.put(answer("a8", "q4"))
    tree.select("a3")
    assert again(tree) == "q1 a2 q4 a5"
    removed = tree.remove("a5")
    assert tree.chat.head == "a6"
    tree.select("a3")
    assert again(tree) == "q1 a2 q4 a6"
    tree.restore(removed)
    tree.select("a3")
    assert again(tree) == "q1 a2 q4 a5"
    # A chat that is opened anew knows the path that its head names.
    opened = Tree(tree.chat, tree.records())
    opened.select("a3")
    assert again(opened) == "q1 a2 q4 a5"


def test_what_is_selected_is_shown_down_to_its_end() -> None:
    tree = branched()
    tree.select("q1")
    assert tree.chat.head == "a5"
    assert ids(tree.path_to("q4")) == "q1 a2 q4"
    assert tree.path_to("") == []
    assert tree.is_line([tree["a3"]]) is False
    assert tree.is_line([tree["q4"], tree["a5"]]) is True
    assert tree.is_line([tree["q1"]]) is False
    tree.restore([])
    assert tree.chat.head == "a5"


def test_a_copy_of_nothing_is_empty() -> None:
    copy = branched().copy("", chat("d"), str)
    assert (len(copy), copy.chat.head, copy.chat.forked_from) == (0, "", "c")
