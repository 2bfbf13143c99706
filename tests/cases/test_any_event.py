"""Records of each protocol in which any field may hold anything: always a sound answer."""

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


# --- Anthropic Messages ------------------------------------------------------------------------

CITATION = record(type=TEXT, url=TEXT, title=TEXT, cited_text=TEXT, source=TEXT)
BLOCK = record(
    type=st.sampled_from(
        ["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "mcp_tool_use"]
        + ["web_search_tool_result", "mcp_tool_result", "compaction", "new"]
    ),
    id=st.sampled_from(["", "s", "t"]),
    tool_use_id=st.sampled_from(["", "s", "t"]),
    name=st.sampled_from(["", "f", "g"]),
    text=WORDS,
    thinking=WORDS,
    signature=TEXT,
    data=TEXT,
    input=ANYTHING | ARGUMENTS,
    content=ANYTHING,
    citations=st.none() | st.lists(CITATION, max_size=2),
    caller=ANYTHING,
)
MESSAGE_USAGE = record(
    input_tokens=SCALAR, output_tokens=SCALAR, output_tokens_details=record(thinking_tokens=SCALAR)
)
MESSAGE = record(
    type=st.just("message"),
    id=st.sampled_from(["", "m", "n"]),
    model=TEXT,
    content=st.lists(BLOCK, max_size=3) | WORDS,
    stop_reason=st.none() | st.sampled_from(["end_turn", "tool_use", "refusal", "new"]),
    stop_details=record(explanation=TEXT),
    usage=MESSAGE_USAGE,
)
DELTAS = ["text", "thinking", "input_json", "signature", "citations", "compaction", "new"]
DELTA = record(
    type=st.sampled_from([f"{name}_delta" for name in DELTAS]),
    text=WORDS,
    thinking=WORDS,
    partial_json=ARGUMENTS,
    signature=TEXT,
    citation=CITATION,
    content=TEXT,
    stop_reason=st.none() | st.sampled_from(["end_turn", "max_tokens", "pause_turn"]),
    stop_details=record(explanation=TEXT),
)
STEPS = ["content_block_start", "content_block_delta", "content_block_stop", "message_start"]
STEPS += ["message_delta", "message_stop", "ping", "error", "new"]
STEP = record(
    type=st.sampled_from(STEPS),
    index=PLACE,
    content_block=BLOCK,
    delta=DELTA,
    message=MESSAGE,
    usage=MESSAGE_USAGE,
    error=FAILURE,
)


@EXAMPLES
@given(st.lists(st.tuples(FRAME, STEP | STEP | MESSAGE | ANYTHING), max_size=8))
def test_anthropic(items: list[tuple[str, Any]]):
    sound(body_of(items), "anthropic-messages")


# --- Gemini ------------------------------------------------------------------------------------

STEP_OF_PATH = st.sampled_from([".a", ".b", "[0]", "[1]", "['c d']", "?"])
PARTIAL = record(
    jsonPath=st.lists(STEP_OF_PATH, max_size=3).map(lambda steps: "$" + "".join(steps)),
    stringValue=WORDS,
    numberValue=SCALAR,
    boolValue=st.booleans(),
    nullValue=TEXT,
    willContinue=st.booleans(),
)
FUNCTION = record(
    id=TEXT,
    name=st.sampled_from(["", "f", "g"]),
    args=ANYTHING,
    partialArgs=st.lists(PARTIAL, max_size=3),
    willContinue=st.booleans(),
)
SIDE = record(toolType=TEXT, id=TEXT, args=ANYTHING, code=TEXT, language=TEXT, output=TEXT)
CONTENT_PART = record(
    text=WORDS,
    thought=st.booleans(),
    thoughtSignature=TEXT,
    functionCall=FUNCTION,
    inlineData=record(mimeType=TEXT, data=TEXT),
    fileData=record(mimeType=TEXT, fileUri=TEXT),
    executableCode=SIDE,
    codeExecutionResult=SIDE,
    toolCall=SIDE,
    toolResponse=SIDE,
)
SPAN = record(startIndex=SCALAR, endIndex=SCALAR)
GROUNDING = record(
    webSearchQueries=st.lists(TEXT, max_size=2),
    groundingChunks=st.lists(record(web=record(uri=TEXT, title=TEXT)), max_size=2),
    groundingSupports=st.lists(
        record(segment=SPAN, groundingChunkIndices=st.lists(PLACE, max_size=2)), max_size=2
    ),
)
CANDIDATE = record(
    index=PLACE,
    content=record(parts=st.lists(CONTENT_PART, max_size=3)),
    finishReason=st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "", "new"]),
    finishMessage=TEXT,
    groundingMetadata=GROUNDING,
    citationMetadata=record(citations=st.lists(record(uri=TEXT, endIndex=SCALAR), max_size=2)),
    urlContextMetadata=record(urlMetadata=st.lists(ANYTHING, max_size=2)),
)
GENERATED = record(
    candidates=st.lists(CANDIDATE, max_size=2),
    promptFeedback=record(blockReason=TEXT),
    usageMetadata=record(promptTokenCount=SCALAR, thoughtsTokenCount=SCALAR),
    modelVersion=TEXT,
    responseId=TEXT,
    error=st.none() | FAILURE,
)


@EXAMPLES
@given(st.lists(st.tuples(FRAME, GENERATED | GENERATED | ANYTHING), max_size=6))
def test_gemini(items: list[tuple[str, Any]]):
    sound(body_of(items), "gemini")


@EXAMPLES
@given(st.lists(GENERATED | ANYTHING, max_size=4), st.sampled_from(["]", "", ",]", "]]", "}"]))
def test_gemini_as_an_array(items: list[Any], tail: str):
    sound(f"[{', '.join(map(json.dumps, items))}{tail}".encode(), "gemini")


# --- Gemini's Interactions ---------------------------------------------------------------------

STEP_KINDS = st.sampled_from(
    ["model_output", "thought", "function_call", "google_search_call", "google_search_result"]
)
CONTENT = record(
    type=st.sampled_from(["text", "image", "thought_summary", "arguments_delta"]) | TEXT,
    text=TEXT,
    content=record(text=TEXT),
    arguments=TEXT | ANYTHING,
    result=ANYTHING,
    annotations=st.lists(record(url=TEXT, start_index=SCALAR, end_index=SCALAR), max_size=2),
    signature=TEXT,
    data=TEXT,
)
STEP_EVENT = record(
    event_type=st.sampled_from(
        ["step.start", "step.delta", "step.stop", "interaction.completed", "error"]
    ),
    index=st.sampled_from([0, 1, None]) | SCALAR,
    step=record(
        type=STEP_KINDS,
        id=TEXT,
        call_id=TEXT,
        name=TEXT,
        arguments=ANYTHING,
        content=st.lists(CONTENT | ANYTHING, max_size=2),
        summary=st.lists(CONTENT, max_size=2),
        error=FAILURE,
    ),
    delta=CONTENT,
    interaction=record(
        id=TEXT,
        status=st.sampled_from(["completed", "requires_action", "failed", "incomplete"]) | TEXT,
        steps=st.lists(record(type=STEP_KINDS, content=st.lists(CONTENT, max_size=2)), max_size=2),
        errors=st.lists(FAILURE, max_size=1),
        usage=record(total_tokens=SCALAR),
        continuation_token=TEXT,
    ),
)


@EXAMPLES
@given(st.lists(st.tuples(FRAME, STEP_EVENT | STEP_EVENT | ANYTHING), max_size=8))
def test_gemini_interactions(items: list[tuple[str, Any]]):
    sound(body_of(items), "gemini-interactions")


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


# --- AG-UI -------------------------------------------------------------------------------------

KINDS = ["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CHUNK", "TEXT_MESSAGE_END"]
KINDS += ["REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_CHUNK"]
KINDS += ["REASONING_MESSAGE_END", "REASONING_START", "REASONING_END", "REASONING_ENCRYPTED_VALUE"]
KINDS += ["TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_CHUNK", "TOOL_CALL_END"]
KINDS += ["TOOL_CALL_RESULT", "MESSAGES_SNAPSHOT", "STATE_SNAPSHOT", "STATE_DELTA", "RAW", "CUSTOM"]
KINDS += ["ACTIVITY_SNAPSHOT", "ACTIVITY_DELTA", "RUN_STARTED", "RUN_FINISHED", "RUN_ERROR"]
KINDS += ["STEP_STARTED", "STEP_FINISHED", "SUBAGENT_STARTED", "SUBAGENT_FINISHED"]
KINDS += ["SUBAGENT_ERROR", "THINKING_TEXT_MESSAGE_CONTENT", "SUNRISE"]
IDS = st.sampled_from(["", "c", "d"])
POINTER = st.sampled_from(["", "/a", "/b/0", "/b/-", "/~1", "/a/b", "x"])
PATCH = st.lists(
    record(
        **{"from": POINTER},
        op=st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        path=POINTER,
        value=ANYTHING,
    ),
    max_size=3,
)
FILE_PART = record(
    type=st.sampled_from(["text", "image", "document"]),
    text=WORDS,
    source=record(type=st.sampled_from(["data", "url"]), value=TEXT, mimeType=TEXT),
    metadata=record(filename=TEXT),
)
ENTRY = record(
    id=IDS,
    role=st.sampled_from(["user", "assistant", "tool", "reasoning", "system"]),
    content=WORDS | st.lists(FILE_PART, max_size=2),
    toolCalls=st.lists(record(id=IDS, function=record(name=TEXT, arguments=ARGUMENTS)), max_size=2),
    toolCallId=IDS,
    error=TEXT,
    encryptedValue=TEXT,
)
INTERRUPT = record(
    id=IDS,
    reason=TEXT,
    message=TEXT,
    toolCallId=IDS,
    responseSchema=record(
        properties=st.dictionaries(TEXT, record(type=st.just("boolean")), max_size=2),
        required=st.lists(TEXT, max_size=2),
    ),
)
RUN_EVENT = st.builds(
    lambda fields, kind: fields | {"type": kind},
    record(
        messageId=IDS,
        delta=WORDS | ARGUMENTS | PATCH,
        patch=PATCH,
        role=st.sampled_from(["assistant", "user", "tool", ""]),
        toolCallId=IDS,
        toolCallName=TEXT,
        content=WORDS | st.lists(FILE_PART, max_size=2) | ANYTHING,
        snapshot=ANYTHING,
        messages=st.lists(ENTRY, max_size=3),
        activityType=TEXT,
        replace=st.booleans(),
        outcome=record(
            type=st.sampled_from(["success", "interrupt", "cancelled", "new"]),
            interrupts=st.lists(INTERRUPT, max_size=2),
        ),
        usage=st.lists(record(inputTokens=SCALAR, outputTokens=SCALAR), max_size=2),
        message=TEXT,
        code=SCALAR,
        error=TEXT | FAILURE,
        subtype=st.sampled_from(["message", "tool-call"]),
        entityId=IDS,
        encryptedValue=TEXT,
        stepName=TEXT,
        name=st.sampled_from(["source", "file", "", "x"]),
        value=record(url=TEXT, title=TEXT, mime_type=TEXT, name=TEXT),
        runId=TEXT,
    ),
    st.sampled_from(KINDS),
)


@EXAMPLES
@given(st.lists(st.tuples(FRAME, RUN_EVENT | RUN_EVENT | ANYTHING), max_size=8))
def test_ag_ui(items: list[tuple[str, Any]]):
    sound(body_of(items), "ag-ui")


def body_of(items: list[tuple[str, Any]]) -> bytes:
    return "".join(frame.replace("{}", json.dumps(value)) for frame, value in items).encode()
