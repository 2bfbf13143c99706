"""What every known stream gives, and what is asked with every kind of history, kept in files.

The tests beside this say what matters of a stream or a request; these say all of it, so that a
change of a detail is seen by who makes it: `python3 -m tests.protocols.known` writes the files
anew, and the difference to before tells what has changed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from app.core.options import Options, OutputFormat, ToolDefinition
from app.protocols import decoder, wire_format
from app.protocols.takes import ANYTHING, Takes
from tests.protocols import kept
from tests.protocols.growing import STREAMS
from tests.protocols.habits import HABITS

PROTOCOLS = (
    *("openai-chat", "openai-responses", "anthropic-messages"),
    *("gemini", "gemini-interactions", "ollama", "ag-ui", "tokenfall"),
)


def streams(protocol: str) -> Iterator[tuple[str, bytes]]:
    """Yield the known streams of a protocol by their names."""
    for habit in HABITS:
        if habit.protocol == protocol:
            yield f"{habit.row} {habit.what}", habit.body
    for name, stream in STREAMS.get(protocol, {}).items():
        yield name, b"".join(stream(3))


def answer(protocol: str, body: bytes) -> tuple[list[Any], Message]:
    """Decode a stream; return its events as JSON has them, and its message."""
    one = decoder(protocol)
    events = one.feed(body) + one.close()
    return msgspec.to_builtins(events), one.message


def answers(protocol: str) -> dict[str, Any]:
    """The events of each known stream, by its name."""
    return {name: answer(protocol, body)[0] for name, body in streams(protocol)}


# --- requests ----------------------------------------------------------------------------------

PNG = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {
    "type": "object",
    "properties": {"at": {"type": "string", "format": "date"}, "n": {"type": ["integer", "null"]}},
    "required": ["at"],
    "additionalProperties": False,
}
TOOLS = [ToolDefinition("f", "Finds.", SCHEMA), ToolDefinition("g", "", {"type": "object"})]
FILES = [
    File(PNG, "image/png", "a.png"),
    File("https://a.example/b.jpg", "image/jpeg"),
    File("data:application/pdf;base64,JVBERg==", "application/pdf", "c.pdf"),
    File("https://a.example/d.pdf", "application/pdf", "d.pdf"),
    File("data:audio/wav;base64,UklGRg==", "audio/wav", "e.wav"),
    File("", "image/*", "gone.png"),
]


def said(*parts: Any, **fields: Any) -> Message:
    return Message("assistant", list(parts), **({"status": "complete"} | fields))


def results(*parts: Any) -> Message:
    return Message("tool", list(parts), status="complete")


CALL = ToolCall("c1", "f", '{"at":"2026-01-01"}')
OTHER = ToolCall("c2", "g", "")
HISTORIES: dict[str, list[Message]] = {
    "a question": [user("Hi")],
    "instructions": [Message("system", [Text("Be kind.")]), user("Hi"), said(Text("Yes"))],
    "instructions in between": [user("Hi"), Message("system", [Text("Now be dry.")]), user("Ho")],
    "files": [user([*FILES, Text("What?")]), said(Text("A"), FILES[0]), user("And?")],
    "a file alone": [user([FILES[0]])],
    "thoughts and sources": [
        user("Hi"),
        said(Reasoning("Hm"), Text("Yes"), Source("https://a.example/", "A")),
        user("So?"),
    ],
    "a refusal": [user("Hi"), said(Refusal("No.")), user("Please")],
    "calls": [
        user("Hi"),
        said(Text("I look."), CALL, OTHER, finish_reason="tool_calls"),
        results(ToolResult("c1", "one", "f"), ToolResult("c2", "bad", "g", is_error=True)),
    ],
    "calls that were stopped": [
        user("Hi"),
        said(CALL, OTHER),
        results(ToolResult("c1", "one", "f")),
        user("And?"),
    ],
    "results in another order": [
        user("Hi"),
        said(CALL, OTHER),
        results(ToolResult("c2", "two"), ToolResult("c1", "one"), ToolResult("c9", "none")),
        said(Text("Done.")),
        user("And?"),
    ],
    "the same id twice": [
        user("Hi"),
        said(CALL, CALL),
        results(ToolResult("c1", "one"), ToolResult("c1", "two")),
        said(CALL),
        results(ToolResult("c1", "three")),
        user("And?"),
    ],
    "results of nothing": [results(ToolResult("c1", "one")), user("Hi"), results()],
    "arguments that are none": [
        user("Hi"),
        said(ToolCall("c1", "f", '{"a":'), ToolCall("c2", "", "[1]"), ToolCall("", "g", "7")),
        results(ToolResult("c1", "one")),
    ],
    "questions and answers in a row": [
        *(user("One"), user("Two"), said(Text("A")), said(Text("B")), user("")),
    ],
    "answers that did not end": [
        user("Hi"),
        said(Reasoning("Hm"), Text("Half"), status="incomplete"),
        user("Again"),
        said(status="error"),
        user("Again"),
        said(Text("I call"), CALL, status="aborted"),
        user("Go on"),
    ],
    "an answer at the end": [user("Hi"), said(Text("Well,"))],
    "a tool of the provider": [
        user("Hi"),
        said(ProviderTool("w", "web_search", '{"q":1}', ["x"]), Text("Found.")),
        user("And?"),
    ],
    "a run in one message": [
        user("Hi"),
        said(
            *(
                Text("I look."),
                CALL,
                ToolResult("c1", "one", "f"),
                Reasoning("Hm", {"signature": "s"}),
            ),
            *(OTHER, ToolResult("c2", "two", "g"), Text("Done.")),
        ),
        user("And?"),
    ],
    "what is sealed": [
        user("Hi"),
        said(
            Reasoning("Hm", {"signature": "s", "id": "r1", "encrypted_content": "x"}),
            Reasoning("", {"redacted": "y"}),
            ToolCall(
                "c1", "f", "{}", {"thoughtSignature": "z", "google": {"thought_signature": "w"}}
            ),
            ToolCall("c2", "g", "{}", {"type": "custom_tool_call", "id": "i"}),
        ),
        results(ToolResult("c1", "one"), ToolResult("c2", "two")),
        said(Text("A"), Reasoning("", {"phase": "commentary"}), Text("B"), status="incomplete"),
        user("And?"),
    ],
    "an answer that was paused": [
        user("Hi"),
        said(Text("It "), finish_reason="pause"),
        said(Text("goes on."), finish_reason="stop"),
    ],
    "half a character": [user("a\ud83d"), said(Text("b\ud83d")), user("c")],
}
HALF = [ToolDefinition("f", "half \ud83d", {"type": "object", "description": "\ud83d"})]
OPTIONS: dict[str, Options] = {
    "all": Options(
        temperature=0.5,
        top_p=0.9,
        max_tokens=100,
        stop=["END"],
        seed=7,
        reasoning_effort="high",
        tools=TOOLS,
        provider_tools=["web_search", "code_execution"],
        context_tokens=9000,
        verbosity="low",
        service_tier="flex",
        cache_key="chat-1",
        extra={"metadata": {"a": 1}},
    ),
    "a form": Options(output=OutputFormat("form", SCHEMA), max_tokens=20_000),
    **{
        f"tools {choice}": Options(tools=TOOLS, tool_choice=choice)
        for choice in ("none", "required", "f")
    },
    **{
        f"effort {effort}": Options(reasoning_effort=effort)
        for effort in ("none", "minimal", "low", "medium", "max")
    },
    "half a character": Options(tools=HALF, stop=["\ud83d"]),
    "background": Options(extra={"background": True, "tools": [{"type": "x"}]}),
}
TAKES: dict[str, Takes] = {
    "switch": Takes(off="switch", thinks=True, echoes="tools", answers_last=True),
    "flag": Takes(off="flag", thinks=True, output="object", cache="blocks"),
    "tokens": Takes(depth="tokens", shows=True, room=9000, cache="key"),
    "level": Takes(depth="level", thinks=True, shows=True, bounds=False, most="xhigh"),
    "little": Takes(system=False, schema="gemini", context=4096, thinks_or_calls=True),
    "drawing": Takes(modalities=("image", "text"), echoes="calls"),
    "draws only": Takes(draws_only=True),
}
HABITS_OF_SERVERS = (
    *("no-stream-usage", "max-completion-tokens", "random-seed", "short-call-ids"),
    *("reasoning-with-calls", "prompt-progress"),
)


def asked(
    protocol: str,
    messages: Sequence[Message],
    options: Options | None = None,
    takes: Takes = ANYTHING,
    *,
    model: str = "m-1",
    stream: bool = True,
    habits: frozenset[str] = frozenset(),
) -> Any:
    """Render a request; return its path, headers and body."""
    rendered = wire_format(protocol).render(
        messages,
        model=model,
        options=options or Options(),
        stream=stream,
        habits=habits,
        takes=takes,
    )
    body = json.loads(rendered.body)
    if "runId" in body:
        body["runId"] = "…"
    return [rendered.path, body]


def requests(protocol: str) -> dict[str, Any]:
    """The requests with each history, with each setting, and with each known answer."""
    calls = [*HISTORIES["thoughts and sources"][:2], *HISTORIES["calls"]]
    found = {name: asked(protocol, messages) for name, messages in HISTORIES.items()}
    found["not streamed"] = asked(protocol, calls, stream=False)
    found["of a reasoning model"] = asked(protocol, calls, model="gpt-oss-5")
    for name, options in OPTIONS.items():
        found[f"with {name}"] = asked(protocol, calls, options)
    for name, takes in TAKES.items():
        for wanted in ("all", "a form", "effort none", "effort max"):
            key = f"takes {name} with {wanted}"
            found[key] = asked(protocol, HISTORIES["files"], OPTIONS[wanted], takes)
        found[f"takes {name}"] = asked(protocol, HISTORIES["calls that were stopped"], None, takes)
    for habit in HABITS_OF_SERVERS:
        found[f"where {habit}"] = asked(protocol, calls, OPTIONS["all"], habits=frozenset({habit}))
    for name, body in streams(protocol):
        message = answer(protocol, body)[1]
        told = [ToolResult(call.id, f"result {at}") for at, call in enumerate(message.tool_calls)]
        messages = [user("Hi"), message, *([results(*told)] if told else []), user("And?")]
        found[f"behind {name}"] = asked(protocol, messages)
        if told:
            message.status = "aborted"
            found[f"stopped in {name}"] = asked(protocol, messages[:2])
    # What another one gave, with what that would want back and this one does not know.
    other = PROTOCOLS[PROTOCOLS.index(protocol) - 1]
    histories = [[user("Hi"), answer(other, body)[1]] for _, body in streams(other)]
    found[f"of {other}"] = asked(protocol, [one for two in histories for one in two])
    return found


KEPT = {"answers": answers, "requests": requests}


def main() -> None:
    """Write all files anew."""
    kept.FOLDER.mkdir(exist_ok=True)
    for kind, make in KEPT.items():
        for protocol in PROTOCOLS:
            kept.write(f"{kind}-{protocol}", make(protocol))
    kept.gathered = {}
    # Those of `test_habits` are kept above, by their names.
    if pytest.main(["-q", "tests/protocols", "-k", "not (habits or linear or limits or lenient)"]):
        raise SystemExit("Some tests fail: what they decode is not kept.")
    kept.write("decoded", dict(sorted(kept.gathered.items())))


if __name__ == "__main__":
    main()
