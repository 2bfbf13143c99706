"""Exported chats come in again as they were, beside those that are there; other files are
refused.
"""

import itertools
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from app.core.messages import File, Text
from app.history.archive import Archive
from app.history.days import local
from app.history.reading_copy import to_markdown
from app.history.records import Brought, ChatRecord, ChatSettings
from app.history.transfer import (
    ImportProblem,
    Incoming,
    PythonKept,
    file_name,
    to_json,
)
from app.history.tree import Tree
from app.python.folder import MOST_FILES
from tests.history.chats import branched, ids

PICTURE = File("data:image/png;base64,AAAA", "image/png", "boat.png")


def new_ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"n{next(numbers)}"


def from_json(
    data: bytes, here: dict[str, ChatRecord], new_id: Callable[[], str]
) -> tuple[list[Tree], int]:
    """The chats of a file, and how many were left out."""
    incoming = Incoming(data, here, new_id)
    trees = [tree for tree in incoming if tree is not None]
    assert len(incoming) == len(trees) + incoming.left_out
    return trees, incoming.left_out


def exported(**changes: Any) -> bytes:
    """A file with one branched chat in which fields are changed from outside."""
    data = msgspec.json.decode(to_json([branched()], 0))
    return msgspec.json.encode(data | changes)


def test_chats_come_in_as_they_went_out() -> None:
    tree = branched()
    tree.chat.settings = ChatSettings(temperature=0.5)
    tree["q4"].message.parts.append(PICTURE)
    [copy], _ = from_json(to_json([tree], 7), {}, new_ids())
    assert copy.chat.id == "c"
    assert copy.chat.brought == Brought(tree.chat.settings)
    assert [record.message for record in copy.path()] == [record.message for record in tree.path()]
    assert ids(copy.path()) == ids(tree.path())
    assert from_json(to_json([tree], 7), {"c": copy.chat}, new_ids()) == ([], 1)
    assert [len(copy.siblings(record.id)) for record in copy.path()] == [1, 2, 1, 1]


# As long as a path in such a folder may be.
LONGEST = "x/" * 499 + "yz"
# Names that lead out of a session's folder, or that it can't have beside the first.
NO_FILES = (
    *("../out", "/etc/x", "a/../../b", "..", ".", "", "a//b", "a/", "./a", "a\0", "out"),
    *("out/new.bin/more", "x" * 256, "x/" * 600 + "y"),
)


def test_files_and_output_of_python_come_in_again() -> None:
    own = {"out/new.bin": bytes(range(256)), LONGEST: b"1"}
    files = own | dict.fromkeys((*NO_FILES, LONGEST + "z"), b"")
    kept = PythonKept(files, {"call0 abc": b'{"kind": "Done"}'})
    data = to_json([branched()], 7, {"c": kept})
    incoming = Incoming(data, {}, new_ids())
    [tree] = incoming
    assert tree is not None
    # No file of another's making lies outside of the folder.
    assert incoming.python == {tree.chat.id: PythonKept(own, kept.cells)}
    # A chat that comes in twice is another one, with the same files.
    again = Incoming(data, {"c": ChatRecord("c", 5, 6)}, new_ids())
    [other] = again
    assert other is not None
    assert again.python.keys() == {other.chat.id} != {"c"}
    assert b'"python"' not in to_json([branched()], 7)


def test_no_more_files_come_in_than_a_session_keeps() -> None:
    kept = PythonKept({f"{number}": b"" for number in range(MOST_FILES + 9)})
    incoming = Incoming(to_json([branched()], 7, {"c": kept}), {}, new_ids())
    assert len(list(incoming)) == 1
    assert len(incoming.python["c"].files) == MOST_FILES


@pytest.mark.parametrize("ms", [2**64 - 1, 10**18, -(10**18), -1, 253_402_300_800_000])
def test_a_time_that_no_calendar_has_is_none(ms: int) -> None:
    tree = branched()
    tree.chat.created_ms = tree.chat.updated_ms = ms
    tree.records()[0].created_ms = ms
    [copy] = from_json(to_json([tree], 7), {}, new_ids())[0]
    found = [copy.chat.created_ms, copy.chat.updated_ms, copy.records()[0].created_ms]
    assert found == [0, 0, 0]
    assert local(ms) == local(0)  # and where one is kept already, or comes from the server
    assert local(253_370_000_000_000).year == 9998


@pytest.mark.parametrize("id", ["../x", "a b", "a#b", "\u202ea", "x" * 65, "a?b", "<b>", "ä"])
def test_a_chat_has_an_id_that_an_address_can_have(id: str) -> None:
    tree = branched()
    tree.chat.id = id
    [copy] = from_json(to_json([tree], 7), {}, new_ids())[0]
    assert copy.chat.id == "n1"
    assert {record.chat_id for record in copy.records()} == {"n1"}


def test_what_is_there_is_never_overwritten() -> None:
    data = to_json([branched(), branched()], 7)
    [first, second], _ = from_json(data, {"c": ChatRecord("c", 5, 6)}, new_ids())
    assert len({"c", first.chat.id, second.chat.id}) == 3
    for tree in (first, second):
        assert {record.chat_id for record in tree.records()} == {tree.chat.id}
        assert len(tree) == 5


def test_ids_of_messages_stay_with_their_chat_as_far_as_they_are_plain() -> None:
    """Of a chat that is here already, and of odd ones, nothing is taken over into ids of ours."""
    tree = branched()
    [copy], _ = from_json(to_json([tree], 7), {}, new_ids())
    assert {record.id for record in copy.records()} == {"q1", "a2", "a3", "q4", "a5"}
    [copy], _ = from_json(to_json([tree], 7), {"c": ChatRecord("c", 5, 6)}, new_ids())
    assert not {record.id for record in copy.records()} & {"q1", "a2", "a3", "q4", "a5"}
    odd = to_json([tree], 7).replace(b'"a5"', b'"a5 <b>"')
    [copy], _ = from_json(odd, {}, new_ids())
    assert len(copy) == 5
    assert not any("<" in record.id for record in copy.records())
    assert copy.path()[-1].message == tree["a5"].message


def test_what_is_here_as_it_is_in_the_file_does_not_come_twice() -> None:
    tree = branched()
    known = msgspec.structs.replace(tree.chat)
    assert from_json(to_json([tree], 7), {"c": known}, new_ids()) == ([], 1)
    known.updated_ms += 1
    [copy], left_out = from_json(to_json([tree], 7), {"c": known}, new_ids())
    assert (copy.chat.id != "c", left_out) == (True, 0)


def test_a_chat_in_mid_deletion_or_mid_answer_comes_in_whole() -> None:
    tree = branched()
    tree.chat.deleted_ms = 5
    tree["a5"].message.status = None
    [copy], _ = from_json(to_json([tree], 7), {}, new_ids())
    assert b'"deleted_ms"' not in to_json([tree], 7)
    assert copy.chat.deleted_ms == 0
    assert copy.path()[-1].message.status == "incomplete"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (exported()[:-20], "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "damaged"),
        (b"{}", "not a file of exported chats"),
        (b'{"format":"other","version":1}', "not a file of exported chats"),
        (exported(version=2), "newer version"),
        (exported(chats=[{"chat": {}, "messages": []}]), "in chat 1: .*id"),
        (exported(chats=5), "chats"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"format":' + b"[" * 500 + b"]" * 500 + b"}", "nested deeper"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_refused_with_a_reason(
    data: bytes, sentence: str
) -> None:
    with pytest.raises(ImportProblem, match=sentence):
        from_json(data, {}, new_ids())


def test_a_file_with_an_id_twice_is_refused() -> None:
    data = msgspec.json.decode(exported())
    data["chats"][0]["messages"].append(data["chats"][0]["messages"][0])
    with pytest.raises(ImportProblem, match="same id"):
        from_json(msgspec.json.encode(data), {}, new_ids())


def test_parents_that_are_missing_or_run_in_a_circle_do_not_keep_a_chat_out() -> None:
    data = msgspec.json.decode(exported())
    messages = data["chats"][0]["messages"]
    messages[0]["parent"], messages[1]["parent"] = messages[-1]["id"], "gone"
    [tree], _ = from_json(msgspec.json.encode(data), {}, new_ids())
    assert len(tree) == 5


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A boat", "A boat.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ('<img src=x onerror="a">', "img src x onerror a.md"),
        ("", "Chat.md"),
        ("…", "Chat.md"),
        ("x" * 300, "x" * 60 + ".md"),
        ("Straße 東京", "Straße 東京.md"),
    ],
)
def test_a_file_name_is_one_that_every_system_accepts(title: str, name: str) -> None:
    assert file_name(title, "md") == name


def test_many_chats_to_read_are_an_archive_of_markdown_files() -> None:
    archive = Archive()
    trees = [branched() for _ in range(3)]
    trees[1].chat.title = trees[0].chat.title.upper()
    trees[2].chat.title, trees[2].chat.updated_ms = "Tea / coffee?", 1_700_000_000_000
    for tree in trees:
        archive.add(tree)
    archive.add(trees[2])
    archive.add(trees[2])
    with ZipFile(BytesIO(archive.finish())) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert len({name.lower() for name in names}) == 5
        assert names[2:] == ["Tea coffee.md", "Tea coffee.2.md", "Tea coffee.3.md"]
        assert opened.read("Tea coffee.md").decode() == to_markdown(trees[2])
        assert opened.getinfo("Tea coffee.md").date_time[:3] == (2023, 11, 14)


def test_half_a_character_keeps_no_chat_from_being_exported() -> None:
    tree = branched()
    tree["q4"].message.parts.append(Text("half \ud83d"))
    [copy], _ = from_json(to_json([tree], 7), {}, new_ids())
    assert copy["q4"].message.text.endswith("half \ufffd")


@pytest.mark.parametrize(
    ("updated_ms", "dated"),
    [
        (0, (1980, 1, 1, 0, 0, 0)),
        (315_536_461_000, (1980, 1, 1, 1, 1, 0)),  # an archive counts two seconds as one
        (5_000_000_000_000, (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_an_archive_has_a_date_for_any_chat(updated_ms: int, dated: tuple[int, ...]) -> None:
    archive, tree = Archive(), branched()
    tree.chat.updated_ms = updated_ms
    archive.add(tree)
    with ZipFile(BytesIO(archive.finish())) as opened:
        assert [one.date_time for one in opened.infolist()] == [dated]


def test_of_a_long_title_the_beginning_comes_in() -> None:
    tree = branched()
    tree.chat.title = "x" * 600
    [copy], _ = from_json(to_json([tree], 7), {}, new_ids())
    assert copy.chat.title == "x" * 500
