"""Records out of recorded bytes, without a browser."""

import json
from time import thread_time

from app.browser.conversation.wire.wire_rows import WireRows, told
from app.core.events import ContentDelta, Warning
from app.core.wire.recording import Chunk, Exchange
from app.core.wire.transport import Request
from app.protocols import decoder
from app.scripted.openai_chat import EVENT_STREAM, Answer, error_body, records

REQUEST = Request("POST", "https://example.org/v1/chat/completions", {})


def test_a_record_has_the_time_of_the_chunk_that_ended_it() -> None:
    data = b"".join(records(Answer(text="One two")))
    cut = data.index(b"One")
    chunks = [Chunk(0.1, data[:cut]), Chunk(0.9, data[cut:])]
    exchange = Exchange(REQUEST, 200, dict(EVENT_STREAM), 0.05, chunks)
    reading = WireRows(exchange, decoder("openai-chat"))
    rows = reading.more()
    assert b"".join(row.data for row in rows) == data
    assert [row.at_s for row in rows] == [0.1, 0.9, 0.9, 0.9, 0.9]
    assert [round(row.gap_s, 3) for row in rows] == [0, 0.8, 0, 0, 0]
    assert rows[1].is_late
    assert not rows[2].is_late
    assert reading.longest_gap_s == 0.8
    assert reading.more() == []
    exchange.end, exchange.ended_s = "end", 1.0
    [last] = reading.more()
    assert last.data == b""
    assert type(last.events[-1]).__name__ == "Done"
    events = [event for row in rows for event in row.events if isinstance(event, ContentDelta)]
    assert "".join(event.text for event in events) == "One two"


def test_a_refusal_is_shown_and_not_decoded() -> None:
    data = error_body("No", type="error")
    exchange = Exchange(REQUEST, 400, {}, 0.1, [Chunk(0.2, data)], "end", 0.3)
    [row] = WireRows(exchange, decoder("openai-chat")).more()
    assert row.data == data
    assert not row.events


def test_a_cut_stream_gives_its_rest_as_a_record() -> None:
    data = b"".join(records(Answer(text="One two")))[:-20]
    chunks = [Chunk(0.2, data)]
    exchange = Exchange(REQUEST, 200, dict(EVENT_STREAM), 0.1, chunks, "error", 0.4, "It broke.")
    rows = WireRows(exchange, decoder("openai-chat")).more()
    assert b"".join(row.data for row in rows) == data
    assert rows[-1].events


def test_an_exchange_that_never_began_has_no_rows() -> None:
    exchange = Exchange(REQUEST, end="error", ended_s=0.1, error="Nobody there.")
    assert WireRows(exchange, decoder("openai-chat")).more() == []


def test_an_event_is_told_in_a_line() -> None:
    assert told(ContentDelta("Hi\n")) == 'ContentDelta {"text":"Hi\\n"}'
    assert len(told(ContentDelta("x" * 1000))) == 160


def test_one_long_record_in_many_pieces_costs_what_it_is_long() -> None:
    """Processor time is measured: searching and copying are written in C."""

    def seconds(count: int) -> float:
        exchange = Exchange(REQUEST, 200, dict(EVENT_STREAM), 0.1, [Chunk(0.1, b"data: \n")])
        reading = WireRows(exchange, decoder("openai-chat"))
        before = thread_time()
        for _ in range(count):
            exchange.chunks.append(Chunk(0.1, b"x" * 2000))
            assert not reading.more()
        return thread_time() - before

    short, long = min(seconds(100) for _ in range(3)), min(seconds(800) for _ in range(3))
    assert long < 16 * short


def test_the_time_until_an_answer_begins_is_no_gap_in_it() -> None:
    chunks = [Chunk(9.0, b"data: {}\n\n"), Chunk(9.2, b"data: {}\n\n"), Chunk(9.7, b"data: {}\n\n")]
    exchange = Exchange(REQUEST, 200, dict(EVENT_STREAM), 8.0, chunks)
    reading = WireRows(exchange, decoder("openai-chat"))
    rows = reading.more()
    assert [round(row.gap_s, 3) for row in rows] == [0, 0.2, 0.5]
    assert [row.is_late for row in rows] == [False, False, True]
    assert round(reading.longest_gap_s, 3) == 0.5
    assert reading.count == 3
    assert reading.total_bytes == 30


def test_what_an_agent_shows_goes_on_from_what_was_sent() -> None:
    question = b'{"threadId":"t","runId":"r","state":{"count":1},"messages":[],"tools":[]}'
    request = Request("POST", "https://example.org/agent", {}, question)
    changes = [
        {"type": "RUN_STARTED", "threadId": "t", "runId": "r"},
        {"type": "STATE_DELTA", "delta": [{"op": "replace", "path": "/count", "value": 2}]},
        {"type": "RUN_FINISHED", "threadId": "t", "runId": "r"},
    ]
    data = b"".join(b"data: %s\n\n" % json.dumps(change).encode() for change in changes)
    exchange = Exchange(request, 200, dict(EVENT_STREAM), 0.1, [Chunk(0.2, data)], "end", 0.3)
    events = [event for row in WireRows(exchange, decoder("ag-ui")).more() for event in row.events]
    assert not [event for event in events if isinstance(event, Warning)]


def test_what_no_line_ended_has_the_time_at_which_it_came() -> None:
    chunks = [Chunk(0.2, b"data: "), Chunk(0.4, b"[DONE]")]
    exchange = Exchange(REQUEST, 200, dict(EVENT_STREAM), 0.1, chunks, "end", 0.9)
    last = WireRows(exchange, decoder("openai-chat")).more()[0]
    assert (last.at_s, last.data) == (0.4, b"data: [DONE]")
