"""Streams of any length, one of every kind that could cost more than its length.

Each is a function of how often its core is repeated, and gives the stream record by record. The
same are counted in `test_linear` and timed in `benchmarks/doubling`.
"""

import json
from collections.abc import Callable
from typing import Any

Stream = Callable[[int], list[bytes]]

ARGUMENTS = ['{"a": [', *(['"b}", '] * 3), "{}, "]


def sse(record: Any) -> bytes:
    return f"data: {json.dumps(record)}\n\n".encode()


def line(record: Any) -> bytes:
    return f"{json.dumps(record)}\n".encode()


# --- Chat Completions --------------------------------------------------------------------------


def delta(**fields: Any) -> bytes:
    return sse({"id": "c", "model": "m", "choices": [{"index": 0, "delta": fields}]})


def fragment(arguments: str, **fields: Any) -> bytes:
    name = fields.pop("name", None)
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return delta(tool_calls=[fields | {"function": function}])


STOP = sse({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


def chat(core: Callable[[int], bytes], *begin: bytes) -> Stream:
    return lambda count: [*begin, *(core(n) for n in range(count)), STOP]


def repeated(text: str, **fields: Any) -> bytes:
    """A delta beside a message that says something else, as one that lags behind does."""
    choice = {"index": 0, "delta": {"content": text}, "message": {"content": "no"}}
    return sse({"choices": [choice]} | fields)


CHAT: dict[str, Stream] = {
    "text": chat(lambda n: delta(content=f"word {n} ")),
    "text of one kind": chat(lambda n: delta(content="word ")),
    "text beyond ASCII": chat(lambda n: delta(content="wörd 😀 ")),
    "a think block": chat(lambda n: delta(content="</thin"), delta(content="<think>")),
    "reasoning": chat(lambda n: delta(reasoning_content="word ")),
    "reasoning_details": chat(
        lambda n: delta(reasoning_details=[{"type": "t", "index": 0, "text": "word " * 5}])
    ),
    "many reasoning_details": chat(
        lambda n: delta(reasoning_details=[{"type": "t", "index": n, "text": "word"}])
    ),
    "tool arguments": chat(
        lambda n: fragment(ARGUMENTS[1:][n % 4], index=0),
        fragment(ARGUMENTS[0], index=0, id="c", name="f"),
    ),
    "many calls": chat(lambda n: fragment("{}", index=n, id=f"c{n}", name="f")),
    "many calls without ids": chat(lambda n: fragment("{}", index=0, name="f")),
    "calls without index": chat(lambda n: fragment("{}", id=f"c{n}", name="f")),
    "arguments without index": chat(
        lambda n: fragment(ARGUMENTS[1:][n % 4]), fragment(ARGUMENTS[0], id="c", name="f")
    ),
    "repeated names": chat(lambda n: fragment(ARGUMENTS[n % 5 if n else 0], name="f")),
    "names repeated over what is whole": chat(lambda n: fragment("}", index=0, name="f")),
    "calls told by turns": chat(lambda n: fragment("1", id=f"c{n % 50}")),
    "usage": chat(
        lambda n: sse(
            {
                "choices": [],
                "usage": {"prompt_tokens": 5, "completion_tokens": n, "total_tokens": n},
            }
        )
    ),
    "messages that lag behind": chat(lambda n: repeated("word ")),
    "citations": chat(lambda n: repeated("word ", citations=[f"https://a.example/{n}"])),
    "other choices": chat(
        lambda n: sse({"choices": [{"index": 1 + n % 3, "delta": {"content": "word "}}]})
    ),
    "comments": chat(lambda n: b": still here\n\n"),
    "records that are not JSON": chat(lambda n: b"data: {oops\n\n"),
    "records that nobody knows": chat(lambda n: sse({"surprise": n})),
    "refusal": chat(lambda n: delta(refusal="word ")),
    "sources": chat(
        lambda n: delta(
            annotations=[
                {"type": "url_citation", "url_citation": {"url": f"https://a.example/{n}"}}
            ]
        )
    ),
    "sources told again and again": chat(
        lambda n: repeated("word ", citations=[f"https://a.example/{n}"] * 2)
    ),
    "images": chat(lambda n: delta(images=[{"image_url": {"url": f"https://a.example/{n}.png"}}])),
    "values glued into one record": lambda count: [
        b"data: " + json.dumps({"id": "c", "choices": []}).encode() * count + b"\n\n",
        STOP,
    ],
    "one record of many brackets": lambda count: [
        sse({"surprise": [[[]]] * 50 * count, "choices": []}),
        STOP,
    ],
    "one record that is nearly JSON": lambda count: [
        b'data: {"a": NaN, "choices": [{"delta": {"content": "'
        + b'\\"[' * 50 * count
        + b'"}}]}\n\n',
        STOP,
    ],
    "errors": chat(lambda n: sse({"error": {"message": f"Boom {n}"}})),
}


# --- Responses ---------------------------------------------------------------------------------


def event(name: str, **fields: Any) -> bytes:
    return sse({"type": f"response.{name}"} | fields)


def responses(core: Callable[[int], bytes], *begin: bytes) -> Stream:
    end = event("completed", response={"id": "r", "status": "completed"})
    return lambda count: [*begin, *(core(n) for n in range(count)), end]


def added(kind: str, place: int = 0) -> bytes:
    item = {"type": kind, "id": f"i{place}", "call_id": f"c{place}", "name": "f"}
    return event("output_item.added", output_index=place, item=item)


def said(text: str, place: int = 0) -> bytes:
    return event("output_text.delta", output_index=place, content_index=0, delta=text)


ARGUMENTS_DELTA = "function_call_arguments.delta"
SAID = {"type": "message", "id": "i0", "content": [{"type": "output_text", "text": "no"}]}

RESPONSES: dict[str, Stream] = {
    "text": responses(lambda n: said("word "), added("message")),
    "reasoning": responses(
        lambda n: event("reasoning_summary_text.delta", output_index=0, delta="word "),
        added("reasoning"),
    ),
    "reasoning in many parts": responses(
        lambda n: event("reasoning_summary_text.delta", output_index=0, summary_index=n, delta="a"),
        added("reasoning"),
    ),
    "tool arguments": responses(
        lambda n: event(ARGUMENTS_DELTA, output_index=0, delta="word "), added("function_call")
    ),
    "many calls": responses(lambda n: added("function_call", n)),
    "many items": responses(lambda n: said("word ", n)),
    "usage": responses(
        lambda n: event("in_progress", response={"id": "r", "usage": {"output_tokens": n}}),
    ),
    "refusal": responses(
        lambda n: event("refusal.delta", output_index=0, content_index=0, delta="word "),
        added("message"),
    ),
    "sources": responses(
        lambda n: event(
            "output_text.annotation.added",
            output_index=0,
            content_index=0,
            annotation={"type": "url_citation", "url": f"https://a.example/{n}"},
        ),
        added("message"),
    ),
    "tools of the provider": responses(
        lambda n: event(
            "output_item.done", output_index=n, item={"type": "web_search_call", "id": f"w{n}"}
        )
    ),
    "arguments told whole again and again": responses(
        lambda n: (
            event(ARGUMENTS_DELTA, output_index=0, delta="word ")
            if n % 2
            else event("function_call_arguments.done", output_index=0, arguments="no")
        ),
        added("function_call"),
    ),
    "an item told again and again": responses(
        lambda n: (
            said("word " * 5) if n % 2 else event("output_item.done", output_index=0, item=SAID)
        ),
    ),
    "wholes told again and again": responses(
        lambda n: (
            said("word " * 5)
            if n % 2
            else event("output_text.done", output_index=0, content_index=0, text="no")
        ),
    ),
    "an end told again and again": responses(
        lambda n: (
            said("word ", n)
            if n % 2
            else event("completed", response={"id": "r", "status": "completed", "output": [SAID]})
        ),
    ),
}


# --- Anthropic ---------------------------------------------------------------------------------


def block(kind: str, place: int = 0, **fields: Any) -> bytes:
    content = {"type": kind} | fields
    return sse({"type": "content_block_start", "index": place, "content_block": content})


def grown(kind: str, place: int = 0, **fields: Any) -> bytes:
    return sse({"type": "content_block_delta", "index": place, "delta": {"type": kind} | fields})


def anthropic(core: Callable[[int], bytes], *begin: bytes) -> Stream:
    start = sse({"type": "message_start", "message": {"id": "m", "model": "m"}})
    end = sse({"type": "message_delta", "delta": {"stop_reason": "end_turn"}})
    return lambda count: [start, *begin, *(core(n) for n in range(count)), end]


ANTHROPIC: dict[str, Stream] = {
    "text": anthropic(lambda n: grown("text_delta", text="word "), block("text")),
    "reasoning": anthropic(lambda n: grown("thinking_delta", thinking="word "), block("thinking")),
    "tool arguments": anthropic(
        lambda n: grown("input_json_delta", partial_json="word "),
        block("tool_use", id="t", name="f", input={}),
    ),
    "many calls": anthropic(lambda n: block("tool_use", n, id=f"t{n}", name="f", input={})),
    "tools of the provider": anthropic(
        lambda n: block("server_tool_use", n, id=f"s{n}", name="web_search", input={"q": n})
    ),
    "citations": anthropic(
        lambda n: grown("citations_delta", citation={"url": f"https://a.example/{n}"}),
        block("text"),
    ),
    "a compaction": anthropic(
        lambda n: grown("compaction_delta", content="word " * 5), block("compaction")
    ),
    "results of the provider": anthropic(
        lambda n: block(
            "web_search_tool_result",
            n,
            tool_use_id=f"s{n}",
            content=[{"type": "web_search_result", "url": f"https://a.example/{n}"}],
        )
    ),
    "signatures": anthropic(lambda n: grown("signature_delta", n, signature="s" * 50)),
    "usage": anthropic(
        lambda n: sse({"type": "message_delta", "delta": {}, "usage": {"output_tokens": n}})
    ),
    "messages one behind the other": anthropic(
        lambda n: (
            grown("text_delta", text="word ")
            if n % 2
            else sse({"type": "message_start", "message": {"id": f"m{n}"}})
        ),
    ),
}


# --- Gemini ------------------------------------------------------------------------------------


def parts(*parts: Any, **fields: Any) -> bytes:
    return sse({"candidates": [{"index": 0, "content": {"parts": parts}} | fields]})


def gemini(core: Callable[[int], bytes], *begin: bytes) -> Stream:
    end = sse({"candidates": [{"index": 0, "finishReason": "STOP"}]})
    return lambda count: [*begin, *(core(n) for n in range(count)), end]


def grounded(number: int) -> bytes:
    segment = {"startIndex": number, "endIndex": number + 4}
    return parts(
        {"text": "wörd "},
        groundingMetadata={
            "groundingChunks": [{"web": {"uri": f"https://a.example/{number}"}}],
            "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}],
        },
    )


GEMINI: dict[str, Stream] = {
    "text": gemini(lambda n: parts({"text": "word "})),
    "reasoning": gemini(lambda n: parts({"text": "word ", "thought": True})),
    "signatures": gemini(lambda n: parts({"text": "word ", "thoughtSignature": "s" * 50})),
    "tool arguments": gemini(
        lambda n: parts(
            {
                "functionCall": {
                    "partialArgs": [
                        {"jsonPath": "$.a", "stringValue": "word ", "willContinue": True}
                    ],
                    "willContinue": True,
                }
            }
        ),
        parts({"functionCall": {"name": "f", "willContinue": True}}),
    ),
    "many arguments": gemini(
        lambda n: parts(
            {
                "functionCall": {
                    "partialArgs": [{"jsonPath": f"$.a[{n}].b", "numberValue": n}],
                    "willContinue": True,
                }
            }
        ),
        parts({"functionCall": {"name": "f", "willContinue": True}}),
    ),
    "many calls": gemini(lambda n: parts({"functionCall": {"name": "f", "args": {"a": n}}})),
    "tools of the server": gemini(
        lambda n: parts({"executableCode": {"language": "PYTHON", "code": "1"}})
    ),
    "sources": gemini(grounded),
    "usage": gemini(
        lambda n: sse({"candidates": [], "usageMetadata": {"candidatesTokenCount": n}})
    ),
    "other candidates": gemini(lambda n: parts({"text": "word "}, index=1 + n % 3)),
}


# --- Ollama ------------------------------------------------------------------------------------


def ollama(core: Callable[[int], dict[str, Any]]) -> Stream:
    end = line({"done": True, "done_reason": "stop"})
    return lambda count: [*(line({"done": False} | core(n)) for n in range(count)), end]


# --- Gemini's Interactions ---------------------------------------------------------------------


def interactions(kind: str, delta: dict[str, Any], **fields: Any) -> Stream:
    """One step of so many deltas."""
    start = sse({"event_type": "step.start", "index": 0, "step": {"type": kind} | fields})
    piece = sse({"event_type": "step.delta", "index": 0, "delta": delta})
    stop = sse({"event_type": "step.stop", "index": 0})
    return lambda count: [start, *([piece] * count), stop, INTERACTION]


INTERACTION = sse({"event_type": "interaction.completed", "interaction": {"status": "completed"}})
CITED = [{"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 4}]
SAID = {"type": "text", "text": "word ", "annotations": CITED}

INTERACTIONS: dict[str, Stream] = {
    "text": interactions("model_output", {"type": "text", "text": "word "}),
    "reasoning": interactions(
        "thought", {"type": "thought_summary", "content": {"type": "text", "text": "word "}}
    ),
    "arguments": interactions(
        "function_call", {"type": "arguments_delta", "arguments": "word "}, id="c", name="f"
    ),
    "citations": interactions("model_output", SAID),
    "steps": lambda count: (
        [
            b"".join(
                sse({"event_type": f"step.{name}", "index": n} | fields)
                for name, fields in (
                    ("start", {"step": {"type": "model_output"}}),
                    ("delta", {"delta": SAID}),
                    ("stop", {}),
                )
            )
            for n in range(count)
        ]
        + [INTERACTION]
    ),
}


OLLAMA: dict[str, Stream] = {
    "text": ollama(lambda n: {"message": {"content": "word "}}),
    "reasoning": ollama(lambda n: {"message": {"thinking": "word "}}),
    "many calls": ollama(
        lambda n: {"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": n}}}]}}
    ),
    "usage": ollama(lambda n: {"message": {}, "done": True, "eval_count": n}),
}


# --- AG-UI -------------------------------------------------------------------------------------

RUN = {"threadId": "t", "runId": "r"}
FINISHED = {"type": "RUN_FINISHED", **RUN, "outcome": {"type": "success"}}


def told(kind: str, **fields: Any) -> bytes:
    return sse({"type": kind} | fields)


def ag_ui(core: Callable[[int], bytes], *begin: bytes, end: bytes = sse(FINISHED)) -> Stream:
    begin = (told("RUN_STARTED", **RUN), *begin)
    return lambda count: [*begin, *(core(n) for n in range(count)), end]


def message(id: str, role: str = "assistant") -> bytes:
    return b"".join(
        [
            told("TEXT_MESSAGE_START", messageId=id, role=role),
            told("TEXT_MESSAGE_CONTENT", messageId=id, delta="word "),
            told("TEXT_MESSAGE_END", messageId=id),
        ]
    )


def thought(id: str) -> bytes:
    return b"".join(
        [
            told("REASONING_START", messageId=id),
            told("REASONING_MESSAGE_START", messageId=id, role="reasoning"),
            told("REASONING_MESSAGE_CONTENT", messageId=id, delta="word "),
            told("REASONING_MESSAGE_END", messageId=id),
            told("REASONING_END", messageId=id),
        ]
    )


def called(id: str) -> bytes:
    return told("TOOL_CALL_START", toolCallId=id, toolCallName="f") + told(
        "TOOL_CALL_ARGS", toolCallId=id, delta="{}"
    )


def answered(id: str) -> bytes:
    result = {"messageId": f"of-{id}", "toolCallId": id, "content": "word"}
    return told("TOOL_CALL_END", toolCallId=id) + told("TOOL_CALL_RESULT", **result)


def remembered(number: int) -> bytes:
    function = {"name": "f", "arguments": "{}"}
    calls = [{"id": f"c{number}", "type": "function", "function": function}]
    answer = {"id": f"m{number}", "role": "assistant", "content": "word ", "toolCalls": calls}
    result = {"id": f"t{number}", "role": "tool", "toolCallId": f"c{number}", "content": "word"}
    return told("MESSAGES_SNAPSHOT", messages=[answer, result])


def patch(path: str, value: Any) -> list[dict[str, Any]]:
    return [{"op": "add", "path": path, "value": value}]


def asking(count: int) -> list[bytes]:
    """Many questions about one call that has much to say."""
    asks = {"reason": "tool_call", "message": "Sure?", "toolCallId": "c"}
    asked = [asks | {"id": f"i{number}"} for number in range(count)]
    outcome = {"outcome": {"type": "interrupt", "interrupts": asked}}
    arguments = told("TOOL_CALL_CHUNK", toolCallId="c", delta=json.dumps({"a": "word " * count}))
    begin = told("TOOL_CALL_CHUNK", toolCallId="c", toolCallName="f")
    return [begin, arguments, sse(FINISHED | outcome)]


AG_UI: dict[str, Stream] = {
    "text": ag_ui(lambda n: told("TEXT_MESSAGE_CONTENT", messageId="m", delta="wörd ")),
    "chunks": ag_ui(lambda n: told("TEXT_MESSAGE_CHUNK", messageId="m", delta="word ")),
    "messages one behind the other": ag_ui(lambda n: message(f"m{n}")),
    "words of others": ag_ui(lambda n: message(f"m{n}", "user")),
    "reasoning": ag_ui(lambda n: thought(f"r{n}")),
    "reasoning in chunks": ag_ui(
        lambda n: told("REASONING_MESSAGE_CHUNK", messageId="r", delta="word ")
    ),
    "sealed reasoning": ag_ui(
        lambda n: told(
            "REASONING_ENCRYPTED_VALUE", subtype="message", entityId=f"r{n}", encryptedValue="s"
        )
    ),
    "thoughts of earlier versions": ag_ui(
        lambda n: told("THINKING_TEXT_MESSAGE_CONTENT", delta="word "),
        told("THINKING_START", title="word"),
    ),
    "tool arguments": ag_ui(
        lambda n: told("TOOL_CALL_ARGS", toolCallId="c", delta=ARGUMENTS[1:][n % 4]),
        told("TOOL_CALL_START", toolCallId="c", toolCallName="f"),
        told("TOOL_CALL_ARGS", toolCallId="c", delta=ARGUMENTS[0]),
    ),
    "calls in chunks": ag_ui(
        lambda n: told("TOOL_CALL_CHUNK", toolCallId=f"c{n}", toolCallName="f", delta="{}")
    ),
    "many calls": ag_ui(lambda n: called(f"c{n}")),
    "calls with results": ag_ui(lambda n: called(f"c{n}") + answered(f"c{n}")),
    "questions": asking,
    "snapshots": ag_ui(remembered),
    "state": ag_ui(lambda n: told("STATE_SNAPSHOT", snapshot={"n": n})),
    "changes of the state": ag_ui(
        lambda n: told("STATE_DELTA", delta=patch("/list/-", n)),
        told("STATE_SNAPSHOT", snapshot={"list": []}),
    ),
    "activities": ag_ui(
        lambda n: told(
            "ACTIVITY_SNAPSHOT", messageId=f"a{n}", activityType="plan", content={"n": n}
        )
    ),
    "changes of an activity": ag_ui(
        lambda n: told(
            "ACTIVITY_DELTA", messageId="a", activityType="plan", patch=patch(f"/{n}", n)
        ),
        told("ACTIVITY_SNAPSHOT", messageId="a", activityType="plan", content={}),
    ),
    "changes that do not fit": ag_ui(lambda n: told("STATE_DELTA", delta=patch("/no/where", n))),
    "steps": ag_ui(
        lambda n: (
            told("STEP_STARTED", stepName=f"step {n}")
            + message("m")
            + told("STEP_FINISHED", stepName=f"step {n}")
        )
    ),
    "parts of the agent": ag_ui(
        lambda n: (
            told("SUBAGENT_STARTED", subagentRunId=f"s{n}", name="scout")
            + told("SUBAGENT_FINISHED", subagentRunId=f"s{n}")
        )
    ),
    "parts that fail": ag_ui(
        lambda n: told("SUBAGENT_ERROR", subagentRunId=f"s{n}", message="word")
    ),
    "what is passed through": ag_ui(lambda n: told("RAW", event={"n": n})),
    "sources": ag_ui(
        lambda n: told("CUSTOM", name="source", value={"url": f"https://a.example/{n}"})
    ),
    "usage": lambda count: [
        told("RUN_STARTED", **RUN),
        sse(FINISHED | {"usage": [{"outputTokens": n} for n in range(count)]}),
    ],
    "a run that fails": ag_ui(
        lambda n: told("TEXT_MESSAGE_CONTENT", messageId="m", delta="word "),
        end=told("RUN_ERROR", message="Boom", code="x"),
    ),
    "records that nobody knows": ag_ui(lambda n: told("SUNRISE")),
}


# --- our own -----------------------------------------------------------------------------------


def tokenfall(core: Callable[[int], dict[str, Any]]) -> Stream:
    end = sse({"type": "done", "status": "complete", "finish_reason_raw": "stop"})
    return lambda count: [*(sse(core(n)) for n in range(count)), end]


TOKENFALL: dict[str, Stream] = {
    "text": tokenfall(lambda n: {"type": "content_delta", "text": "word "}),
    "refusal": tokenfall(lambda n: {"type": "refusal_delta", "text": "word "}),
    "sources": tokenfall(lambda n: {"type": "source", "url": f"https://a.example/{n}"}),
    "results": tokenfall(lambda n: {"type": "tool_result", "call_id": f"c{n}", "content": "word"}),
    "warnings": tokenfall(lambda n: {"type": "warning", "message": "word"}),
    "alternatives": tokenfall(
        lambda n: {
            "type": "alternative",
            "choice": n % 3,
            "event": {"type": "content_delta", "text": "word "},
        }
    ),
    "many calls": tokenfall(
        lambda n: {"type": "tool_call_start", "index": n, "id": f"c{n}", "name": "f"}
    ),
    "usage": tokenfall(lambda n: {"type": "usage", "output_tokens": n}),
    "steps": tokenfall(lambda n: {"type": "step_reset", "reason": "again"}),
    "records that nobody knows": tokenfall(lambda n: {"type": "surprise"}),
}


STREAMS: dict[str, dict[str, Stream]] = {
    "openai-chat": CHAT,
    "openai-responses": RESPONSES,
    "anthropic-messages": ANTHROPIC,
    "gemini": GEMINI,
    "gemini-interactions": INTERACTIONS,
    "ollama": OLLAMA,
    "ag-ui": AG_UI,
    "tokenfall": TOKENFALL,
}
