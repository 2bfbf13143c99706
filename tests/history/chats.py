"""Chats for the tests of this folder."""

from app.core.messages import Message, Text, user
from app.history.records import ChatRecord, MessageRecord
from app.history.tree import Tree


def chat(id: str = "c", **fields: object) -> ChatRecord:
    values = {"created_ms": 1, "updated_ms": 2, **fields}
    return ChatRecord(id=id, **values)  # type: ignore[arg-type]


def question(id: str, parent: str = "", text: str = "?", chat_id: str = "c") -> MessageRecord:
    """A record of the moment that the digits of its id name."""
    created_ms = int("".join(filter(str.isdigit, id)) or 0)
    return MessageRecord(id, chat_id, created_ms, user(text), parent)


def answer(id: str, parent: str = "", text: str = "!", chat_id: str = "c") -> MessageRecord:
    record = question(id, parent, chat_id=chat_id)
    record.message = Message("assistant", [Text(text)], status="complete")
    return record


def branched() -> Tree:
    """Two questions with an answer each, the first answered twice: q1 (a2 (q4 a5) | a3)."""
    tree = Tree(chat())
    tree.add(question("q1"))
    tree.add(answer("a2", "q1"))
    tree.add(answer("a3", "q1"))
    tree.add(question("q4", "a2"))
    tree.add(answer("a5", "q4"))
    return tree


def ids(records: list[MessageRecord]) -> str:
    return " ".join(record.id for record in records)
