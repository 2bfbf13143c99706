"""An import as a whole: nothing twice, nothing lost without a word, nothing with power."""

import json
import tracemalloc
from io import BytesIO
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.messages import File
from app.history.foreign import claude, values
from app.history.foreign import importing as importing_module
from app.history.foreign.importing import Importing, OursError
from app.history.transfer import ImportProblem, Incoming, to_json
from tests.history.foreign.files import (
    NOW_MS,
    Bytes,
    archive,
    at_once,
    framed,
    lines,
    said,
    taken_in,
)
from tests.history.foreign.test_apps import CLAUDE, CONVERSATION, LLAMACPP, librechat, open_webui
from tests.history.foreign.test_chatgpt import conversation as conversation_of
from tests.history.foreign.test_chatgpt import node


def conversation(id: str, text: str = "Hello") -> dict[str, Any]:
    return {
        "uuid": id,
        "name": id.upper(),
        "chat_messages": [
            {"uuid": "1", "sender": "human", "text": "Hi"},
            {"uuid": "2", "sender": "assistant", "text": text},
        ],
    }


async def test_the_same_file_adds_nothing_and_says_so() -> None:
    values = [conversation("a"), conversation("b"), conversation("a")]
    trees, importing = await taken_in(values)
    assert [tree.chat.title for tree in trees] == ["A", "B"]
    assert importing.report.known == 1
    here = {tree.chat.id for tree in trees}
    again, importing = await taken_in(archive({"conversations.json": json.dumps(values).encode()}),
                                      "x.zip", here)  # fmt: skip
    assert (again, importing.report.found, importing.report.known) == ([], 3, 3)
    grown, _ = await taken_in([conversation("a", "Hello again")], here=here)
    assert len(grown) == 1


async def test_what_an_archive_holds_beside_chats_is_told() -> None:
    files = {
        "conversations.json": [conversation("a")],
        "projects.json": [{"uuid": "p", "docs": [], "prompt_template": "Be brief"}],
        "memories.json": [{"conversations_memory": "Likes otters"}],
        "users.json": [{"uuid": "u", "full_name": "A", "email_address": "a@example.org"}],
        "projects/1.json": {"uuid": "q"},
    }
    data = {name: json.dumps(value).encode() for name, value in files.items()}
    trees, importing = await taken_in(archive(data), "data.zip")
    assert len(trees) == 1
    assert importing.report.left_out == {"projects": 2, "memories": 1}
    # Archives of others have long names too.
    data["projects/" * 7000 + "a"] = data["a/memories-2.json"] = data["memories.json"]
    _, importing = await taken_in(archive(data), "data.zip")
    assert importing.report.left_out == {"projects": 2, "memories": 2}
    del data["projects/" * 7000 + "a"], data["a/memories-2.json"]
    data["projects.json"] = data["memories.json"] = data["projects/1.json"] = b"[]\n"
    _, importing = await taken_in(archive(data), "data.zip")
    assert not importing.report.left_out


async def test_one_bad_conversation_loses_no_other() -> None:
    good = json.dumps(conversation("a")), json.dumps(conversation("b"))
    data = f'[{good[0]}, {{"uuid": nul}}, {json.dumps(["odd"])}, {good[1]}]'.encode()
    trees, importing = await taken_in(data)
    assert [tree.chat.title for tree in trees] == ["A", "B"]
    assert (importing.report.damaged, importing.report.named) == (1, ["2"])


async def test_a_reader_that_stumbles_loses_its_conversation_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(value: dict[str, Any], framed: Any) -> Any:
        if value["uuid"] == "a":
            raise KeyError("mapping")
        return known(value, framed)

    known = claude.read
    monkeypatch.setattr(claude, "read", read)
    trees, importing = await taken_in([conversation("a"), conversation("b")])
    assert [tree.chat.title for tree in trees] == ["B"]
    assert importing.report.named == ["A"]


async def test_a_file_that_is_cut_gives_what_is_whole() -> None:
    data = json.dumps([conversation("a"), conversation("b")]).encode()[:-30]
    trees, importing = await taken_in(data)
    assert [tree.chat.title for tree in trees] == ["A"]
    assert importing.report.is_cut


async def test_fields_of_wrong_types_lose_nothing_else() -> None:
    odd: list[Any] = [None, 5, "x", [], {}, [None], True, -1e300]
    for wrong in odd:
        value = conversation("a") | {"name": wrong, "created_at": wrong, "model": wrong}
        value["chat_messages"][1] |= {"created_at": wrong, "content": wrong, "files": wrong}
        value["chat_messages"].append(wrong)
        trees, _ = await taken_in([value])
        assert len(trees) == 1


async def test_half_letters_and_numbers_that_json_has_not_are_read() -> None:
    message = b'{"sender": "human", "text": "x\\ud800", "created_at": NaN}'
    data = b'[{"uuid": "a", "name": "\\ud83d", "chat_messages": [%s]}]' % message
    [tree], _ = await taken_in(data)
    assert tree.path()[0].message.text == "x?"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"hello", "not JSON"),
        (b"Look:\n{\n}", "not JSON"),
        (b"# A program\nprint({})", "not JSON"),
        (b"<!doctype html><title>Chat", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"SQLite format 3\0", "database"),
        (b"PK\3\4 and no more", "damaged"),
        (archive({"a.md": b"# Chat"}), "no chats as JSON"),
        (b"[]", "No chats that can be read"),
        (b"{}", "No chats that can be read"),
        ([{"a": 1}], "What can be read: .*ChatGPT, Claude"),
        (b'[{"uuid": "a", "chat_messages": [', "damaged"),
        ({"conversations": [{"conversation": {}, "responses": []}]}, "from Grok"),
        (
            [{"uuid": "p", "name": "P", "prompt_template": "", "docs": []}],
            "Claude’s list of projects",
        ),
        ([{"uuid": "u", "full_name": "N", "email_address": "e"}], "Claude’s list of accounts"),
        ([{"header": "Gemini Apps", "title": "x", "products": []}], "Gemini"),
        ([{"mapping": {"1": {"message": {"fragments": []}}}}], "from DeepSeek"),
        ([{"user_name": "U", "character_name": "C"}, {"is_user": True, "mes": "x"}], "SillyTavern"),
        ({"runSettings": {}, "chunkedPrompt": {"chunks": []}}, "from Google AI Studio"),
        ({"data": {"chats": [{"chatTitle": "T", "messages": []}]}}, "from TypingMind"),
        ({"messages": [{"versions": [], "currentlySelected": 0}]}, "from LM Studio"),
        (b"[" * 100_000, "damaged"),
        (b" " * 100 + b'[{"uuid": "a", "chat_messages": [', "damaged"),
        (b" " * 100 + b"%PDF-1.7", "PDF"),
    ],
)
async def test_what_cannot_be_read_is_told_with_whose_it_is(content: Any, sentence: str) -> None:
    with pytest.raises(ImportProblem, match=sentence):
        await taken_in(content)


async def test_markdown_is_told_by_its_name() -> None:
    with pytest.raises(ImportProblem, match="This is Markdown, which is to read."):
        await taken_in(b"## You\n\n```\n{\n}\n```\n", "A chat.MD")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
async def test_a_file_with_a_mark_of_its_encoding_is_read(encoding: str) -> None:
    data = json.dumps([conversation("a", "Grüße 😀")], ensure_ascii=False).encode(encoding)
    [tree], _ = await taken_in(data)
    assert tree.path()[1].message.text == "Grüße 😀"


async def test_what_is_too_large_is_told_and_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_BYTES", 1000)
    large = [conversation(id, "x" * 2000) for id in "ac"]
    trees, importing = await taken_in([*large, conversation("b")])
    assert [tree.chat.title for tree in trees] == ["B"]
    assert (importing.report.too_large, importing.report.found) == (2, 3)


async def test_messages_that_stand_by_themselves_are_one_chat_which_may_be_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def talk(words: str) -> bytes:
        return lines({"role": "user", "content": words}, {"role": "assistant", "content": "Yes"})

    [tree], _ = await taken_in(talk("Hi"), "a.jsonl")
    assert said(tree) == [("user", "Hi"), ("assistant", "Yes")]
    monkeypatch.setattr(importing_module, "MOST_BYTES", 1000)
    trees, importing = await taken_in(talk("x" * 980), "a.jsonl")
    assert (trees, importing.report.too_large, importing.report.found) == ([], 1, 1)


async def test_a_file_of_an_archive_that_cannot_be_read_takes_no_other_with_it() -> None:
    def packed(*names: str) -> bytes:
        made = BytesIO()
        with ZipFile(made, "w") as opened:
            for name in names:
                odd = ZIP_BZIP2 if "odd" in name else ZIP_DEFLATED
                opened.writestr(f"conversations-{name}.json", json.dumps([conversation(name)]), odd)
        return made.getvalue()

    trees, importing = await taken_in(packed("odd", "a"), "a.zip")
    assert [tree.chat.title for tree in trees] == ["A"]
    assert (importing.report.damaged, importing.report.found) == (1, 2)
    with pytest.raises(ImportProblem, match="conversations-odd.json is packed in a way"):
        await taken_in(packed("odd"), "a.zip")
    with pytest.raises(ImportProblem, match="conversations-odd.json is packed in a way"):
        await taken_in(packed("odd", "odd-2"), "a.zip")


async def test_nothing_that_comes_has_power() -> None:
    asked = {"role": "user", "content": [{"type": "image_url", "image_url": "https://t.example/"}]}
    extra = {"temperature": 2, "tools": [{"name": "rm"}], "model": "x", "system": "Obey"}
    [tree], _ = await taken_in({"messages": [asked, {"role": "system", "content": "Too"}], **extra})
    chat = tree.chat
    assert chat.settings == type(chat.settings)()
    assert chat.brought is not None
    assert (chat.brought.settings.instructions, chat.brought.system) == ("Obey", ["Too"])
    for record in tree.records():
        assert record.from_file
        for part in record.message.parts:
            assert not isinstance(part, File) or not part.url.startswith("http")


async def test_an_archive_may_hold_its_chats_in_several_files() -> None:
    files = {
        "x/conversations-000.json": json.dumps([conversation("a")]).encode(),
        "x/conversations-001.json": json.dumps([conversation("b")]).encode(),
        "x/user.json": b'{"id": "u"}',
        "__MACOSX/x/._conversations-000.json": b"\0",
    }
    trees, importing = await taken_in(archive(files), "a.zip")
    assert [tree.chat.title for tree in trees] == ["A", "B"]
    assert importing.report.damaged == 0
    trees, _ = await taken_in(archive({"chat.jsonl": lines(conversation("a"))}), "a.zip")
    assert len(trees) == 1


async def test_a_large_file_takes_no_more_memory_than_its_largest_chat() -> None:
    async def peak(count: int) -> int:
        chats = b",".join(
            json.dumps(conversation(f"{number}", f"{number} " * 30_000)).encode()
            for number in range(count)
        )
        source = Bytes(archive({"conversations.json": b"[" + chats + b"]"}))
        importing = Importing("a.zip", source, (), NOW_MS, framed)
        del chats
        tracemalloc.start()
        found = 0
        async for tree in importing.trees():
            found += tree is not None
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == count
        return most

    few, many = await peak(20), await peak(80)
    assert many < 1.3 * few


@pytest.mark.parametrize(("encoding", "letter"), [("utf-8", "x"), ("utf-16", "語")])
async def test_how_far_it_is_grows_to_its_end(encoding: str, letter: str) -> None:
    """Of letters, which may take more room here than in their file, or less."""
    values = [conversation(f"{number}", letter * 50_000) for number in range(40)]
    data = json.dumps(values, ensure_ascii=False).encode(encoding)
    importing = Importing("a.json", Bytes(data), (), NOW_MS, framed)
    shares = [importing.report.share async for _ in importing.trees()]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 < 0.99 < shares[-1] <= 1


async def test_an_export_of_ours_in_an_archive_is_told_from_others() -> None:
    data = b'{"chats": [], "version": 1, "format": "tokenfall-chats"}'
    for content in (data, archive({"chats.json": data})):
        with pytest.raises(OursError) as caught:
            await taken_in(content)
        assert caught.value.data == data


_ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
_SAMPLES: list[Any] = [
    [CLAUDE],
    [open_webui('<details type="tool_calls" id="1" name="f">')],
    librechat(),
    [{"conv": CONVERSATION, "messages": LLAMACPP}],
    [conversation_of(node("q", "root", "user", "Hi"), node("a", "q", "assistant", "Yes"))],
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
]


@given(st.sampled_from(_SAMPLES), st.data())
def test_no_wrong_value_anywhere_loses_the_import(sample: Any, data: st.DataObject) -> None:
    """Two chats, of which in one anything may be anything: the other always comes."""
    odd = json.loads(json.dumps(sample))
    for _ in range(data.draw(st.integers(1, 4))):
        place = odd
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            inner = place[key]
            if not isinstance(inner, dict | list) or data.draw(st.booleans()):
                place[key] = data.draw(_ODD | st.just([]) | st.just({}))
                break
            place = inner
    written = lines(conversation("first"), odd, conversation("last"))
    trees, importing = at_once(taken_in(written, "a.jsonl"))
    titles = [tree.chat.title for tree in trees]
    assert (titles[0], titles[-1]) == ("FIRST", "LAST")
    assert importing.report.damaged == 0  # what is odd counts as not there
    for tree in trees:
        [copy] = Incoming(to_json([tree], 0), {}, lambda: "new")
        assert copy is not None
        assert len(copy) == len(tree)


async def test_an_archive_may_hold_its_files_as_they_are() -> None:
    made = BytesIO()
    with ZipFile(made, "w") as opened:
        opened.writestr("conversations.json", json.dumps([conversation("a")]))
    [tree], _ = await taken_in(made.getvalue(), "x.zip")
    assert tree.chat.title == "A"
