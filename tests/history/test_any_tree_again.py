"""Whatever happened in a chat, its export holds all of it, and brings it back as it was."""

import sys
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.history.transfer import Incoming, to_json
from app.history.tree import Tree
from app.protocols.tolerant import clean
from tests.providers.test_any_tree import MODELS, Grown, answers, questions


def told(tree: Tree) -> list[Any]:
    """What is on the path that is shown, and how many versions of each there are."""
    found = []
    for record in tree.path():
        fields = clean(msgspec.to_builtins(record.message))
        fields.setdefault("status", "incomplete")  # of an answer on its way, in a file
        found.append((fields, record.note, len(tree.siblings(record.id))))
    return found


def again(tree: Tree) -> Tree:
    numbers = iter(range(10_000))
    incoming = Incoming(to_json([tree], 7), {}, lambda: f"n{next(numbers)}")
    [copy] = [one for one in incoming if one is not None]
    assert incoming.left_out == 0
    return copy


@settings(
    max_examples=5 if sys.platform == "emscripten" else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_an_export_brings_back_all_that_was_in_the_chat(data: st.DataObject) -> None:
    protocol = data.draw(st.sampled_from(list(MODELS)))
    grown = Grown(is_brought=False)
    for what in ["ask", *data.draw(st.lists(st.sampled_from(["ask", "fail", "edit", "again"])))]:
        answer, place = data.draw(answers(protocol)), data.draw(st.integers(0, 9))
        grown.happen(what, answer, data.draw(questions), place)
    copy = again(grown.tree)
    assert told(copy) == told(grown.tree)
    assert len(copy.records()) == len(grown.tree.records())
    assert told(again(copy)) == told(copy)
