"""No bytes whatever break a decoder: an answer comes out, told to its end, the same at every cut.

The bytes are made up: noise, chunks in which any field may hold anything, a damaged stream.
"""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.wire.framing import SSE
from app.protocols import http_error
from tests.protocols.known import PROTOCOLS

from .decoding import IN_TAB, assert_sound, decode

EXAMPLES = settings(max_examples=15 if IN_TAB else 200, deadline=None)

# Lone surrogates among them: JSON can spell them and UTF-8 can't.
LETTERS = ["a", "7", " ", "\n", '"', "\\", "{", "<", "\0", "é", "\u2028", "👋", "\ud83d", "\ude00"]
TEXT = st.text(st.sampled_from(LETTERS), max_size=6)
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 3)
    | st.floats()
    | TEXT
    | st.sampled_from([10**25, -(10**400), 1e300, "1e300", "429", "²", "9" * 5000])
)
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT, inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "error", "message", "url", "type"]), inner)
    ),
    max_leaves=6,
)


def record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have any of these fields, each with what belongs there or with anything."""
    return st.fixed_dictionaries(
        {}, optional={name: value | ANYTHING for name, value in fields.items()}
    )


FUNCTION = record(name=TEXT, arguments=TEXT | st.sampled_from(["{}", '{"a":', "1}", "}"]))
CALL = record(index=st.integers(-1, 2), id=TEXT, function=FUNCTION, extra_content=ANYTHING)
PART = record(
    type=st.sampled_from(["text", "thinking", "refusal", "image_url"]),
    text=TEXT,
    thinking=ANYTHING,
    refusal=TEXT,
    image_url=ANYTHING,
)
DETAIL = record(type=TEXT, index=st.integers(0, 2), text=TEXT, summary=TEXT, data=TEXT)
DELTA = record(
    content=TEXT
    | st.sampled_from(["<think>", "<th", "ink>", "</think>", "</", "\ud83d", "\ude00"])
    | st.lists(PART, max_size=2),
    reasoning=TEXT | st.sampled_from(["\ud83d", "\ude00"]),
    reasoning_content=TEXT,
    reasoning_details=st.lists(DETAIL, max_size=2),
    refusal=TEXT,
    tool_calls=st.lists(CALL, max_size=2),
    function_call=FUNCTION,
    annotations=st.lists(record(type=TEXT, url_citation=record(url=TEXT, start_index=SCALAR))),
    images=st.lists(record(image_url=ANYTHING), max_size=2),
)
CHOICE = record(
    index=st.integers(-1, 2),
    delta=DELTA,
    message=DELTA,
    text=TEXT,
    finish_reason=st.sampled_from(["stop", "length", "tool_calls", "error", ""]),
    error=ANYTHING,
    usage=ANYTHING,
)
USAGE = record(
    prompt_tokens=SCALAR,
    completion_tokens=SCALAR,
    total_tokens=SCALAR,
    prompt_tokens_details=record(cached_tokens=SCALAR),
    completion_tokens_details=record(reasoning_tokens=SCALAR),
)
FAILURE = record(message=TEXT, code=SCALAR, status=SCALAR, type=TEXT, detail=ANYTHING)
CHUNK = record(
    id=TEXT,
    model=TEXT,
    object=st.sampled_from(["chat.completion", "chat.completion.chunk", "error"]),
    choices=st.lists(CHOICE, max_size=2),
    usage=USAGE,
    x_groq=record(usage=USAGE),
    error=FAILURE,
    message=TEXT,
    code=SCALAR,
    citations=ANYTHING,
    search_results=ANYTHING,
)
FRAME = st.sampled_from(
    ["data: {}\n\n", "data: {}\r\n\r\n", "data:{}\r\r", "{}\n", "event: error\ndata: {}\n\n"]
    + ["data: [DONE]\n\n", ": {}\n\n", "error: {}\n\n", "data: {}{}\n\n", "{}", "retry: {}\n\n"]
)


def sound(body: bytes, protocol: str = "openai-chat") -> None:
    """Decode these bytes whole, byte by byte and at a few cuts; all must agree."""
    events, message = decode([body], protocol)
    assert_sound(events, message)
    expected = msgspec.json.encode((events, message))
    cut = random.Random(len(body)).randrange(len(body) + 1)
    for chunks in ([body[i : i + 1] for i in range(len(body))], [body[:cut], body[cut:]]):
        assert msgspec.json.encode(decode(chunks, protocol)) == expected


@pytest.mark.parametrize("protocol", PROTOCOLS)
@EXAMPLES
@given(body=st.binary(max_size=200))
def test_noise(protocol: str, body: bytes):
    sound(body, protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@EXAMPLES
@given(text=st.text('data:event \r\n\t{}[]",\\0123.eE-+tfn\ufeffü', max_size=60))
def test_almost_a_stream(protocol: str, text: str):
    sound(text.encode(), protocol)


@EXAMPLES
@given(st.lists(st.tuples(FRAME, CHUNK | ANYTHING), max_size=5))
def test_chunks_of_any_shape(items: list[tuple[str, Any]]):
    sound("".join(frame.replace("{}", json.dumps(value)) for frame, value in items).encode())


@EXAMPLES
@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["retry-after", "Retry-After-Ms", "date", "x"]), TEXT | st.just("9" * 5000)
    ),
    st.binary(max_size=50) | (FAILURE | CHUNK | ANYTHING).map(lambda v: json.dumps(v).encode()),
)
def test_http_errors_of_any_shape(status: int, headers: dict[str, str], body: bytes):
    error = http_error("openai-chat", status, headers, body)
    assert error.message
    as_json = msgspec.json.encode(error)
    assert msgspec.json.encode(msgspec.json.decode(as_json, type=type(error))) == as_json


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"choices":[', '{"error":', '{"usage":{"a":'])
@pytest.mark.parametrize("depth", [100, 300, 600, 900, 3000, 100_000])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_deep_nesting(opening: str, depth: int, protocol: str):
    closing = "".join({"[": "]", "{": "}"}[c] for c in reversed(opening) if c in "[{")
    value = opening * depth + "1" + closing * depth
    for body in (f"data: {value}\n\n", value, f'data: {{"usage":{{"a":{value}}}}}\n\n'):
        events, message = decode([body.encode()], protocol)
        assert_sound(events, message)
    http_error(protocol, 400, {}, value.encode())


@pytest.mark.parametrize("depth", [100, 300, 900, 3000, 100_000])
def test_deep_arguments(depth: int):
    arguments = '{"a":' + "[" * depth + "]" * depth + "}"
    fragments = [("f", arguments), ("g", "{}")]  # at one index, without ids: is the first whole?
    calls = [{"index": 0, "function": {"name": n, "arguments": a}} for n, a in fragments]
    chunks: list[Any] = [{"choices": [{"delta": {"tool_calls": [call]}}]} for call in calls]
    chunks.append({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode()
    events, message = decode([body])
    assert_sound(events, message)
    assert arguments in message.tool_calls[0].arguments


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_long_numbers(digits: int):
    number = "9" * digits
    for field in ("index", "created", "usage", "id"):
        sound(f'data: {{"choices":[{{"{field}":{number},"delta":{{}}}}]}}\n\n'.encode())
    sound(f'data: {{"usage":{{"prompt_tokens":{number}}},"choices":[]}}\n\n'.encode())
    sound(f'data: {{"error":{{"code":"{number}","message":"m"}}}}\n\n'.encode())
    sound(f'data: {{"error":{{"code":429,"message":"try again in {number}m"}}}}\n\n'.encode())
    sound(f"retry: {number}\ndata: {{}}\n\n".encode())
    SSE().feed(f"retry: {number}\n\n".encode())


OWN = (
    ': ping\n\ndata: {"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"a"}}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{"reasoning_content":"Grüße 👋"}}]}\r\n\r\n'
    'data: {"choices":[{"index":0,"delta":{"content":"<think>a</think>Hi \\ud83d\\ude00"}}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":'
    '{"name":"f","arguments":"{\\"a\\":1}"}}]}}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\n'
    'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'
    "data: [DONE]\n\n"
).encode()


@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_damaged(source: random.Random):
    sound(damaged(OWN, source))


def damaged(body: bytes, source: random.Random) -> bytes:
    """A few bytes changed, lost, doubled, moved or cut off."""
    for _ in range(source.randrange(1, 4)):
        start = source.randrange(len(body) + 1)
        end = min(len(body), start + source.choice([1, 2, 10, 100]))
        piece = body[start:end]
        elsewhere = source.randrange(len(body) + 1)
        match source.randrange(5):
            case 0:
                body = body[:start] + source.randbytes(len(piece)) + body[end:]
            case 1:
                body = body[:start] + body[end:]
            case 2:
                body = body[:end] + piece + body[end:]
            case 3:
                body = body[:elsewhere] + piece + body[elsewhere:]
            case _:
                body = body[:end]
    return body
