"""Turns of a chat, one below the other, and the count of their versions."""

from app.browser.conversation.turns import (
    Turn,
    count_seen,
    gathered,
    is_question,
    question_parts,
    question_texts,
    rewritable,
    text_of,
    turn_of,
    turns,
    typed,
)
from app.core.messages import (
    File,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from app.history.records import CONTINUE, MessageRecord
from app.history.tree import Tree
from tests.history.chats import answer, branched, chat, ids, question


def tree_of(*records: MessageRecord, head: str = "") -> Tree:
    """A chat with these messages; the last is its head, else the one that is named."""
    tree = Tree(chat())
    for record in records:
        tree.add(record)
    if head:
        tree.chat.head = head
    return tree


def go_on(id: str, parent: str) -> MessageRecord:
    record = question(id, parent, "Go on.")
    record.note = CONTINUE
    return record


def results(id: str, parent: str) -> MessageRecord:
    record = question(id, parent)
    record.message = Message("tool", [ToolResult("1", "42", "f")], status="complete")
    return record


def shown(tree: Tree) -> list[str]:
    """Each turn: who, its messages, its place among its siblings."""
    return [
        f"{'Q' if turn.is_question else 'A'} {ids(turn.records)} {turn.number}/{turn.count}"
        for turn in turns(tree)
    ]


def test_an_empty_chat_has_no_turns() -> None:
    assert turns(Tree(chat())) == []
    assert turn_of([], "q1") is None


def test_questions_and_answers_stand_in_their_order() -> None:
    tree = branched()
    assert shown(tree) == ["Q q1 1/1", "A a2 1/2", "Q q4 1/1", "A a5 1/1"]
    tree.select("a3")
    assert shown(tree) == ["Q q1 1/1", "A a3 2/2"]


def test_steps_results_and_what_came_after_going_on_are_one_answer() -> None:
    tree = tree_of(
        question("q1"),
        answer("a2", "q1", "Let me look."),
        results("t3", "a2"),
        answer("a4", "t3", "It is"),
        go_on("c5", "a4"),
        answer("a6", "c5", "a boat."),
        question("q7", "a6"),
    )
    assert shown(tree) == ["Q q1 1/1", "A a2 t3 a4 c5 a6 1/1", "Q q7 1/1"]
    turn = turn_of(turns(tree), "a4")
    assert turn is not None
    assert (turn.id, turn.last.id) == ("a2", "a6")
    # Who deletes them has deleted three, and one of them only one.
    assert count_seen(tree.records()) == 3
    assert count_seen(turn.records) == 1
    assert turn.text == "Let me look.\n\nIt is\n\na boat."
    assert [message.role for message in turn.messages] == [
        "assistant",
        "tool",
        "assistant",
        "user",
        "assistant",
    ]


def test_edited_questions_are_counted_beside_each_other() -> None:
    tree = tree_of(question("q1"), answer("a2", "q1"), question("q3"), answer("a4", "q3"))
    assert shown(tree) == ["Q q3 2/2", "A a4 1/1"]
    [first, _] = turns(tree)
    assert first.others == ["q1", "q3"]
    # A request to go on beside a question is none of its versions.
    tree = tree_of(question("q1"), answer("a2", "q1"), go_on("c3", "a2"), answer("a4", "c3"))
    tree.add(question("q5", "a2"))
    assert shown(tree) == ["Q q1 1/1", "A a2 1/2", "Q q5 1/1"]


def test_an_answer_that_was_continued_twice_has_two_ends() -> None:
    tree = tree_of(
        question("q1"),
        answer("a2", "q1"),
        go_on("c3", "a2"),
        answer("a4", "c3"),
        go_on("c5", "a2"),
        answer("a6", "c5"),
    )
    assert shown(tree) == ["Q q1 1/1", "A a2 c5 a6 2/2"]
    turn = turns(tree)[-1]
    assert turn.others == ["a4", "a6"]
    tree.select(turn.others[0])
    assert shown(tree) == ["Q q1 1/1", "A a2 c3 a4 1/2"]


def test_each_version_of_an_answer_leads_to_itself_whatever_follows_it() -> None:
    """Also one that was first followed by a question, and then asked to go on."""
    tree = tree_of(
        question("q1"),
        answer("a2", "q1"),
        question("q3", "a2"),
        answer("a4", "q3"),
        go_on("c5", "a2"),
        answer("a6", "c5"),
        answer("a7", "q1"),
    )
    for number in range(3):
        turn = turns(tree)[1]
        tree.select(turn.others[number])
        assert (turns(tree)[1].number, turns(tree)[1].count) == (number + 1, 3)


def test_an_answer_without_a_question_is_a_turn_too() -> None:
    """As an imported chat may begin."""
    tree = tree_of(answer("a1"), question("q2", "a1"), answer("a3", "q2"))
    assert shown(tree) == ["A a1 1/1", "Q q2 1/1", "A a3 1/1"]


def test_an_answer_that_was_asked_for_anew_and_has_no_end_yet_is_counted() -> None:
    tree = branched()
    tree.add(MessageRecord("a9", "c", 9, Message("assistant"), "q4"))
    assert shown(tree)[-1] == "A a9 2/2"


def test_the_text_of_a_turn_is_what_was_said_without_files_and_calls() -> None:
    called = Message("assistant", [Text("Wait."), ToolCall("1", "f", "{}")])
    said = Message("assistant", [Text("Done.")])
    assert (
        text_of([called, Message("tool", [ToolResult("1", "42", "f")]), said]) == "Wait.\n\nDone."
    )
    asked = MessageRecord("q1", "c", 1, user("What is it?"))
    asked.message.parts.insert(0, File("data:image/png;base64,AAAA", "image/png", "a.png"))
    asked.message.parts.insert(0, Text("File: a.txt\n\n```txt\nwords\n```\n\n"))
    assert Turn(True, [asked]).text == "What is it?"


def test_what_is_said_after_a_file_is_a_paragraph_of_its_own() -> None:
    chart = File("data:image/png;base64,AAAA")
    said: list[Part] = [Text("First:"), chart, chart, Text("Then"), Text(":"), chart]
    assert text_of([Message("assistant", said)]) == "First:\n\nThen:"


def test_a_question_has_its_files_first_and_may_be_files_alone() -> None:
    file = File("data:image/png;base64,AAAA")
    assert question_parts("Why?") == [Text("Why?")]
    assert question_parts("Why?", [file]) == [file, Text("Why?")]
    assert question_parts("", [file]) == [file]
    assert question_parts("") == [Text("")]


def test_who_asks() -> None:
    assert is_question(question("q1"))
    assert not is_question(go_on("c1", ""))
    assert not is_question(answer("a1"))
    assert not is_question(results("t1", ""))


def test_parts_beyond_so_many_are_gathered_by_kind() -> None:
    file = File("data:image/png;base64,AAAA")
    parts: list[Part] = [
        *(Text("a"), Reasoning("b"), file, Text("c"), Reasoning("d"), Refusal("e"), Text("f")),
    ]
    assert gathered(parts, 7) == parts
    assert gathered(parts, 8) == parts
    assert gathered(parts, 2) == [
        *(Text("a"), Reasoning("b"), file, Reasoning("d"), Text("cf"), Refusal("e")),
    ]
    assert gathered(parts, 6) == parts
    assert gathered([Text(""), Text("a")], 0) == [Text("a")]


def test_what_a_person_asked_and_what_of_an_answer_may_be_rewritten() -> None:
    tree = tree_of(
        question("q1", "", "One"),
        answer("a2", "q1"),
        go_on("c3", "a2"),
        answer("a4", "c3"),
        question("q5", "a4", "Two"),
    )
    assert question_texts(tree) == ["One", "Two"]
    records = [answer("a1", "", "Look"), results("t2", "a1"), answer("a3", "t2", "Done")]
    assert ids([*rewritable(records)]) == "a3"
    assert ids([*rewritable(records[:1])]) == "a1"
    assert list(rewritable(records[:2])) == []
    assert list(rewritable([*records[:2], answer("a3", "t2", "")])) == []


def test_a_question_is_kept_as_it_was_typed_without_empty_lines_around_it() -> None:
    assert typed("\n \n  a\n\n  b \n\n") == "  a\n\n  b"
    assert typed("a") == "a"
    assert typed("") == typed(" \n ") == ""
