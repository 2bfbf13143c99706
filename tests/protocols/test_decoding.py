"""Common ground of all decoders, shown with one of a few lines: how a stream ends, what is
reported.
"""

import json
import sys
from typing import Any

import msgspec
import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.events import Event
from app.core.messages import FinishReason, Message, Timing, Usage
from app.core.wire.framing import AutoFramer, Record
from app.core.wire.secrets import Secrets
from app.core.wire.transport import Request
from app.protocols.decoding import Decoder, as_alternatives, finish_reason


class Told(msgspec.Struct, forbid_unknown_fields=True):
    text: str = ""
    stop: str | None = None
    end: bool = False
    held: str = ""


class Plain(Decoder):
    """A protocol of texts, words for the end, and calls."""

    name = "plain"
    held = ""

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            told = msgspec.json.decode(record.data, type=Told)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._read_leniently(record, out)
        self.ended = self.ended or told.end
        self.held += told.held
        if told.stop is not None:
            self._finish_raw = told.stop
        if told.text:
            out.append(ev.ContentDelta(told.text))
        return None

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        if "id" in fields or "model" in fields:
            self._tell_start(fields.get("id", ""), fields.get("model", ""), out)
        elif "error" in fields:
            self._fail(out, ErrorInfo("server", fields["error"]))
        elif "usage" in fields:
            self._read_usage(fields["usage"], lambda raw: Usage(**raw), out)
        elif "call" in fields:
            out.append(ev.ToolCallStart(0, "c", fields["call"]))
            out.append(ev.ToolCallDelta(0, "{}"))
        elif "reason" in fields:
            self._finish_reason = fields["reason"]
        elif "whole" in fields:
            self._is_whole = True
            out.append(ev.ContentDelta(fields["whole"]))
        else:
            self._stranger(fields, out)

    def _flush(self, out: list[Event]) -> None:
        if self.held:
            out.append(ev.ContentDelta(self.held))


HI = {"text": "Hi"}
STOP = {"stop": "stop"}
END = {"end": True}


def stream(*records: Any) -> bytes:
    lines = (one if isinstance(one, str) else json.dumps(one) for one in records)
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def read(data: bytes, **end: Any) -> tuple[list[Event], Message]:
    decoder = Plain("who")
    events = decoder.feed(data) + decoder.close(**end)
    assert decoder.close() == []
    assert decoder.feed(stream(HI)) == []
    return events, decoder.message


def message_of(*records: Any, **end: Any) -> Message:
    return read(stream(*records), **end)[1]


BROKEN = ErrorInfo("read", "It broke.")


@pytest.mark.parametrize(
    ("records", "end", "status", "reason", "error"),
    [
        ((HI, STOP), {}, "complete", "stop", None),
        ((HI, STOP, END), {}, "complete", "stop", None),
        ((HI, STOP), {"aborted": True}, "complete", "stop", None),
        ((HI, STOP), {"error": BROKEN}, "complete", "stop", None),
        ((HI, {"stop": "MAX_TOKENS"}), {}, "complete", "length", None),
        ((HI, END), {}, "complete", None, None),
        ((HI, END), {"aborted": True}, "aborted", None, None),
        ((HI,), {}, "incomplete", None, None),
        ((HI,), {"aborted": True}, "aborted", None, None),
        ((HI,), {"error": BROKEN}, "error", None, "It broke."),
        ((HI, {"error": "No."}), {}, "error", None, "No."),
        ((HI, {"error": "No."}, STOP), {}, "error", "stop", "No."),
        ((HI, {"error": "No."}, {"error": "Again."}), {"error": BROKEN}, "error", None, "No."),
        ((HI, {"reason": "length"}), {}, "complete", "length", None),
        ((HI, {"reason": "pause"}, STOP), {}, "complete", "pause", None),
        (({"whole": "Hi"},), {}, "complete", None, None),
        ((), {}, "incomplete", None, None),
        ((), {"aborted": True}, "aborted", None, None),
        (({"call": "f"}, STOP), {}, "complete", "tool_calls", None),
        (({"call": "f"}, {"stop": "length"}), {}, "complete", "length", None),
        (({"call": "f"}, {"reason": "stop"}, STOP), {}, "complete", "tool_calls", None),
        (({"call": "f"}, {"error": "No."}, STOP), {}, "error", "stop", "No."),
    ],
)
def test_how_a_stream_ends(
    records: tuple[Any, ...],
    end: dict[str, Any],
    status: str,
    reason: FinishReason | None,
    error: str | None,
) -> None:
    message = message_of(*records, **end)
    assert (message.status, message.finish_reason) == (status, reason)
    assert (message.error.message if message.error else None) == error


@pytest.mark.parametrize(
    ("records", "warning"),
    [
        ((HI, STOP, END), None),
        ((HI, END), "The stream ended properly, but never said why the model stopped."),
        (({"whole": "Hi"},), "The stream ended properly, but never said why the model stopped."),
        ((HI, {"stop": "odd"}), "The provider stopped for a reason that is not known: odd"),
        ((HI, {"reason": "length"}, {"stop": "odd"}), None),
        ((HI, "not JSON", STOP), "A record is not JSON and was passed over."),
        ((HI, ": OPENROUTER PROCESSING", STOP), None),
        ((HI, {"odd": 1}, {"odd": 2}, STOP), "A record is nothing that this protocol knows."),
        ((HI, "[1, {}, {}]", STOP), "A record is nothing that this protocol knows."),
        ((HI, "{}", "[{}, {}]", "[]", STOP), None),
        (
            (HI, "[" * 2000 + "]" * 2000, STOP),
            "A record is nested too deep and was passed over.",
        ),
        ((HI, "[DONE]"), "The stream ended properly, but never said why the model stopped."),
    ],
)
def test_what_is_not_as_it_should_be_is_said_once(
    records: tuple[Any, ...], warning: str | None
) -> None:
    message = message_of(*records)
    assert message.warnings == ([] if warning is None else [warning])
    assert (message.text, message.status) == ("Hi", "complete")


def test_a_warning_shows_what_it_is_about_within_bounds() -> None:
    events, _ = read(stream("x" * 5000, STOP))
    [warning] = [event for event in events if isinstance(event, ev.Warning)]
    assert warning.raw == "x" * 2000


def test_a_record_that_breaks_off_at_the_end_is_told_from_one_that_is_no_json() -> None:
    events, message = read(stream(HI) + b'data: {"text": "th')
    assert message.warnings == ["The stream broke off inside a record."]
    assert message.status == "incomplete"
    assert any(isinstance(event, ev.Warning) and event.raw == '{"text": "th' for event in events)


def test_a_stream_of_which_nothing_ends_and_something_is_no_json_has_failed() -> None:
    message = message_of("no JSON: " + "x" * 5000, "nor this")
    assert message.status == "error"
    assert message.error is not None
    assert message.error.kind == "protocol"
    words = "The provider sent something that is not JSON: no JSON: "
    assert message.error.message == words + "x" * (300 - len("no JSON: "))
    assert message.error.raw == "no JSON: " + "x" * (2000 - len("no JSON: "))


def test_one_that_did_end_has_not() -> None:
    assert message_of(HI, "no JSON", STOP).status == "complete"
    assert message_of(HI, "no JSON", aborted=True).status == "aborted"


def test_a_page_in_place_of_an_answer_is_shown_by_its_beginning() -> None:
    page = b"<!doctype html>" + b"<p>Log in</p>" * 100
    events, message = read(page)
    assert message.status == "error"
    assert message.error is not None
    assert message.error.message == (
        f"The answer is not what a model sends. It begins: {page[:200].decode()}"
    )
    assert isinstance(events[-1], ev.Done)
    cut = Plain()
    for at in range(0, len(page), 7):
        cut.feed(page[at : at + 7])
    cut.close()
    assert cut.message.error is not None
    assert cut.message.error.message == message.error.message


def test_done_is_last_and_carries_counts_word_and_times() -> None:
    timing = Timing(2.0, 1.0)
    usage = {"usage": {"input_tokens": 3, "output_tokens": 1}}
    events, message = read(stream(HI, usage, {"stop": "EOS"}), timing=timing)
    assert events[-1] == ev.Done("complete", "stop", "EOS", Usage(3, 1), timing)
    assert [type(event) for event in events].count(ev.Done) == 1
    assert (message.provider, message.protocol) == ("who", "plain")


def test_counts_are_snapshots_that_complete_each_other_and_none_is_told_twice() -> None:
    first, second = {"input_tokens": 3}, {"output_tokens": 5}
    events, message = read(
        stream(*({"usage": raw} for raw in (first, first, second, {}, None, 3)), HI, STOP)
    )
    told = [event for event in events if isinstance(event, Usage)]
    assert told == [Usage(3), Usage(output_tokens=5)]
    assert message.usage == Usage(3, 5)


def test_id_and_model_are_told_each_once_by_the_first_that_says_them() -> None:
    starts = [{"id": "1"}, {"id": "2"}, {"model": "m"}, {"id": "3", "model": "n"}]
    events, message = read(stream(*starts, HI, STOP))
    told = [event for event in events if isinstance(event, ev.MessageStart)]
    assert told == [ev.MessageStart("1", ""), ev.MessageStart("1", "m")]
    assert (message.id, message.model) == ("1", "m")


def test_comments_are_signs_of_life() -> None:
    decoder = Plain()
    assert decoder.feed(b": still here\n\n") == [ev.Heartbeat("still here")]
    assert decoder.message.parts == []


def test_what_was_held_back_comes_with_the_flush_and_once() -> None:
    decoder = Plain()
    decoder.feed(stream({"held": "Hi"}))
    assert decoder.message.text == ""
    assert decoder.flush() == [ev.ContentDelta("Hi")]
    assert decoder.flush() == []
    assert decoder.feed(stream(HI)) == []
    assert decoder.close() == [ev.Done("incomplete")]
    assert decoder.message.text == "Hi"


def test_an_event_called_error_that_holds_no_object_is_a_failure() -> None:
    for payload in ('"Boom"', "3"):
        decoder = Plain()
        decoder.feed(f"event: error\ndata: {payload}\n\n".encode())
        decoder.close()
        assert decoder.message.status == "error"
    assert decoder.message.error is not None


def test_secrets_are_hidden_in_whatever_comes_until_the_end() -> None:
    decoder = Plain()
    key = "sk-1234567890abcdef"
    secrets = Secrets.of(Request("POST", "https://a.example", {"authorization": f"Bearer {key}"}))
    decoder.hide(secrets)
    events = decoder.feed(stream({"text": f"It is {key[:9]}"}, {"text": key[9:]}))
    events += decoder.feed(stream({"text": " and sk-12345"})) + decoder.close()
    assert key not in decoder.message.text
    assert key[9:] not in decoder.message.text
    said = "".join(event.text for event in events if isinstance(event, ev.ContentDelta))
    assert said == decoder.message.text
    assert said.startswith("It is ")
    assert said.endswith(" and sk-12345")


def test_a_record_that_never_ends_ends_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[AutoFramer.__module__], "MAX_RECORD_BYTES", 1000)
    decoder = Plain()
    decoder.feed(stream(HI))
    events = decoder.feed(b"data: " + b"x" * 2000)
    assert [type(event) for event in events] == [ev.Error]
    assert decoder.ended
    decoder.close()
    assert (decoder.message.status, decoder.message.text) == ("error", "Hi")
    assert decoder.message.error is not None
    assert decoder.message.error.kind == "protocol"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("stop", "stop"),
        ("END_TURN", "stop"),
        ("max_tokens", "length"),
        ("tool_use", "tool_calls"),
        ("SAFETY", "content_filter"),
        ("refusal", "refusal"),
        ("pause_turn", "pause"),
        ("network_error", "error"),
        ("", "unknown"),
        ("whatever", "unknown"),
    ],
)
def test_the_words_of_all_providers_are_one_vocabulary(raw: str, reason: FinishReason) -> None:
    assert finish_reason(raw) == reason


def test_what_happens_in_another_choice_says_which() -> None:
    text, usage = ev.ContentDelta("b"), Usage(1)
    assert list(as_alternatives(2, [text, usage])) == [ev.Alternative(2, text), usage]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("content-filter", "content_filter"),
        ("ContentFilter", "content_filter"),
        ("tool-calls", "tool_calls"),
        ("max_new_tokens", "length"),
        ("FinishReason.MAX_TOKENS", "length"),
        ("repetition_truncation", "length"),
        ("stopped", "stop"),
        ("engine_overloaded", "error"),
        ("user_stop", "unknown"),
        ("MaxTokens", "length"),
        ("max_token", "length"),
        ("length_limit", "length"),
        ("context_window_exceeded", "length"),
        ("toolUse", "tool_calls"),
        ("function_calls", "tool_calls"),
        ("contentFiltered", "content_filter"),
        ("server_error", "error"),
        ("EndTurn", "stop"),
    ],
)
def test_finish_reasons_in_the_spellings_of_gateways(word: str, reason: str) -> None:
    assert finish_reason(word) == reason
