"""Events as text: labels, the standard formatting, tags in pieces, any cut, linear time."""

import json
import random
from collections.abc import Callable, Iterable

import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import File, ProviderTool, Source, ToolResult, Usage
from app.core.text import written_tags
from app.core.text.formatter import Formatter, Style, call_line, formatted, shortened
from app.core.text.written_tags import MAX_CALL
from tests.counting import growth

WEATHER: list[ev.Event] = [
    ev.StepStart(1),
    ev.ReasoningDelta("The user asked about "),
    ev.ReasoningDelta("the weather."),
    ev.ContentDelta("Let me check."),
    ev.ToolCallStart(0, "call1", "get_weather"),
    ev.ToolCallDelta(0, '{"city":'),
    ev.ToolCallDelta(0, '"Tokyo"}'),
    ev.ToolCallEnd(0),
    ev.StepEnd("complete", "tool_calls"),
    ev.ToolRunStart("call1", "get_weather"),
    ToolResult("call1", "22 °C", "get_weather"),
    ev.StepStart(2),
    ev.ContentDelta("It is 22 °C."),
    ev.Done("complete", "stop"),
]


def text_of(events: Iterable[ev.Event], style: Style = "labels", **settings: bool) -> str:
    formatter = Formatter(style, **settings)
    return "".join(formatter.push(event) for event in events) + formatter.flush()


def said(*texts: str) -> list[ev.Event]:
    return [*[ev.ContentDelta(text) for text in texts], ev.Done("complete", "stop")]


def test_the_view_with_labels() -> None:
    assert text_of(WEATHER) == (
        "[Thinking]:\n"
        "The user asked about the weather.\n"
        "[Content]:\n"
        "Let me check.\n"
        '[TOOL_CALL]: get_weather({"city":"Tokyo"})\n'
        "[TOOL_RESULT]: 22 °C\n"
        "[Content]:\n"
        "It is 22 °C."
    )


def test_the_standard_formatting() -> None:
    after = '→ get_weather(city="Tokyo")\n← 22 °C\nIt is 22 °C.'
    assert text_of(WEATHER, "standard") == f"Let me check.\n{after}"
    assert text_of(WEATHER, "standard", reasoning=True) == (
        f"> The user asked about the weather.\nLet me check.\n{after}"
    )
    assert "Thinking" not in text_of(WEATHER, "labels", reasoning=False)


async def test_a_run_as_a_stream_of_text() -> None:
    async def events():
        for event in WEATHER:
            yield event

    texts = [text async for text in formatted(events())]
    assert all(texts)
    assert "".join(texts) == text_of(WEATHER, "standard")


def test_thinking_of_several_lines_is_quoted() -> None:
    events = [ev.ReasoningDelta("a\n"), ev.ReasoningDelta("\nb\n"), *said("c")]
    assert text_of(events, "standard", reasoning=True) == "> a\n> \n> b\nc"


@pytest.mark.parametrize(
    ("event", "labelled", "plain"),
    [
        (ToolResult("1", "no", "f", True), "[TOOL_RESULT]: error: no", "← error: no"),
        (ProviderTool("1", "search", '{"q":1}'), "[PROVIDER_TOOL]: search(q=1)", "(search(q=1))"),
        (Source("https://a.example", "A"), "[SOURCE]: A https://a.example", None),
        (File("data:image/png;base64,AAAA", "image/png"), "[FILE]: image/png", "(image/png)"),
        (ev.Error(ErrorInfo("server", "Broken.")), "[ERROR]: Broken.", "(Broken.)"),
        (ev.Retry(1, 2.0, "Busy."), "[RETRY]: Busy. Try 1 in 2 s.", None),
        (ev.Retry(2, 0.5, "No answer"), "[RETRY]: No answer. Try 2 in 0.5 s.", None),
        (ev.StepReset("x"), "[RESET]: What came before does not count;", None),
        (ev.Done("incomplete"), "[INCOMPLETE]: The answer broke off", "(The answer broke off"),
        (ev.Done("aborted"), "[STOPPED]: ", "(The answer was stopped.)"),
        (ev.Done("complete", "length"), "[LENGTH]: ", "(The answer reached its length limit.)"),
        (
            ev.ApprovalRequest("1", "rm", '{"path":"/"}', "approval"),
            '[APPROVAL]: rm(path="/") waits for your approval',
            None,
        ),
    ],
)
def test_what_happens_beside_the_text(event: ev.Event, labelled: str, plain: str | None) -> None:
    assert f"Hi\n{labelled}" in text_of([ev.ContentDelta("Hi"), event])
    assert f"Hi\n{plain or '('}" in text_of([ev.ContentDelta("Hi"), event], "standard")


def test_heartbeats_and_usage_are_not_shown() -> None:
    quiet: list[ev.Event] = [
        ev.Heartbeat(),
        Usage(1, 2),
        ev.Warning("odd"),
        ev.MessageStart("1", "m"),
    ]
    assert text_of([*quiet, *said("a"), *quiet]) == "[Content]:\na"


# Tags in the text

CALL = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Tokyo"}}\n</tool_call>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>Hm.</think>\n\nHi", "[Thinking]:\nHm.\n[Content]:\nHi"),
        ("Hi\n<think>Hm.</think>So", "[Content]:\nHi\n[Thinking]:\nHm.\n[Content]:\nSo"),
        ("Use the <think> tag.", "[Content]:\nUse the <think> tag."),
        ("<think>never closed", "[Thinking]:\nnever closed"),
        ("a < b, <thin", "[Content]:\na < b, <thin"),
        ("<think>a</thin", "[Thinking]:\na</thin"),
        (CALL, '[TOOL_CALL]: get_weather({"city":"Tokyo"})\n'),
        (f"Look: {CALL}Done", '[Content]:\nLook: \n[TOOL_CALL]: get_weather({"city":"Tokyo"})\n'
         "[Content]:\nDone"),
        ('[TOOL_CALL]{"name":"f","args":{}}[/TOOL_CALL]', "[TOOL_CALL]: f({})\n"),
        ('<tool_call>{"name":"f","parameters":"{}"}</tool_call>', "[TOOL_CALL]: f({})\n"),
        ('<tool_call>{"name":"f"}</tool_call>', "[TOOL_CALL]: f({})\n"),
        ("<tool_call>prose</tool_call>.", "[Content]:\n<tool_call>prose</tool_call>."),
        ("<tool_call>}</tool_call>.", "[Content]:\n<tool_call>}</tool_call>."),
        ("<tool_call>}{</tool_call>.", "[Content]:\n<tool_call>}{</tool_call>."),
        ("<tool_call>" + "[" * 999, "[Content]:\n<tool_call>" + "[" * 999),
        ("<tool_call>{unfinished", "[Content]:\n<tool_call>{unfinished"),
        ("[" + CALL + "]", '[Content]:\n[\n[TOOL_CALL]: get_weather({"city":"Tokyo"})\n'
         "[Content]:\n]"),
    ],
)  # fmt: skip
def test_tags_that_the_model_wrote(text: str, shown: str) -> None:
    assert text_of(said(text)) == shown
    assert text_of(said(*text)) == shown


def test_what_may_be_a_tag_is_held_back_and_nothing_else() -> None:
    formatter = Formatter("standard")
    assert formatter.push(ev.ContentDelta("Hello <too")) == "Hello "
    assert formatter.push(ev.ContentDelta("ls>")) == "<tools>"
    assert formatter.push(ev.ContentDelta(" <")) == " "
    # What only a provider understands of its thoughts says nothing, and ends nothing.
    assert formatter.push(ev.ReasoningDelta("", {"signature": "s"})) == ""
    assert formatter.push(ev.Done("complete", "stop")) == "<"


@pytest.mark.parametrize("size", [1, 7, MAX_CALL, 10**9])
@pytest.mark.parametrize("rest", [0, 1])
def test_a_call_above_the_cap_is_text(size: int, rest: int) -> None:
    empty = json.dumps({"name": "f", "arguments": {"x": ""}})
    filling = "y" * (MAX_CALL - len(f"<tool_call>{empty}</tool_call>") + rest)
    full = empty.replace('""', f'"{filling}"')
    call = f"<tool_call>{full}</tool_call>"
    text = call + "<think"
    shown = text_of(said(*[text[at : at + size] for at in range(0, len(text), size)]), "standard")
    if rest:
        assert shown == text
    else:
        assert shown.startswith('→ f(x="yyy')
        assert shown.endswith("\n<think")


def test_any_cut_gives_the_same_text() -> None:
    rng = random.Random(5)
    words = ["<think>", "</think>", "<tool_call>", "</tool_call>", "\n", '{"name":"f"}', "word ",
             "<", "[TOOL_CALL]", "[/TOOL_CALL]", "]", "<thi", "\n\n"]  # fmt: skip
    for _ in range(300):
        text = "".join(rng.choices(words, k=rng.randrange(1, 12)))
        cuts = sorted(rng.choices(range(len(text) + 1), k=4))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        for style in ("labels", "standard"):
            whole = text_of(said(text), style, reasoning=True)
            for events in said(*text), said(*pieces):
                assert text_of(events, style, reasoning=True) == whole, text


@pytest.mark.parametrize("size", [1, 100, 10**9])
@pytest.mark.parametrize("unit", ["<think></think>\n", "<tool_call>", "<", CALL, "\n<think>"])
def test_twice_the_text_is_twice_the_work(
    unit: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written_tags, "MAX_CALL", 60)

    def work(length: int) -> Callable[[], object]:
        text = (unit * length)[:length]
        events = said(*[text[at : at + size] for at in range(0, length, size)])
        return lambda: text_of(events)

    assert growth(500, work) <= 2.2


@pytest.mark.parametrize("unit", ["<tool_call>", "<", CALL, "[TOOL_CALL]x", "\n<thin"])
def test_what_is_held_back_is_bounded(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fragment is looked at together with a bounded text before it, and no more."""
    monkeypatch.setattr(written_tags, "MAX_CALL", 80)
    tags = written_tags.WrittenTags()
    held = 0
    for character in unit * 200:
        held += 1 - sum(len(text) for _, text in tags.push(character))
        assert held < 80


def test_lines_for_people() -> None:
    assert call_line("f", '{"a":1,"b":"x","c":null}') == 'f(a=1, b="x", c=null)'
    assert call_line("f", "") == call_line("f", "{}") == "f()"
    assert call_line("f", "not json") == "f(not json)"
    assert call_line("f", json.dumps({"a": "x" * 1000})) == f'f(a="{"x" * 116}…)'
    assert shortened("a\n b", 9) == "a b"
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("a" + " " * 34 + "b", 9) == "a b"
    assert shortened("a" + " " * 39 + "b", 9) == "a…"  # of a long text so much is looked at
    for length, shown in ((200, "x" * 200), (300, "x" * 199 + "…")):
        assert text_of([ToolResult("1", "x" * length, "f")], "standard") == f"← {shown}\n"
