"""Records of Responses and Ollama in which any field may hold anything: always a sound answer."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from .test_any_bytes import ANYTHING, EXAMPLES, FAILURE, FRAME, SCALAR, TEXT, record, sound

WORDS = TEXT | st.sampled_from(["a", "b", "<think>", "</think>", "\ud83d", "\ude00"])
PLACE = st.integers(0, 2)
ARGUMENTS = st.sampled_from(["{}", '{"a":', "1}", '{"a":1}']) | TEXT

# --- OpenAI Responses --------------------------------------------------------------------------

PART = record(
    type=st.sampled_from(["output_text", "refusal", "reasoning_text", "summary_text"]),
    text=WORDS,
    refusal=WORDS,
    annotations=st.lists(
        record(
            type=st.sampled_from(["url_citation", "file_citation"]),
            url=TEXT,
            file_id=TEXT,
            index=SCALAR,
            start_index=SCALAR,
        ),
        max_size=2,
    ),
)
ITEM = record(
    type=st.sampled_from(
        ["message", "reasoning", "function_call", "custom_tool_call", "web_search_call"]
        + ["image_generation_call", "code_interpreter_call", "new"]
    ),
    id=st.sampled_from(["", "i", "j"]),
    call_id=st.sampled_from(["", "c", "d"]),
    name=st.sampled_from(["", "f", "g"]),
    arguments=ARGUMENTS,
    input=ARGUMENTS,
    content=st.lists(PART, max_size=2) | WORDS,
    summary=st.lists(PART, max_size=2),
    encrypted_content=TEXT,
    result=TEXT,
    action=ANYTHING,
    outputs=st.lists(record(type=st.just("image"), url=TEXT), max_size=2),
)
RESPONSE = record(
    id=st.sampled_from(["", "r", "s"]),
    object=st.just("response"),
    model=TEXT,
    status=st.sampled_from(["completed", "incomplete", "failed", "cancelled", "in_progress"]),
    output=st.lists(ITEM, max_size=3),
    error=st.none() | FAILURE,
    incomplete_details=record(reason=st.sampled_from(["max_output_tokens", "content_filter"])),
    usage=record(input_tokens=SCALAR, input_tokens_details=record(cached_tokens=SCALAR)),
)
PIECES = ["output_text", "refusal", "reasoning_summary_text", "reasoning_text"]
PIECES += ["function_call_arguments", "custom_tool_call_input", "code_interpreter_call_code"]
NAMES = ["created", "in_progress", "completed", "incomplete", "failed", "done"]
NAMES += ["output_item.added", "output_item.done", "output_text.annotation.added"]
NAMES += ["image_generation_call.partial_image", "web_search_call.searching"]
NAMES += [f"{piece}.{when}" for piece in PIECES for when in ("delta", "done")]
EVENT = record(
    type=st.sampled_from([f"response.{name}" for name in NAMES] + ["error", "keepalive"]),
    output_index=PLACE,
    content_index=PLACE,
    summary_index=PLACE,
    item_id=st.sampled_from(["", "i", "j"]),
    delta=WORDS | ARGUMENTS,
    text=WORDS,
    refusal=WORDS,
    arguments=ARGUMENTS,
    item=ITEM,
    response=RESPONSE,
    annotation=PART,
    partial_image_b64=TEXT,
    error=FAILURE,
    code=SCALAR,
    message=TEXT,
)


@EXAMPLES
@given(st.lists(st.tuples(FRAME, EVENT | EVENT | RESPONSE | ANYTHING), max_size=8))
def test_responses(items: list[tuple[str, Any]]):
    sound(body_of(items), "openai-responses")


# --- Ollama ------------------------------------------------------------------------------------

CALL = record(id=TEXT, function=record(name=TEXT, index=SCALAR, arguments=ANYTHING | ARGUMENTS))
LINE = record(
    model=TEXT,
    created_at=TEXT,
    message=record(
        content=WORDS,
        thinking=WORDS,
        tool_calls=st.lists(CALL, max_size=2),
        images=st.lists(TEXT, max_size=2),
    ),
    response=WORDS,
    thinking=WORDS,
    done=st.booleans(),
    done_reason=st.sampled_from(["stop", "length", "load", ""]),
    prompt_eval_count=SCALAR,
    eval_count=SCALAR,
    total_duration=SCALAR,
    error=TEXT | FAILURE,
)


@EXAMPLES
@given(st.lists(st.tuples(FRAME | st.just("{}\n"), LINE | ANYTHING), max_size=6))
def test_ollama(items: list[tuple[str, Any]]):
    sound(body_of(items), "ollama")


def body_of(items: list[tuple[str, Any]]) -> bytes:
    return "".join(frame.replace("{}", json.dumps(value)) for frame, value in items).encode()
