"""Pieces of an answer that a server tells otherwise at their end than while they streamed."""

import json
from typing import Any

import pytest

from app.core.messages import Message
from app.protocols import decoder


def decoded(*records: Any) -> Message:
    one = decoder("openai-responses")
    for record in records:
        one.feed(b"data: " + json.dumps(record).encode() + b"\n\n")
    one.close()
    return one.message


def delta(text: str, index: int = 0, kind: str = "output_text") -> Any:
    place = {"item_id": "m", "output_index": 0, "content_index": index, "summary_index": index}
    return {"type": f"response.{kind}.delta", "delta": text} | place


def whole(text: str, index: int | None, kind: str = "output_text") -> Any:
    name = "refusal" if kind == "refusal" else "text"
    told = {"type": f"response.{kind}.done", "item_id": "m", "output_index": 0, name: text}
    return told if index is None else told | {"content_index": index, "summary_index": index}


def message(*texts: str) -> Any:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"type": "message", "id": "m", "role": "assistant", "content": content}


def item_done(item: Any) -> Any:
    return {"type": "response.output_item.done", "output_index": 0, "item": item}


def completed(*items: Any) -> Any:
    response = {"id": "r", "model": "m", "status": "completed", "output": list(items)}
    return {"type": "response.completed", "response": response}


HALVES = ["Blå ", "bær 😀"]
WHOLE = "".join(HALVES)


@pytest.mark.parametrize("streamed", [0, 1, 3])
@pytest.mark.parametrize("told", [0, 1, 2, None])
@pytest.mark.parametrize("has_item", [True, False])
def test_a_piece_that_ends_under_another_number_is_told_once(
    streamed: int, told: int | None, has_item: bool
) -> None:
    records = [*(delta(half, streamed) for half in HALVES), whole(WHOLE, told)]
    if has_item:
        records.append(item_done(message(WHOLE)))
    answer = decoded(*records, completed(message(WHOLE)))
    assert answer.text == WHOLE
    assert not answer.warnings


def test_so_are_refusals_and_summaries() -> None:
    refused = {"type": "message", "id": "m", "content": [{"type": "refusal", "refusal": "No."}]}
    records = [delta("No.", 1, "refusal"), whole("No.", 0, "refusal"), completed(refused)]
    assert decoded(*records).refusal == "No."
    thought = {"type": "reasoning", "id": "m", "summary": [{"type": "summary_text", "text": "Hm."}]}
    kind = "reasoning_summary_text"
    records = [delta("Hm.", 0, kind), whole("Hm.", 1, kind), completed(thought)]
    assert decoded(*records).reasoning == "Hm."


@pytest.mark.parametrize("texts", [("One. ", "Two."), ("Ha", "Ha"), ("Ha", "Ha, yes")])
@pytest.mark.parametrize("is_streamed", [True, False])
def test_pieces_that_are_alike_stay_apart(texts: tuple[str, ...], is_streamed: bool) -> None:
    records: list[Any] = []
    for index, text in enumerate(texts):
        if is_streamed:
            records.append(delta(text, index))
        records.append(whole(text, index))
    assert decoded(*records, completed(message(*texts))).text == "".join(texts)


@pytest.mark.parametrize("last", ["bær 😀", "😀", " 😀 ", ""])
@pytest.mark.parametrize("where", ["item", "response", "both"])
def test_a_last_telling_that_holds_the_last_token_alone_replaces_nothing(
    last: str, where: str
) -> None:
    records = [delta(half) for half in HALVES]
    if where != "response":
        records.append(item_done(message(last)))
    answer = decoded(*records, completed(message(last if where != "item" else WHOLE)))
    assert answer.text == WHOLE
    assert not answer.warnings


def test_what_is_really_told_otherwise_counts() -> None:
    answer = decoded(*(delta(half) for half in HALVES), completed(message("Blue berries")))
    assert answer.text == "Blue berries"
    assert answer.warnings


def test_arguments_whose_end_alone_is_told_again_stay_whole() -> None:
    item = {"type": "function_call", "id": "m", "call_id": "c", "name": "f", "arguments": ""}
    added = {"type": "response.output_item.added", "output_index": 0, "item": item}
    records = [added, *(delta(half, 0, "function_call_arguments") for half in ('{"n"', ": 1}"))]
    (call,) = decoded(*records, completed(item | {"arguments": "}"})).tool_calls
    assert json.loads(call.arguments) == {"n": 1}


def test_arguments_that_come_before_the_call_are_its_own() -> None:
    item = {"type": "function_call", "id": "m", "call_id": "c", "name": "f", "arguments": "{}"}
    told = {"type": "response.function_call_arguments.done", "item_id": "m", "output_index": 0}
    (call,) = decoded(told | {"arguments": "{}"}, item_done(item), completed(item)).tool_calls
    assert (call.id, call.name, call.arguments) == ("c", "f", "{}")
