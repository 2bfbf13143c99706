"""Form of records in a database, and the answer in a log after its tab was killed."""

from base64 import b64encode
from collections.abc import Sequence

import pytest

from app.core import events as ev
from app.core.messages import File, Message, Reasoning, Text, ToolResult, Usage, user
from app.core.unanswered import LOST, NOT_RUN, STOPPED
from app.history import stored
from app.history.records import CLOSED, ChatRecord, MessageRecord
from app.protocols.valid_history import settled
from tests.history.chats import answer, branched, chat, question

PICTURE = "data:image/png;base64," + b64encode(bytes(range(256)) * 8).decode()


def log(*batches: Sequence[ev.Event], record: MessageRecord | None = None) -> bytes:
    begun = record or MessageRecord("a2", "c", 5, Message("assistant", model="m"), "q1")
    return stored.message_line(begun)[0] + b"".join(map(stored.batch_line, batches))


def test_chats_and_messages_come_back_from_their_lines() -> None:
    chats = [chat("a", title="One\nline"), chat("b", pinned=True)]
    assert stored.chats_of(b"".join(map(stored.chat_line, chats))) == chats
    records = branched().records()
    lines = b"".join(stored.message_line(record)[0] for record in records)
    assert stored.messages_of(lines, {}) == records


def test_what_cannot_be_read_takes_nothing_else_with_it() -> None:
    lines = stored.chat_line(chat("a")) + b'{"id": 3}\n{"id\n' + stored.chat_line(chat("b"))
    assert [one.id for one in stored.chats_of(lines)] == ["a", "b"]
    line = stored.message_line(question("q1"))[0]
    assert len(stored.messages_of(b"nonsense\n" + line, {})) == 1


def test_a_file_lies_apart_from_its_message_and_comes_back() -> None:
    file = File(PICTURE, "image/png", "a.png")
    record = question("q1")
    record.message.parts.append(file)
    line, files = stored.message_line(record)
    assert len(line) < 400
    assert list(files.values()) == [bytes(range(256)) * 8]
    assert stored.digests_in(line) == set(files)
    assert record.message.files == [file], "the message itself is not changed"
    assert stored.messages_of(line, files) == [record]
    lost = stored.messages_of(line, {})[0].message.files[0]
    assert (lost.url, lost.name) == ("", "a.png")


def test_the_text_of_a_document_lies_apart_too() -> None:
    file = File(PICTURE, "application/pdf", "a.pdf", "File: a.pdf", "\fpage 1\n" + "Größe " * 400)
    record = question("q1")
    record.message.parts.append(file)
    line, files = stored.message_line(record)
    assert len(line) < 600
    assert stored.digests_in(line) == set(files)
    assert len(files) == 2
    assert stored.messages_of(line, files) == [record]
    assert stored.messages_of(line, {})[0].message.files[0].text == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x.png",
        "data:image/png;base64,AAAA",
        "data:text/plain," + "a" * 2000,
        "data:image/png;base64," + "%" * 2000,
        # Not canonical: other bits in the last character than an encoder writes.
        PICTURE[:-2] + "//" if PICTURE.endswith("==") else PICTURE + "\n",
    ],
)
def test_what_would_not_come_back_as_it_was_stays_in_the_message(url: str) -> None:
    record = answer("a1")
    record.message.parts.append(File(url))
    line, files = stored.message_line(record)
    assert not files
    assert stored.messages_of(line, {}) == [record]


@pytest.mark.parametrize(
    ("file", "is_apart"),
    [
        (File("data:image/png;base64," + b64encode(bytes(765)).decode()), False),  # 1,020 letters
        (File("data:image/png;base64," + b64encode(bytes(768)).decode()), True),
        (File("https://a.example/a.pdf", text="x" * 1023), False),
        (File("https://a.example/a.pdf", text="x" * 1024), True),
    ],
)
def test_what_is_short_stays_in_its_message(file: File, is_apart: bool) -> None:
    record = answer("a1")
    record.message.parts.append(file)
    line, files = stored.message_line(record)
    assert bool(files) == is_apart
    assert stored.messages_of(line, files) == [record]


def test_files_of_other_choices_lie_apart_too() -> None:
    record = answer("a1")
    record.message.alternatives = [Message("assistant", [File(PICTURE)])]
    line, files = stored.message_line(record)
    assert len(files) == 1
    assert stored.messages_of(line, files) == [record]


def test_a_log_tells_up_to_which_place_of_a_server_it_goes_and_what_goes_on() -> None:
    begun = MessageRecord("a2", "c", 5, Message("assistant", model="m"), "q1", run="a2")
    data = stored.message_line(begun)[0]
    data += stored.batch_line([ev.StepStart(1), ev.ContentDelta("Hel")], "000001-0000000002")
    data += stored.batch_line([ev.ContentDelta("lo")], "000001-0000000003")
    [kept] = stored.logged(data, {})
    assert (kept.record, kept.place) == (begun, "000001-0000000003")
    [going_on] = kept.records_so_far()
    assert (going_on.message.text, going_on.message.status, going_on.note) == ("Hello", None, "")
    [[cut]] = stored.recover(data, {})
    assert (cut.message.text, cut.message.status, cut.note) == ("Hello", "incomplete", CLOSED)


def test_a_log_without_an_end_gives_an_incomplete_answer() -> None:
    data = log(
        [ev.StepStart(1), ev.MessageStart("m1"), ev.ContentDelta("Hel")],
        [ev.Heartbeat(), ev.ContentDelta("lo")],
    )
    [[record]] = stored.recover(data, {})
    assert (record.id, record.parent, record.created_ms) == ("a2", "q1", 5)
    assert record.message.text == "Hello"
    assert record.message.status == "incomplete"
    assert record.note == CLOSED
    assert record.message.model == "m"


def test_what_a_provider_signed_goes_back_to_it_after_its_log_was_read() -> None:
    begun = Message("assistant", model="m", protocol="anthropic", provider="anthropic")
    data = log(
        [ev.StepStart(1), ev.ReasoningDelta("Hm."), ev.ReasoningDelta("", {"signature": "s"})],
        [ev.ToolCallStart(0, "1", "f"), ev.ToolCallEnd(0), ev.StepEnd("complete", "tool_calls")],
        [ToolResult("1", "42", "f"), ev.StepStart(2)],
        [ev.ReasoningDelta("So."), ev.ReasoningDelta("", {"signature": "t"}), ev.ContentDelta("4")],
        record=MessageRecord("a2", "c", 5, begun, "q1"),
    )
    [records] = stored.recover(data, {})
    messages = [record.message for record in records]
    sent = list(settled(messages, "anthropic", "anthropic"))
    assert [message.parts[0] for message in sent if message.role == "assistant"] == [
        Reasoning("Hm.", {"signature": "s"}),
        Reasoning("So.", {"signature": "t"}),
    ]
    assert not any(message.reasoning for message in settled(messages, "anthropic", "another"))


def test_a_log_cut_in_its_first_and_last_entries_gives_what_there_is() -> None:
    [[record]] = stored.recover(log(), {})
    assert record.message.status == "incomplete"
    assert not record.message.parts
    cut = log([ev.ContentDelta("kept")], [ev.ContentDelta("lost")])[:-5]
    [[record]] = stored.recover(cut, {})
    assert record.message.text == "kept"
    assert stored.recover(b"[]\nnonsense", {}) == []


def test_a_log_with_its_end_gives_the_answer_as_it_ended() -> None:
    data = log(
        [ev.StepStart(1), ev.ContentDelta("Hi")],
        [ev.StepEnd("complete", "stop", "stop", Usage(1, 2)), ev.Done("complete", "stop")],
    )
    [[record]] = stored.recover(data, {})
    assert record.message.status == "complete"
    assert not record.note
    assert record.message.finish_reason == "stop"
    assert record.message.usage == Usage(1, 2)


def test_the_steps_of_an_answer_with_tools_follow_each_other() -> None:
    data = log(
        [ev.StepStart(1), ev.ContentDelta("Let me look."), ev.ToolCallStart(0, "1", "f")],
        [ev.ToolCallDelta(0, "{}"), ev.ToolCallEnd(0), ev.StepEnd("complete", "tool_calls")],
        [ev.ToolRunStart("1", "f"), ToolResult("1", "42", "f")],
        [ev.StepStart(2), ev.ContentDelta("It is")],
        record=MessageRecord("a2", "c", 5, Message("assistant", model="m", mode="sync"), "q1"),
    )
    [records] = stored.recover(data, {})
    assert [record.id for record in records] == ["a2", "a2-2", "a2-3"]
    assert [record.created_ms for record in records] == [5, 6, 7]
    assert [record.message.mode for record in records] == ["sync", None, "sync"]
    assert [record.parent for record in records] == ["q1", "a2", "a2-2"]
    first, results, last = (record.message for record in records)
    assert (first.text, first.status, first.tool_calls[0].arguments) == (
        "Let me look.",
        "complete",
        "{}",
    )
    assert results.role == "tool"
    assert results.parts == [ToolResult("1", "42", "f")]
    assert (last.text, last.status) == ("It is", "incomplete")


def test_an_answer_killed_while_a_tool_ran_ends_incomplete() -> None:
    data = log(
        [ev.StepStart(1), ev.ToolCallStart(0, "1", "f"), ev.StepEnd("complete", "tool_calls")],
        [ev.ToolRunStart("1", "f"), ToolResult("1", "42", "f")],
    )
    [records] = stored.recover(data, {})
    assert records[-1].message == Message("assistant", model="m", status="incomplete")


def test_tools_that_ran_when_the_page_was_closed_are_told_so_with_the_next_question() -> None:
    data = log(
        [ev.StepStart(1), *(ev.ToolCallStart(n, f"c{n}", "f") for n in range(3))],
        [ev.StepEnd("complete", "tool_calls")],
        [ev.ApprovalRequest("c2", "f", "{}", "approval"), ev.ToolRunStart("c0", "f")],
        [ev.ToolRunStart("c1", "f"), ToolResult("c0", "42", "f")],
    )
    [records] = stored.recover(data, {})
    messages = [record.message for record in records]
    assert [message.role for message in messages] == ["assistant", "tool", "assistant"]
    sent = list(settled(messages, "p", "who"))
    assert [part.content for part in sent[1].parts if isinstance(part, ToolResult)] == [
        "42",
        LOST,
        NOT_RUN,
    ]


def test_a_log_that_ends_with_a_stop_among_tools_gives_what_the_stop_gave() -> None:
    data = log(
        [ev.StepStart(1), ev.ToolCallStart(0, "a", "f"), ev.StepEnd("complete", "tool_calls")],
        [ev.ToolRunStart("a", "f")],
        [ToolResult("a", STOPPED, "f", is_error=True), ev.Done("aborted", "tool_calls")],
    )
    [[asked, results]] = stored.recover(data, {})
    assert asked.message.status == "aborted"
    assert results.message.parts == [ToolResult("a", STOPPED, "f", is_error=True)]
    assert not results.note


def test_logs_of_several_answers_are_told_apart() -> None:
    other = MessageRecord("a9", "c", 9, Message("assistant"), "q8")
    data = log([ev.ContentDelta("one")]) + log([ev.ContentDelta("two")], record=other)
    assert [each[0].message.text for each in stored.recover(data, {})] == ["one", "two"]


def test_a_step_that_began_anew_holds_only_what_came_after() -> None:
    data = log([ev.ContentDelta("old"), ev.StepReset("cut"), ev.ContentDelta("new")])
    [[record]] = stored.recover(data, {})
    assert record.message.parts == [Text("new")]


def test_searching_reads_what_was_said_and_the_names_of_files() -> None:
    first = question("q1", text="What is this?")
    first.message.parts.append(File(PICTURE, "image/png", "boat.png"))
    hidden = question("q3", "a2")
    hidden.note = "continue"
    second = answer("a2", "q1", "A boat.")
    second.message.parts.insert(0, Reasoning("Hm."))
    empty = MessageRecord("a4", "c", 4, Message("assistant"))
    lines = b"".join(stored.message_line(each)[0] for each in (first, second, hidden, empty))
    expected = [("c", "What is this?\nboat.png"), ("c", "A boat.")]
    assert stored.texts_of(lines) == expected
    assert stored.texts_of(b"nonsense\n" + lines) == expected


def test_half_a_character_keeps_no_message_from_being_stored() -> None:
    """A page may hold one, cut from a pair; JSON has no form for it."""
    record = MessageRecord("m", "c", 1, user("half \ud83d"), "", "")
    line, _ = stored.message_line(record)
    [back] = stored.messages_of(line, {})
    assert back.message.text == "half \ufffd"
    kept = ChatRecord("c", 0, 0, title="\ud83d")
    kept.settings.instructions = "\udc00"
    assert [one.title for one in stored.chats_of(stored.chat_line(kept))] == ["\ufffd"]
    assert stored.parts_of(stored.parts_line([Text("\ud83d")])) == [Text("\ufffd")]
