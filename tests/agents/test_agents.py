"""A person's function: how it is called, what it may give, and how an answer ends."""

import asyncio
import functools
import json
import re
import sqlite3
import sys
import textwrap
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any
from unittest.mock import MagicMock

import msgspec
import pytest

from app.agents import Answer, Function, Request, step
from app.agents.giving import events_of
from app.agents.loading import LoadError, agent_of, beside, load
from app.agents.messages import Told, line, read_answer
from app.agents.request import texts
from app.core.errors import ErrorInfo, UsageError
from app.core.events import (
    ApprovalRequest,
    ContentDelta,
    Done,
    Error,
    Event,
    MessageStart,
    ReasoningDelta,
)
from app.core.fold import Fold
from app.core.messages import File, Message, Text, ToolCall, ToolResult
from app.core.nesting import is_too_deep
from app.core.text.text_files import framed
from app.protocols.data_urls import parse_data_url

# Only a test that fails waits so long, in seconds.
LIMIT_S = 60.0


async def told(function: Callable[..., Any], **settings: Any) -> list[Event]:
    """Collect the events of one answer."""
    answer = Answer(Function(function), texts("Hi", "Hello", "And now?"), **settings)
    async with asyncio.timeout(LIMIT_S):
        return [event async for batch in answer.batches() for event in batch]


async def message_of(function: Callable[..., Any], **settings: Any) -> Message:
    fold = Fold()
    fold.add(await told(function, **settings))
    return fold.message


# --- how it is called --------------------------------------------------------------------------


def plain(message: str) -> str:
    """Says it plainly."""
    return f"plain {message}"


async def coroutine(message: str) -> str:
    return f"coroutine {message}"


def generator(message: str) -> Iterator[str]:
    yield "generator "
    yield message


async def async_generator(message: str) -> Any:
    yield "async "
    await asyncio.sleep(0)
    yield message


@pytest.mark.parametrize("function", [plain, coroutine, generator, async_generator])
async def test_functions_of_every_kind(function: Callable[..., Any]) -> None:
    message = await message_of(function)
    assert message.text.endswith("And now?")
    assert message.status == "complete"


async def test_what_is_given_is_told_by_name_and_annotation() -> None:
    seen: dict[str, Any] = {}

    def all_of_it(message, history, files, state, user, request, more=1):
        seen.update(locals())

    await told(all_of_it, state={"n": 1}, user="ada")
    assert seen["message"] == "And now?"
    assert [one.text for one in seen["history"]] == ["Hi", "Hello"]
    assert (seen["files"], seen["state"], seen["user"], seen["more"]) == ([], {"n": 1}, "ada", 1)
    assert isinstance(seen["request"], Request)

    picture = File("data:image/png;base64,", "image/png", "a.png")
    sent = Message("user", [framed("weights.csv", "Ada,7.2"), picture, Text("Look")])
    looking = Request([*texts("Hi", "Hello"), sent])
    assert looking.message == "Look"
    weights, seen_picture = looking.files
    assert (weights.name, weights.mime_type) == ("weights.csv", "text/csv")
    assert (parse_data_url(weights.url), seen_picture) == (("text/csv", "QWRhLDcuMg=="), picture)

    def of_request(asked: Request) -> str:
        return asked.message

    def of_text(words: str) -> str:
        return words

    def of_messages(anything) -> str:
        return str(len(anything))

    def of_nothing() -> str:
        return "nothing"

    assert (await message_of(of_request)).text == "And now?"
    assert (await message_of(of_text)).text == "And now?"
    assert (await message_of(of_messages)).text == "3"
    assert (await message_of(of_nothing)).text == "nothing"


def test_what_is_not_given_is_named() -> None:
    with pytest.raises(UsageError, match="'temperature'"):
        Function(lambda message, temperature: "")

    def keyword(message: str, *, tone: str) -> str:
        return tone

    with pytest.raises(UsageError, match="'tone'"):
        Function(keyword)
    with pytest.raises(UsageError, match="'tone'"):
        Function(lambda message, tone: "")
    with pytest.raises(UsageError, match="functools.wraps"):
        Function(lambda *anything, **more: "")
    with pytest.raises(UsageError, match="no function"):
        Function(3)  # type: ignore[arg-type]


class Bot:
    async def __call__(self, message: str) -> Any:
        yield f"object {message}"

    def method(self, message: str) -> str:
        return f"method {message}"


def with_more(prefix: str, message: str, tone: str = "kind", history: Any = None) -> str:
    return f"{prefix} {tone} {len(history)} {message}"


def keywords(*, message: str) -> str:
    return f"keywords {message}"


@functools.wraps(with_more)
def narrowing(message: str) -> str:
    return with_more("narrowed", message, history=[])


def deferred(asked: "Request | None" = None) -> str:
    return f"deferred {asked and asked.message}"


class Unlike:
    """An annotation that can neither be told apart nor hashed, nor asked for a name."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise TypeError("it has no equal")

    def __getattr__(self, name: str) -> Any:
        raise KeyError(name)


def annotated(
    message: Annotated[str, {"a": [1]}],
    hook: Callable[[int], str] = str,
    several: tuple[Request, ...] = (),
    odd: Unlike() = None,  # type: ignore[valid-type]
    asked: Annotated[Request, 1] | None = None,
) -> str:
    return f"annotated {message} {several} {odd} {asked and asked.message}"


def odd_alone(unknown: Unlike()) -> str:  # type: ignore[valid-type]
    return f"odd {len(unknown)}"


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (Bot(), "object And now?"),
        (Bot().method, "method And now?"),
        (functools.partial(with_more, "partly"), "partly kind 2 And now?"),
        (functools.partial(with_more, prefix="named"), "named kind 2 And now?"),
        (keywords, "keywords And now?"),
        (narrowing, "narrowed kind 0 And now?"),
        (deferred, "deferred And now?"),
        (annotated, "annotated And now? () None And now?"),
        (odd_alone, "odd 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_whatever_can_be_called_is_given_what_it_asks_for(
    function: Callable[..., Any], text: str
) -> None:
    message = await message_of(function)
    assert (message.error, message.text) == (None, text)


def test_a_partial_function_is_described_as_the_one_in_it() -> None:
    agent = agent_of(functools.partial(plain, "x"))
    assert (agent.title, agent.description) == ("Plain", "Says it plainly.")


async def test_a_state_lives_between_questions() -> None:
    state: dict[str, Any] = {}

    def count(state: dict[str, Any]) -> str:
        state["n"] = state.get("n", 0) + 1
        return str(state["n"])

    assert (await message_of(count, state=state)).text == "1"
    assert (await message_of(count, state=state)).text == "2"


# --- what it gives -----------------------------------------------------------------------------


class Shown:
    def __init__(self, **methods: Any) -> None:
        for name, value in methods.items():
            setattr(self, name, lambda value=value: value)


class Frame(Shown):
    """A value as tables and arrays are: compared with anything, it is many answers."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Any:
        return Frame()

    def __bool__(self) -> bool:
        raise ValueError("the truth value of a table is ambiguous")

    def __len__(self) -> int:
        raise AssertionError("nobody counts it")


class Named(Shown):
    """The same, with words of its own."""

    def __repr__(self) -> str:
        return "three otters"


@dataclass
class Weighed:
    name: str
    kg: float


class Model:
    """A model of pydantic's, as far as it matters."""

    def model_dump(self, mode: str) -> dict[str, str]:
        return {"name": "Ada"}


class Silent:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, ""),
        ("", ""),
        (Text("Hi"), "Hi"),
        (7, "7"),
        ({"a": 1}, '\n\n```json\n{\n  "a": 1\n}\n```\n\n'),
        (Shown(_repr_markdown_="**so**"), "\n\n**so**\n\n"),
        (Frame(_repr_markdown_="| a |"), "\n\n| a |\n\n"),
        (Named(_repr_html_="<b>so</b>"), "three otters"),
        (Shown(_repr_latex_="x^2"), "\n\n$$\nx^2\n$$\n\n"),
        (
            [{"name": "a|b", "n": 1}, {"name": None, "n": 2}],
            "\n\n| name | n |\n| --- | --- |\n| a\\|b | 1 |\n|  | 2 |\n\n",
        ),
        ([ContentDelta("a"), ContentDelta("b")], "ab"),
        ([], ""),
        (2.5, "2.5"),
        (True, "True"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 2), "2026-01-02"),
        ({"b"}, "{'b'}"),
        ([1, "a"], "[1, 'a']"),
        (ValueError("no otter"), "ValueError: no otter"),
        (Weighed("Ada", 7.2), '\n\n```json\n{\n  "name": "Ada",\n  "kg": 7.2\n}\n```\n\n'),
        (
            [Weighed("Ada", 7.2), Weighed("Bo", 9)],
            "\n\n| name | kg |\n| --- | --- |\n| Ada | 7.2 |\n| Bo | 9 |\n\n",
        ),
        (Model(), '\n\n```json\n{\n  "name": "Ada"\n}\n```\n\n'),
        ({(1, 2): 3}, "\n\n```\n{(1, 2): 3}\n```\n\n"),
        (Shown(_repr_json_={"a": [1]}), '\n\n```json\n{\n  "a": [\n    1\n  ]\n}\n```\n\n'),
        (Silent(), "<Silent object, whose repr raised RuntimeError>"),
    ],
)
def test_what_is_given_becomes_text(given: Any, text: str) -> None:
    events = events_of(given)
    assert "".join(event.text for event in events if isinstance(event, ContentDelta)) == text


def test_data_that_holds_itself_is_shown_once() -> None:
    (event,) = events_of(_within_itself())
    assert isinstance(event, ContentDelta)
    shown = json.loads(event.text.strip().removeprefix("```json").removesuffix("```"))
    assert shown == {"name": "kept", "self": "(holds itself)"}


def test_long_tables_are_counted() -> None:
    (event,) = events_of([{"n": n} for n in range(200)])
    assert isinstance(event, ContentDelta)
    assert "50 of 200 rows" in event.text


def test_pictures_and_files(tmp_path: Path) -> None:
    assert events_of(Shown(_repr_png_=b"\x89PNG")) == [
        File("data:image/png;base64,iVBORw==", "image/png")
    ]
    assert events_of(Shown(_repr_svg_="<svg/>")) == [
        File("data:image/svg+xml;base64,PHN2Zy8+", "image/svg+xml")
    ]
    path = tmp_path / "a.csv"
    path.write_text("a,b")
    assert events_of(path) == [File("data:text/csv;base64,YSxi", "text/csv", "a.csv")]
    assert events_of([path, path.parent / "a.csv"]) == events_of(path) * 2
    assert events_of(b"\x89PNG\r\n") == [File("data:image/png;base64,iVBORw0K", "image/png")]
    assert events_of(File("https://a.example/x.png")) == [File("https://a.example/x.png")]
    with pytest.raises(UsageError, match="cannot be read"):
        events_of(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="bytes"):
        events_of(b"x")


@pytest.mark.parametrize("kind", ["plotly.v1", "vegalite.v6", "vega.v6"])
def test_a_chart_is_given_as_it_is_described(kind: str) -> None:
    mime = f"application/vnd.{kind}+json"

    class Chart:
        def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
            return {mime: {"data": []}, "text/html": "<b>"}

    described = b64encode(b'{"data": []}').decode()
    assert events_of(Chart()) == [File(f"data:{mime};base64,{described}", mime)]


def test_html_is_given_as_a_page_of_its_own() -> None:
    assert events_of(Shown(_repr_html_="<b>é</b>")) == [
        File(f"data:text/html;base64,{b64encode('<b>é</b>'.encode()).decode()}", "text/html")
    ]


def test_a_long_text_comes_in_pieces() -> None:
    events = events_of("é" * 500_001)
    assert "".join(event.text for event in events if isinstance(event, ContentDelta)) == (
        "é" * 500_001
    )
    assert max(len(event.text) for event in events if isinstance(event, ContentDelta)) < 300_000


async def test_what_is_given_within_each_other_comes_in_its_order() -> None:
    def words() -> Iterator[str]:
        yield "b"
        yield "c"

    async def later() -> Any:
        yield words()
        yield "d"

    async def one() -> str:
        return "a"

    async def answer() -> Any:
        yield one()
        yield later()
        yield (letter for letter in "ef")

    assert (await message_of(answer)).text == "abcdef"

    def plain() -> Any:
        return later()

    assert (await message_of(plain)).text == "bcd"


# --- steps and questions -----------------------------------------------------------------------


async def test_a_step_is_a_call_with_its_result() -> None:
    async def answer(message: str) -> Any:
        yield "Looking. "
        with step("search", {"for": message}) as found:
            found.result = {"n": 3}
        async with step("count"):
            pass
        yield "Three."

    events = await told(answer)
    assert [type(event).__name__ for event in events] == [
        "MessageStart",
        "ContentDelta",
        *("ToolCallStart", "ToolCallDelta", "ToolCallEnd", "ToolRunStart", "ToolResult"),
        *("ToolCallStart", "ToolCallDelta", "ToolCallEnd", "ToolRunStart", "ToolResult"),
        "ContentDelta",
        "Done",
    ]
    fold = Fold()
    fold.add(events)
    assert fold.message.parts == [
        Text("Looking. "),
        ToolCall("step_0", "search", '{"for": "And now?"}'),
        ToolResult("step_0", '{"n": 3}', "search"),
        ToolCall("step_1", "count", "{}"),
        ToolResult("step_1", "", "count"),
        Text("Three."),
    ]


async def test_steps_of_a_function_that_blocks_keep_their_place() -> None:
    def answer() -> Iterator[str]:
        yield "a"
        with step("one") as one:
            one.result = "done"
        yield "b"

    message = await message_of(answer)
    assert [type(part) for part in message.parts] == [Text, ToolCall, ToolResult, Text]


async def test_a_step_that_fails_says_so_and_so_does_the_answer() -> None:
    def answer() -> Iterator[str]:
        yield "Half"
        with step("divide"):
            raise ZeroDivisionError("by zero")

    message = await message_of(answer)
    result = message.parts[-1]
    assert isinstance(result, ToolResult)
    assert (result.is_error, result.content) == (True, "ZeroDivisionError: by zero")
    assert (message.status, message.text) == ("error", "Half")


def test_a_step_outside_of_an_answer_is_refused() -> None:
    with pytest.raises(UsageError), step("alone"):
        pass


@pytest.mark.parametrize(("decision", "text"), [("once", "gone"), ("deny", "kept")])
async def test_a_person_is_asked(decision: str, text: str) -> None:
    async def answer(request: Request) -> str:
        return "gone" if await request.ask("Delete 3 rows?", table="otters") else "kept"

    one = Answer(Function(answer), texts("Hi"), id="a1")
    batches = one.batches()
    async with asyncio.timeout(LIMIT_S):
        events = await anext(batches)
        assert events == [MessageStart("a1")]
        (asked,) = await anext(batches)
        assert asked == ApprovalRequest(
            "ask_1", "ask", '{"question": "Delete 3 rows?", "table": "otters"}', "answer"
        )
        assert not one.decide("other", decision)
        assert one.decide("ask_1", decision)
        assert not one.decide("ask_1", decision)
        rest = [event async for batch in batches for event in batch]
    assert rest[0] == ContentDelta(text)


async def test_a_question_may_be_a_task_beside_other_work() -> None:
    async def answer(request: Request) -> str:
        asking = asyncio.ensure_future(request.ask("Delete 3 rows?"))
        await asyncio.sleep(0)
        return "gone" if await asking else "kept"

    one = Answer(Function(answer), texts("Hi"))
    fold = Fold()
    async with asyncio.timeout(LIMIT_S):
        async for batch in one.batches():
            fold.add(batch)
            for event in batch:
                if isinstance(event, ApprovalRequest):
                    assert one.decide(event.call_id, "once")
    assert fold.message.text == "gone"


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_question_that_is_not_awaited_is_no_yes(is_async: bool) -> None:
    def plain(request: Request) -> str:
        return "gone" if request.ask("Delete 3 rows?") else "kept"

    async def coroutine(request: Request) -> str:
        return plain(request)

    message = await message_of(coroutine if is_async else plain, shows_errors=True)
    assert (message.status, message.text) == ("error", "")
    assert message.error is not None
    assert "await request.ask" in message.error.message


# --- how it ends -------------------------------------------------------------------------------


async def test_what_it_raises_is_told_with_its_line_to_who_wrote_it_alone() -> None:
    def answer() -> Iterator[str]:
        yield "Half"
        raise ValueError("secret")

    events = await told(answer)
    assert isinstance(events[-2], Error)
    assert "secret" not in events[-2].error.message + str(events[-2].error.raw)
    assert events[-1] == Done("error")
    error = (await told(answer, shows_errors=True))[-2]
    assert isinstance(error, Error)
    assert error.error.message.endswith("ValueError: secret")
    assert "test_agents.py" in error.error.raw
    assert "threading" not in error.error.raw


async def test_what_led_to_a_failure_is_told_and_what_lies_in_a_group() -> None:
    async def fail(words: str) -> None:
        try:
            raise KeyError("otters")
        except KeyError as error:
            raise ValueError(words) from error

    async def answer(message: str) -> None:
        async with asyncio.TaskGroup() as group:
            for word in message.split():
                group.create_task(fail(word))

    async def of(question: str) -> ErrorInfo:
        one = Answer(Function(answer), texts(question), shows_errors=True)
        fold = Fold()
        async for batch in one.batches():
            fold.add(batch)
        assert fold.message.error is not None
        return fold.message.error

    alone = await of("one")
    assert alone.message.endswith("ValueError: one")
    assert "KeyError: 'otters'" in alone.raw
    several = await of("one two")
    assert "2 sub-exceptions" in several.message
    for words in ("ValueError: one", "ValueError: two"):
        assert words in several.raw


def _of_itself() -> BaseException:
    error = ValueError("itself")
    error.__cause__ = error
    return error


def _in_a_circle() -> BaseException:
    one, other = ValueError("one"), KeyError("other")
    one.__cause__, other.__cause__ = other, ExceptionGroup("both", [one, OSError("more")])
    return one


def _far_away() -> BaseException:
    error = last = ValueError("last")
    for number in range(5000):
        error.__cause__ = ValueError(f"number {number}")
        error = error.__cause__
    return last


@pytest.mark.parametrize("made", [_of_itself, _in_a_circle, _far_away])
async def test_causes_in_a_circle_or_without_end_end_the_answer(
    made: Callable[[], BaseException],
) -> None:
    def answer() -> None:
        raise made()

    message = await message_of(answer, shows_errors=True)
    assert message.status == "error"
    assert message.error is not None
    first = str(made())
    assert message.error.message.endswith(first)
    assert message.error.raw.count(f"ValueError: {first}\n") == 1
    assert message.error.raw.count("Error: ") <= 20


async def test_a_failure_that_cannot_be_told_ends_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(error: BaseException) -> str:
        raise RecursionError

    monkeypatch.setattr("app.agents.answering.where", fail)
    message = await message_of(lambda: 1 / 0)
    assert message.status == "error"
    assert message.error is not None
    assert message.error.message == "The function that answers failed."


class Odd(BaseException):
    """An error that is no `Exception`."""


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), KeyboardInterrupt(), StopIteration(1), asyncio.CancelledError(), Odd()]
    + [GeneratorExit(), RecursionError("deep")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("kind", ["plain", "generator", "coroutine", "async generator"])
async def test_whatever_it_raises_ends_the_answer_alone(
    error: BaseException, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    def plain() -> None:
        raise error

    def generator() -> Iterator[str]:
        yield "Half"
        raise error

    async def coroutine() -> None:
        await asyncio.sleep(0)
        raise error

    async def async_generator() -> Any:
        yield "Half"
        raise error

    kinds = {"plain": plain, "generator": generator, "coroutine": coroutine}
    message = await message_of(kinds.get(kind, async_generator), shows_errors=True)
    assert message.status == "error"
    assert message.error is not None
    assert type(error).__name__ in message.error.message
    assert message.text == ("Half" if "generator" in kind else "")
    # Its author also reads it in the terminal, with the line.
    assert "raise error" in caplog.text


async def test_a_cancelled_task_of_its_own_is_a_failure() -> None:
    async def answer() -> Any:
        yield "Half"
        task = asyncio.create_task(asyncio.sleep(LIMIT_S))
        task.cancel()
        await task

    message = await message_of(answer)
    assert (message.status, message.text) == ("error", "Half")


async def test_one_that_gives_nothing_ends() -> None:
    def nothing() -> Iterator[str]:
        return
        yield

    async def returns() -> None:
        return

    for function in (nothing, returns):
        message = await message_of(function)
        assert (message.status, message.parts) == ("complete", [])


async def test_stop_ends_it_where_it_awaits() -> None:
    ended: list[str] = []
    asked: list[Request] = []

    async def answer(request: Request) -> Any:
        asked.append(request)
        try:
            yield "Half"
            await asyncio.Event().wait()
        finally:
            ended.append("async")

    batches = Answer(Function(answer), texts("Hi")).batches()
    async with asyncio.timeout(LIMIT_S):
        await anext(batches)
        assert await anext(batches) == [ContentDelta("Half")]
        await batches.aclose()
    assert ended == ["async"]
    assert asked[0].aborted


async def test_what_blocks_is_left_alone() -> None:
    lets_go = threading.Event()

    def answer() -> Iterator[str]:
        yield "Half"
        lets_go.wait(LIMIT_S)
        yield "late"

    batches = Answer(Function(answer), texts("Hi")).batches()
    async with asyncio.timeout(LIMIT_S):
        await anext(batches)
        assert await anext(batches) == [ContentDelta("Half")]
        await batches.aclose()
    lets_go.set()


async def test_many_that_block_keep_no_other_from_answering() -> None:
    # However few threads there are for all that blocks in this program.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    lets_go = threading.Event()
    ended: list[int] = []

    def blocking(number: int) -> Callable[..., Any]:
        def answer() -> Iterator[str]:
            try:
                yield "Half"
                begun.set()
                lets_go.wait(LIMIT_S)
                yield "late"
            finally:
                ended.append(number)

        return answer

    for number in range(3):
        begun = threading.Event()
        batches = Answer(Function(blocking(number)), texts("Hi")).batches()
        async with asyncio.timeout(LIMIT_S):
            await anext(batches)
            assert await anext(batches) == [ContentDelta("Half")]
            while not begun.is_set():
                await asyncio.sleep(0)
            await batches.aclose()
    try:
        async with asyncio.timeout(LIMIT_S):
            assert (await message_of(plain)).text == "plain And now?"
        assert ended == []
    finally:
        lets_go.set()
    # What it closes at its end is closed, once it blocks no more.
    async with asyncio.timeout(LIMIT_S):
        while len(ended) < 3:
            await asyncio.sleep(0)


async def test_what_it_keeps_by_thread_and_context_is_there_at_its_next_piece() -> None:
    of_context: ContextVar[str] = ContextVar("of_context", default="nothing")

    def answer(message: str) -> Iterator[str]:
        of_context.set("kept")
        with closing(sqlite3.connect(":memory:")) as database:
            yield "Half, "
            [[said]] = database.execute("select 'of the same thread'")
            yield f"{said}, {of_context.get()}"

    texts_told = await asyncio.gather(*(message_of(answer) for _ in range(8)))
    assert {one.text for one in texts_told} == {"Half, of the same thread, kept"}


async def test_a_question_that_waits_ends_with_its_answer() -> None:
    said: list[bool] = []

    async def answer(request: Request) -> None:
        said.append(await request.ask("Sure?"))

    batches = Answer(Function(answer), texts("Hi")).batches()
    async with asyncio.timeout(LIMIT_S):
        await anext(batches)
        (asked,) = await anext(batches)
        assert isinstance(asked, ApprovalRequest)
        await batches.aclose()
    assert said != [True]


# --- a file ------------------------------------------------------------------------------------


def file(folder: Path, source: str, name: str = "my_agent.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(source))
    return path


def test_a_file_says_its_title_and_what_it_does(tmp_path: Path) -> None:
    agent = load(
        file(
            tmp_path,
            '''
            """Talks of otters."""
            def answer(message):
                """Answers about otters,
                of every kind.

                Not more.
                """
            ''',
        )
    )
    assert (agent.title, agent.description) == ("My agent", "Answers about otters, of every kind.")
    agent = load(file(tmp_path, '"""Talks."""\ntitle = "Otter bot"\nanswer = lambda: 1'))
    assert (agent.title, agent.description) == ("Otter bot", "Talks.")


def test_a_file_may_import_what_lies_beside_it(tmp_path: Path) -> None:
    file(tmp_path, "WORDS = 'from beside'", "words_beside.py")
    load(file(tmp_path, "from words_beside import WORDS\ndef answer(): return WORDS"))


class Lazy(ModuleType):
    """A module that loads where it is asked, and can't."""

    def __getattribute__(self, name: str) -> Any:
        raise ImportError(name)


def test_what_is_no_module_may_stand_among_the_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(tmp_path / "beside_me.py")
    own, numbered = ModuleType("beside_me"), ModuleType("numbered")
    own.__file__, numbered.__file__ = name, 3  # type: ignore[assignment]
    kinds = [own, numbered, Lazy("lazy"), MagicMock(), MagicMock(__file__=3), object(), None]
    for number, odd in enumerate(kinds):
        monkeypatch.setitem(sys.modules, f"odd_{number}", odd)
    assert beside(tmp_path / "my_agent.py") == [name]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def answer(", "line 1"),
        ("x = 1\n1 / 0", "line 2"),
        ("import nothing_that_there_is", "nothing_that_there_is"),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("x = 1", "no function 'answer'"),
        ("def answer(message, tone): ...", "'tone'"),
    ],
)
def test_a_file_that_cannot_answer_says_why(tmp_path: Path, source: str, words: str) -> None:
    with pytest.raises(LoadError, match=words):
        load(file(tmp_path, source))
    with pytest.raises(LoadError, match="no Python file"):
        load(tmp_path / "nowhere.py")


async def test_the_example_answers() -> None:
    path = Path(__file__).parents[2] / "examples/agents/otter_desk.py"
    assert "from tokenfall import" in path.read_text()
    # Here the package has another name than where it is installed.
    source = path.read_text().replace("from tokenfall import", "from app import")
    space: dict[str, Any] = {"__name__": "otter_desk"}
    exec(compile(source, str(path), "exec"), space)  # our own file
    message = await message_of(space["answer"])
    assert "Ada" in message.text
    assert [call.name for call in message.tool_calls] == ["weigh"]
    assert message.status == "complete"


# --- what no JSON can hold ---------------------------------------------------------------------


class Wordless:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


def _within_itself() -> dict[str, Any]:
    value: dict[str, Any] = {"name": "kept"}
    value["self"] = value
    return value


def _deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


# Each has something that no JSON, or no reader of ours, can hold, and `kept` beside it.
UNWRITABLE: dict[str, Any] = {
    "half a character": {"kept": "\ud83d", "\udc00": 1},
    "no number": {"kept": [float("nan"), float("inf")]},
    "a huge number": {"kept": 10**5000},
    "a value in itself": _within_itself(),
    "deep": {"kept": 1, "deep": _deep(5000)},
    "deeper than a reader goes": {"kept": 1, "deep": _deep(300)},
    "keys of all kinds": {(1, 2): "kept", None: 1, b"x": 2, chr(0xD800): 3, chr(0xD801): 4},
    "bytes": {"kept": b"\0\xff"},
    "no words": {"kept": Wordless()},
    "NUL": {"kept": "a\0b"},
}


@pytest.mark.parametrize("name", UNWRITABLE)
@pytest.mark.parametrize("place", ["given", "arguments", "result", "question", "thoughts", "error"])
async def test_what_no_json_can_hold_ends_no_answer(name: str, place: str) -> None:
    value = UNWRITABLE[name]

    async def answer(request: Request) -> AsyncIterator[Any]:
        yield "Before. "
        if place == "given":
            yield value
        elif place == "arguments":
            with step(
                "look", value if all(isinstance(key, str) for key in value) else {"v": value}
            ):
                pass
        elif place == "result":
            with step("look") as looking:
                looking.result = value
        elif place == "question":
            await request.ask("Sure?", details=value)
        elif place == "thoughts":
            yield ReasoningDelta("", value)
        else:
            yield Error(ErrorInfo("unknown", "kept", raw=value))
        yield "After."

    running = Answer(Function(answer), texts("Hi"))
    events: list[Event] = []
    async with asyncio.timeout(LIMIT_S):
        async for batch in running.batches():
            events += batch
            for asked in batch:
                if isinstance(asked, ApprovalRequest):
                    running.decide(asked.call_id, "deny")
    said = "".join(event.text for event in events if isinstance(event, ContentDelta))
    assert said.startswith("Before. ")
    assert said.endswith("After.")
    # As it goes to a page, over a process and into a log.
    written = read_answer(line(Told("1", events)))
    assert isinstance(written, Told)
    assert len(written.events) == len(events)
    data = msgspec.json.encode(events)
    assert not is_too_deep(data)
    assert b"kept" in data
    Fold().add(written.events)


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_halves_of_characters_become_whole_again(size: int) -> None:
    text = "a😀b👍🏽"
    halves = [chr(unit) for one in text for unit in units(one)]

    def answer() -> Iterator[str]:
        for at in range(0, len(halves), size):
            yield "".join(halves[at : at + size])

    assert (await message_of(answer)).text == text


@pytest.mark.parametrize("given", ["\ud83d", "a\udc00b", "\ud83d\ud83d"])
async def test_half_a_character_alone_is_marked(given: str) -> None:
    def answer() -> Iterator[str]:
        yield "before "
        yield given
        yield " after"

    text = (await message_of(answer)).text
    assert text == f"before {re.sub('[^ab]', chr(0xFFFD), given)} after"


def units(letter: str) -> list[int]:
    data = letter.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]
