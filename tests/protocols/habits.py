"""One small stream for each habit of providers that is known, and what it means.

`row` numbers the habit: F framing, C Chat Completions, R Responses, A Anthropic, G Gemini,
O Ollama. `name` is that of the same stream in our comparison with other libraries, if it has one.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.protocols.growing import anthropic, block, event, grown, line, said
from tests.protocols.wire import DONE, call, chunk, say, sse

STOP = chunk(finish="stop")
CALLS = chunk(finish="tool_calls")
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
BOOM = {"error": {"message": "Boom", "code": 502}}
HI = sse(say("Hi"), STOP, DONE)


class Habit(NamedTuple):
    """A stream and its meaning: `expect` names what is not as in the usual answer, «Hi»."""

    row: str
    what: str
    body: bytes
    expect: dict[str, Any] = {}
    protocol: str = "openai-chat"
    name: str = ""


def complete() -> Iterator[Habit]:
    """Yield the habits of all protocols."""
    yield from framing()
    yield from chat()
    yield from chat_calls()
    yield from responses()
    yield from anthropic_messages()
    yield from gemini()
    yield from ollama()


def framing() -> Iterator[Habit]:
    """Habits of any event stream."""
    comments = b": OPENROUTER PROCESSING\n\n: keep-alive\n\n"
    yield Habit("-", "nothing unusual", HI, name="baseline")
    yield Habit("F1", "comments", comments + HI, name="comments")
    yield Habit("F1", "comments wrapped into data", b"data: : OPENROUTER PROCESSING\n\n" + HI)
    yield Habit(
        "F2", "an id and a comment, no data", b"id: 1\n: x\n\n" + HI, name="id_then_comment"
    )
    yield Habit("F2", "retry alone", b"retry: 3000\n\n" + HI, name="retry_only_block")
    yield Habit("F3", "no space", HI.replace(b"data: ", b"data:"), name="no_space")
    yield Habit("F3", "CR LF", HI.replace(b"\n", b"\r\n"), name="crlf")
    yield Habit("F3", "CR", HI.replace(b"\n", b"\r"), name="cr_only")
    yield Habit("F3", "a byte order mark", b"\xef\xbb\xbf" + HI, name="bom")
    lines = json.dumps(say("Hi"), indent=1).replace("\n", "\ndata: ")
    yield Habit(
        "F3", "many lines", f"data: {lines}\n\n".encode() + sse(STOP), name="multiline_data"
    )
    wide = json.dumps(say("Grüße 😀"), ensure_ascii=False)
    yield Habit(
        "F4", "characters cut anywhere", sse(wide, STOP), {"text": "Grüße 😀"}, name="utf8_split"
    )
    long = "x" * 3000
    yield Habit("F5", "one long record in drips", sse(say(long), STOP), {"text": long})
    end = sse(STOP).rstrip()
    yield Habit("F6", "no blank line at the end", sse(say("Hi")) + end, name="no_final_blank")
    yield Habit(
        "F6",
        "nor a line end",
        sse(say("Hi")) + end.replace(b"data: ", b"data:"),
        name="finish_unterminated_line",
    )
    yield Habit(
        "F6",
        "cut between records",
        sse(say("Hi")),
        {"status": "incomplete", "finish": None},
        name="truncated_eof",
    )
    yield Habit(
        "F6",
        "cut inside a record",
        sse(say("Hi")) + sse(STOP)[:30],
        {"status": "incomplete", "finish": None, "warnings": 1},
        name="truncated_midevent",
    )
    failed = {"text": "", "status": "error", "finish": None, "error": "Boom"}
    yield Habit("F7", "an error body", json.dumps(BOOM).encode(), failed, name="json_error_body")
    whole = {"object": "chat.completion", "choices": [{"message": {"content": "Hi"}}]}
    whole["choices"][0]["finish_reason"] = "stop"  # type: ignore[index]
    yield Habit("F7", "a whole answer", json.dumps(whole).encode())
    yield Habit(
        "F7", "nothing", b"", failed | {"status": "incomplete", "error": None}, name="empty_body"
    )
    fused = json.dumps(say("H")) + json.dumps(say("i"))
    yield Habit("F8", "two objects in one record", sse(fused, STOP))
    yield Habit(
        "F8",
        "a record that breaks off where the next begins",
        b'data: {"id": "bdata: ' + sse(say("Hi"), STOP)[6:],
        {"warnings": 1},
    )
    yield Habit("F9", "no sentinel", sse(say("Hi"), STOP))
    yield Habit("F9", "more behind it", sse(say("H"), DONE, say("i"), STOP))
    yield Habit(
        "F9",
        "the sentinel alone",
        sse(say("Hi"), DONE),
        {"finish": None, "warnings": 1},
        name="done_no_finish",
    )
    told = failed | {"text": "Hi"}
    error = json.dumps(BOOM).encode()
    yield Habit("F10", "a field named error", sse(say("Hi")) + b"error: " + error + b"\n\n", told)
    yield Habit(
        "F10",
        "an event named error",
        sse(say("Hi")) + b"event: error\ndata: " + error + b"\n\n",
        told,
        name="error_event_name",
    )
    padded = say("Hi") | {"obfuscation": "x7Gh2", "p": "abcdef"}
    yield Habit("F11", "padding", sse(padded, STOP))
    yield Habit("F13", "lines, the last without its end", line(say("Hi")) + line(STOP).rstrip())
    yield Habit("F14", "one array", json.dumps([say("H"), say("i"), STOP]).encode())
    yield Habit("F15", "an unknown event", sse(say("Hi"), {"type": "rate_limits.updated"}, STOP))
    yield Habit(
        "-", "a line of garbage", sse(say("Hi"), "%%%", STOP), {"warnings": 1}, name="garbage_line"
    )
    yield Habit(
        "-",
        "JSON of another type",
        sse(say("Hi"), "7", STOP),
        {"warnings": 1},
        name="garbage_json_type",
    )


def chat() -> Iterator[Habit]:
    """Habits of Chat Completions: text, usage, ends."""
    filtered = {"id": "", "model": "", "choices": [], "prompt_filter_results": [{}]}
    yield Habit(
        "C1", "a filter's chunk first", sse(filtered, say("Hi"), STOP), name="azure_prefilter"
    )
    offsets: Any = {"choices": [{"index": 0, "delta": None, "content_filter_offsets": {}}]}
    yield Habit("C2", "choices without delta", sse(offsets, say("Hi"), STOP, offsets))
    yield Habit("C3", "no choices", sse({"choices": None}, say("Hi"), STOP), name="choices_null")
    counted = {"usage": (3, 2)}
    last = {"choices": [], "usage": USAGE}
    yield Habit("C4", "usage in a chunk of its own", sse(say("Hi"), STOP, last), counted)
    yield Habit("C5", "usage with the end", sse(say("Hi"), STOP | {"usage": USAGE}), counted)
    groq = STOP | {"x_groq": {"usage": USAGE}}
    yield Habit("C6", "usage in a corner", sse(say("Hi"), groq), counted, name="usage_xgroq")
    counts = [{"usage": USAGE | {"completion_tokens": n}} for n in (1, 2)]
    growing = sse(say("H") | counts[0], say("i") | counts[1], STOP)
    yield Habit("C7", "usage that grows", growing, counted, name="usage_cumulative")
    wiped = sse(say("Hi") | counts[1], STOP | {"usage": None})
    yield Habit("C7", "usage that vanishes", wiped, counted, name="usage_then_null")
    yield Habit(
        "C8", "two ends", sse(say("Hi"), STOP, STOP | {"usage": USAGE}), counted, name="dup_finish"
    )
    yield Habit("C9", "text with the end", sse(say("H"), chunk({"content": "i"}, finish="stop")))
    yield Habit(
        "C10",
        "an empty reason on the way",
        sse(chunk({"content": "Hi"}, finish=""), STOP),
        name="finish_reason_empty_str",
    )
    odd = {"finish": "unknown", "warnings": 1}
    yield Habit(
        "C10",
        "a reason of its own",
        sse(say("Hi"), chunk(finish="sunset")),
        odd,
        name="finish_unknown",
    )
    broken = {"status": "error", "error": "Boom", "finish": "error"}
    both = chunk(finish="error") | BOOM
    yield Habit(
        "C11", "an error as reason", sse(say("Hi"), both), broken, name="finish_reason_error"
    )
    stopped = {"status": "error", "error": "Boom", "finish": None}
    yield Habit("C12", "an error in the stream", sse(say("Hi"), BOOM), stopped, name="error_in_200")
    yield Habit("C12", "a bare one", sse(say("Hi"), {"error": "Boom"}), stopped)
    rejected = {"message": "Boom", "code": "tool_use_failed", "failed_generation": "<f>{}</f>"}
    named = b"event: error\n" + sse({"error": rejected})
    yield Habit("C13", "a rejected call", sse(say("Hi")) + named, stopped)
    yield Habit(
        "C25",
        "reasoning_content",
        sse(chunk({"reasoning_content": "Hm."}), say("Hi"), STOP),
        {"reasoning": "Hm."},
        name="reasoning_content",
    )
    yield Habit(
        "C25",
        "reasoning",
        sse(chunk({"reasoning": "Hm."}), say("Hi"), STOP),
        {"reasoning": "Hm."},
        name="reasoning_field",
    )
    twice = chunk({"reasoning": "Hm.", "reasoning_content": "Hm."})
    yield Habit(
        "C25", "both", sse(twice, say("Hi"), STOP), {"reasoning": "Hm."}, name="reasoning_both"
    )
    details = chunk({"reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]})
    yield Habit("C25", "details", sse(details, say("Hi"), STOP), {"reasoning": "Hm."})
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    listed = chunk({"content": [thought, {"type": "text", "text": "Hi"}]})
    yield Habit("C26", "parts", sse(listed, STOP), {"reasoning": "Hm."}, name="content_list")
    tags = map(say, ["<", "thi", "nk>Hm", ".</th", "ink>Hi"])
    yield Habit(
        "C27", "a tag in pieces", sse(*tags, STOP), {"reasoning": "Hm."}, name="think_split"
    )
    prose = "A <think> tag"
    yield Habit("C27", "a tag in prose", sse(say(prose), STOP), {"text": prose})
    yield Habit(
        "C28", "text behind the end", sse(say("H"), STOP, say("i")), name="content_after_finish"
    )
    fake = {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
    yield Habit("C29", "a message for a delta", sse(fake), name="message_not_delta")
    done = fake | {"object": "chat.completion.done", "citations": ["https://a.example"]}
    cited = say("Hi") | {"citations": ["https://a.example"]}
    yield Habit("C30", "all of it once more", sse(cited, done), {"sources": 1})
    yield Habit("C31", "the same twice", sse(say("ha"), say("ha"), STOP), {"text": "haha"})
    limit = {"status": "error", "error": "Boom", "finish": "length", "usage": (3, 2)}
    over = sse(say("Hi"), chunk(finish="length"), BOOM | {"choices": [], "usage": USAGE})
    yield Habit("C32", "an error behind the end", over, limit)
    yield Habit("C33", "ids that change", sse(say("H"), say("i") | {"id": "c2"}, STOP))
    loop = [say("no ")] * 300
    yield Habit(
        "C35", "a loop", sse(*loop), {"text": "no " * 300, "status": "incomplete", "finish": None}
    )
    declined = {"text": "", "refusal": "No."}
    yield Habit("-", "a refusal", sse(chunk({"refusal": "No."}), STOP), declined, name="refusal")


def chat_calls() -> Iterator[Habit]:
    """Habits of Chat Completions: tool calls."""

    def one(row: str, what: str, *records: Any, name: str = "", calls: Any = None) -> Habit:
        meant = calls or [("x", "f", '{"a":1}')]
        expect = {"text": "", "finish": "tool_calls", "calls": meant}
        return Habit(row, what, sse(*records, CALLS), expect, name=name)

    two = [("x", "f", "{}"), ("y", "g", "{}")]
    first, second = call(id="x", name="f", arguments="{}"), call(id="y", name="g", arguments="{}")
    opened = call(id="x", name="f", arguments='{"a"')
    yield one("C14", "no index", opened, call(arguments=":1}"), name="no_index_split_args")
    yield one(
        "C15", "several without", first, second, calls=two, name="no_index_parallel_sep_chunks"
    )
    same = (call(0, id=id, name=name, arguments="{}") for id, name in ("xf", "yg"))
    yield one("C16", "one index for all", *same, calls=two, name="same_index_two_ids")
    start = call(1, id="x", name="f", arguments='{"a":1}')
    yield one("C17", "the first is 1", start, name="index_starts_at_1")
    going_on = call(0, id="", name="", arguments=":1}")
    begun = call(0, id="x", name="f", arguments='{"a"')
    yield one("C18", "empty id and name", begun, going_on, name="empty_id_name_cont")
    nameless = call(0, id="x", arguments='{"a"')
    yield one("C19", "a late name", nameless, call(0, name="f", arguments=":1}"), name="name_late")
    minted = [("call_c1_0", "f", '{"a":1}')]
    yield one("C20", "no id", call(0, name="f", arguments='{"a":1}'), calls=minted, name="no_id")
    as_object = call(0, id="x", name="f", arguments={"a": 1})
    spaced = [("x", "f", '{"a": 1}')]
    yield one("C21", "an object", as_object, calls=spaced, name="args_object")
    grows = [call(0, id="x", name="f", arguments="{}"), call(0, arguments=" ")]
    yield one("C22", "what parses may grow", *grows, calls=[("x", "f", "{} ")])
    half = call(0, id="x", name="f", arguments='{"a"')
    yield one("C23", "half a call", half, calls=[("x", "f", '{"a"')])
    signed = call(0, id="x", name="f", arguments='{"a":1}', extra_content={"google": {"s": "1"}})
    yield one("C24", "a signature", signed)
    meant = {"text": "", "calls": [("x", "f", '{"a":1}')], "finish": "tool_calls"}
    whole = call(0, id="x", name="f", arguments='{"a":1}')
    yield Habit("C36", "stop means the calls", sse(whole, STOP), meant, name="tool_finish_stop")


def responses() -> Iterator[Habit]:
    """Habits of the Responses protocol."""
    at = "openai-responses"
    part = {"type": "output_text", "text": "Hi"}
    item = {"type": "message", "id": "i", "content": [part]}
    ended = event("completed", response={"id": "r", "status": "completed", "output": [item]})
    bare = event("completed", response={"id": "r", "status": "completed"})
    fail = sse({"type": "error", "message": "Boom"})
    failed = event("failed", response={"status": "failed", "error": {"message": "Boom"}})
    told = {"status": "error", "error": "Boom", "finish": "error"}
    yield Habit("R1", "one failure told twice", said("Hi") + fail + failed, told, at)
    nested = sse({"type": "error", "error": {"message": "Boom"}})
    yield Habit("R2", "an error inside an error", said("Hi") + nested, told | {"finish": None}, at)
    turns = [
        event("output_text.delta", output_index=0, item_id=f"i{n}", delta=text)
        for n, text in enumerate("Hi")
    ]
    yield Habit("R3", "ids that change with every event", b"".join(turns) + ended, {}, at)
    yield Habit("R4", "text only at the end", ended, {}, at)
    null = event("output_text.delta", output_index=0, delta=None)
    yield Habit("R5", "null for text", null + ended, {}, at)
    refused = event("refusal.delta", output_index=0, delta="No.")
    declined = {"text": "", "refusal": "No."}
    yield Habit("R6", "a refusal without its end", refused + bare, declined, at)
    numbered = sse({"type": "response.output_text.delta", "sequence_number": 7, "delta": "Hi"})
    yield Habit("R7", "numbered events", numbered + bare, {}, at)
    arguments = '{"tool_uses":[]}'
    wrapper = {"type": "function_call", "call_id": "x", "name": "multi_tool_use.parallel"}
    wrapped = event("output_item.done", output_index=0, item=wrapper | {"arguments": arguments})
    calls = {"text": "", "calls": [("x", "multi_tool_use.parallel", arguments)]}
    yield Habit("R8", "a wrapper of calls", wrapped + bare, calls | {"finish": "tool_calls"}, at)
    summaries = b"".join(
        event("reasoning_summary_text.delta", output_index=0, summary_index=n, delta="Hm.")
        for n in (0, 1)
    )
    thought = {"reasoning": "Hm.\n\nHm."}
    yield Habit("R9", "summaries are paragraphs", summaries + said("Hi", 1) + bare, thought, at)
    sealed = [
        {"type": "reasoning", "id": "q", "summary": [], "encrypted_content": text} for text in "ab"
    ]
    response = {"status": "completed", "output": [sealed[1], item]}
    anew = event("output_item.done", output_index=0, item=sealed[0])
    yield Habit("R10", "sealed anew", anew + event("completed", response=response), {}, at)
    later = sse({"type": "response.rate_limits.updated"})
    yield Habit("R11", "events behind the end, no sentinel", ended + later, {}, at)


def anthropic_messages() -> Iterator[Habit]:
    """Habits of the Messages protocol."""
    at = "anthropic-messages"
    text = grown("text_delta", text="Hi")
    start = sse({"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 43}}})

    def ended(word: str = "end_turn", **fields: Any) -> bytes:
        usage = {"usage": {"input_tokens": 61, "output_tokens": 2}}
        return sse({"type": "message_delta", "delta": {"stop_reason": word} | fields} | usage)

    counted = {"usage": (61, 2)}
    yield Habit("A1", "counts that change", start + text + ended(), counted, at)
    ping = sse({"type": "ping"})
    yield Habit("A2", "pings anywhere", ping + start + ping + text + ended() + ping, counted, at)
    error = sse({"type": "error", "error": {"type": "overloaded_error", "message": "Boom"}})
    told = {"status": "error", "error": "Boom", "finish": None, "usage": (43, None)}
    yield Habit("A3", "an error, then nothing", start + text + error, told, at)
    cut = {"status": "incomplete", "finish": None, "usage": (43, None)}
    yield Habit("A4", "cut before its reason", start + text, cut, at)
    thinking = block("thinking") + grown("thinking_delta", thinking="Hm.")
    thinking += grown("signature_delta", signature="s")
    thinking += sse({"type": "content_block_stop", "index": 0}) + block(
        "redacted_thinking", 1, data="x"
    )
    words = grown("text_delta", 2, text="Hi")
    thought = counted | {"reasoning": "Hm."}
    yield Habit("A5", "signed and redacted thoughts", thinking + words + ended(), thought, at)
    citation = grown("citations_delta", citation={"url": "https://a.example"})
    yield Habit(
        "A6", "citations", block("text") + text + citation + ended(), counted | {"sources": 1}, at
    )
    compact = block("compaction") + grown("compaction_delta", content="…")
    yield Habit("A7", "a compaction", compact + words + ended(), counted | {"tools": 1}, at)
    search = block("server_tool_use", 0, id="s", name="web_search", input={"q": 1})
    search += block("web_search_tool_result", 1, tool_use_id="s", content=[])
    yield Habit("A8", "its own tools", search + words + ended(), counted | {"tools": 1}, at)
    other = block("fallback", 0, to="m2")
    yield Habit("A9", "another model", other + words + ended(), counted | {"tools": 1}, at)
    no = counted | {"text": "", "finish": "refusal", "warnings": 1}
    why = {"category": "c", "explanation": "It may harm."}
    yield Habit(
        "A10", "a refusal without blocks", start + ended("refusal", stop_details=why), no, at
    )
    yield Habit("A11", "a pause", text + ended("pause_turn"), counted | {"finish": "pause"}, at)
    again = sse({"type": "message_start", "message": {"id": "n"}})
    yield Habit(
        "A12", "another message spliced in", start + text + again + text + ended(), counted, at
    )
    yield Habit("A13", "the same start twice", start + text + start + ended(), counted, at)
    yield Habit(
        "A14", "text at the start", start + block("text", 0, text="Hi") + ended(), counted, at
    )
    full = block("tool_use", 0, id="x", name="f", input={"a": 1})
    calls = counted | {"text": "", "calls": [("x", "f", '{"a": 1}')], "finish": "tool_calls"}
    yield Habit("A15", "the whole input at the start", full + ended("tool_use"), calls, at)
    half = block("tool_use", 0, id="x", name="f", input={})
    half += grown("input_json_delta", partial_json='{"a": tr')
    broken = calls | {"calls": [("x", "f", '{"a": tr')]}
    yield Habit("A16", "an input that is no JSON", half + ended("tool_use"), broken, at)
    gaps = anthropic(lambda n: grown("text_delta", 5 * n, text="Hi"[n]))(2)
    yield Habit("A17", "places with gaps, never begun", b"".join(gaps), {}, at)
    news = sse({"type": "brand_new"})
    yield Habit("A18", "events newer than this", news + text + news + ended(), counted, at)


def gemini() -> Iterator[Habit]:
    """Habits of Gemini."""
    at = "gemini"

    def said(*parts: Any, **fields: Any) -> dict[str, Any]:
        return {"candidates": [{"content": {"parts": list(parts)}} | fields]}

    hi, stop = said({"text": "Hi"}), said(finishReason="STOP")
    yield Habit("G1", "an end without content", sse(hi, stop), {}, at)
    each = [said({"text": text}, finishReason="STOP") for text in "Hi"]
    yield Habit("G2", "an end in every record", sse(*each), {}, at)

    def called(*calls: Any) -> bytes:
        return sse(*(said({"functionCall": one}) for one in calls), stop)

    def meant(arguments: str) -> dict[str, Any]:
        return {"text": "", "finish": "tool_calls", "calls": [(None, "f", arguments)]}

    yield Habit("G3", "no id", called({"name": "f", "args": {"a": 1}}), meant('{"a": 1}'), at)
    values = [{"jsonPath": "$.a", "stringValue": text, "willContinue": True} for text in "xy"]
    partial = called(
        {"name": "f", "willContinue": True},
        *({"partialArgs": [value], "willContinue": True} for value in values),
        {},
    )
    yield Habit("G4", "arguments in parts", partial, meant('{"a":"xy"}'), at)
    yield Habit("G5", "no arguments", called({"name": "f"}), meant("{}"), at)
    thought = sse(said({"text": "Hm.", "thought": True}), hi, stop)
    yield Habit("G6", "thoughts", thought, {"reasoning": "Hm."}, at)
    signed = said({"text": "", "thoughtSignature": "s"})
    yield Habit("G7", "a signature on nothing", sse(hi, signed, stop), {}, at)
    counts = [
        {"promptTokenCount": 3, "candidatesTokenCount": 1, "thoughtsTokenCount": 1},
        {"promptTokenCount": 3},
    ]
    counted = sse(*(record | {"usageMetadata": one} for record, one in zip([hi, stop], counts)))  # noqa: B905
    yield Habit("G8", "counts that vanish, thoughts apart", counted, {"usage": (3, 2)}, at)
    blocked = {"text": "", "finish": "content_filter", "warnings": 1}
    feedback = {"candidates": [], "promptFeedback": {"blockReason": "SAFETY"}}
    yield Habit("G9", "a blocked prompt", sse(feedback), blocked, at)
    for row, word, reason in (
        ("G10", "MALFORMED_FUNCTION_CALL", "error"),
        ("G11", "SAFETY", "content_filter"),
        ("G12", "RECITATION", "content_filter"),
    ):
        yield Habit(row, word, sse(hi, said(finishReason=word)), {"finish": reason}, at)
    yield Habit("G13", "stop means the calls", called({"name": "f", "args": {}}), meant("{}"), at)
    yield Habit("G14", "one array", json.dumps([hi, stop], indent=1).encode(), {}, at)


def ollama() -> Iterator[Habit]:
    """Habits of Ollama."""
    at = "ollama"
    counts = {"prompt_eval_count": 3, "eval_count": 2, "total_duration": 10**9}
    end = line({"message": {}, "done": True, "done_reason": "stop"} | counts)
    counted = {"usage": (3, 2)}

    def told(done: bool = False, **message: Any) -> bytes:
        return line({"message": message, "done": done})

    yield Habit(
        "O1",
        "thoughts",
        told(thinking="Hm.") + told(content="Hi") + end,
        counted | {"reasoning": "Hm."},
        at,
    )
    asked = [{"function": {"name": "f", "arguments": {"a": 1}}}]
    calls = counted | {"text": "", "finish": "tool_calls", "calls": [(None, "f", '{"a": 1}')]}
    yield Habit("O2", "an object, no id", told(tool_calls=asked) + end, calls, at)
    last = {"message": {"tool_calls": asked}, "done": True, "done_reason": "stop"}
    yield Habit("O3", "calls on the last line", line(last | counts), calls, at)
    yield Habit("O4", "counts and reason", told(content="Hi") + end, counted, at)
    failed = {"status": "error", "error": "Boom", "finish": None}
    yield Habit("O5", "an error line", told(content="Hi") + line({"error": "Boom"}), failed, at)
    empty = told(thinking="Hm.", content=None) + told(thinking="", content="Hi") + end
    yield Habit("O6", "lines that only think", empty, counted | {"reasoning": "Hm."}, at)
    yield Habit("O7", "no line end", told(content="Hi") + end.rstrip(), counted, at)


HABITS = list(complete())
