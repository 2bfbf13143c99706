"""`python3 -m tests --peers`: the front ends of others, from npm, as clients of what we serve.

The program in between is one as a person would write: it passes questions on to runs that go on on
a server of ours, and serves their events in the words of AG-UI or of the AI SDK.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.agents import Request, step
from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import File, Message, ProviderTool, Source, ToolResult, Usage
from app.following.followed_run import FollowedRun
from app.following.run_server import RunServer
from app.native.agent_here import AgentHere
from app.native.http import HTTPTransport
from app.protocols.ag_ui import Writer
from app.protocols.tokenfall.runs import Question
from app.serving import (
    AgentInput,
    answering,
    parse_ag_ui_request,
    parse_ui_request,
    to_ag_ui_response,
    to_ui_message_response,
)
from tests.live_server import LIMIT_S, live_server, running
from tests.protocols.test_ag_ui import TOLD, message_of, written

FOLDER = Path(__file__).with_name("clients")


STRANGE = "nothing that this protocol knows"

# What a run may tell, beside an ordinary one.
EVERYTHING: list[ev.Event] = [
    ev.MessageStart("m", "x"),
    ev.StepStart(1),
    ev.ReasoningDelta("", {"signature": "x"}),
    ev.RefusalDelta("No."),
    ev.ToolCallStart(0, "c", "f"),
    ev.ToolCallEnd(0),
    ev.ToolRunStart("c", "f"),
    ToolResult("c", "broken", "f", is_error=True),
    ProviderTool("p", "search", "{}", {"a": 1}),
    Source("https://otters.example", "Otters"),
    File("data:text/csv;base64,YSxi", "text/csv", "a.csv"),
    *(ev.Retry(1, 0.5, "busy"), ev.StepReset("anew"), ev.Heartbeat("hm"), ev.Warning("odd")),
    ev.Alternative(1, ev.ContentDelta("else")),
    Usage(1, 2, 3, 1, 1),
    ev.Done("complete", "stop"),
]
FAILED: list[ev.Event] = [
    ev.ContentDelta("Half"),
    ev.Error(ErrorInfo("read", "cut")),
    ev.Done("error"),
]
CANCELLED: list[ev.Event] = [ev.Done("aborted")]
LEFT: list[ev.Event] = [
    *(ev.ToolCallStart(0, "c", "f"), ev.ToolCallEnd(0)),
    ev.Done("complete", "tool_calls"),
]

# What the function waits for, and what waits for it: they run in several loops.
GO: Queue[None] = Queue()
STOPPED: Queue[None] = Queue()


async def answer(request: Request) -> AsyncIterator[Any]:
    """Does what it is asked."""
    match request.message:
        case "weigh":
            with step("weigh", {"name": "Ada"}) as weighed:
                weighed.result = {"kg": 7.2}
            yield "Ada has 7.2 kg."
        case "ask":
            yield "Asked. "
            yield "Gone." if await request.ask("Delete 3 rows?", table="otters") else "Kept."
        case "slow":
            yield "begun "
            await asyncio.to_thread(GO.get)
            yield "done"
        case _:
            try:
                yield "Half"
                await asyncio.Event().wait()
            finally:
                STOPPED.put_nowait(None)


def program(runs: str) -> Starlette:
    """A program that serves front ends of others; `runs` is the address of a server of ours."""
    direct = answering(answer)
    server = RunServer(HTTPTransport(), f"{runs}/api")
    kept: dict[str, str] = {}  # by chat or by their own name, the run here

    def followed(name: str, question: Question | None = None) -> FollowedRun:
        return FollowedRun(server, name, Message("assistant"), question=question)

    def begun(key: str, message: Message) -> FollowedRun:
        kept[key] = f"run-of-{key}"
        return followed(kept[key], Question([message], provider="agent", chat=f"chat-of-{key}"))

    async def ui_chat(request: Asked) -> Any:
        asked = parse_ui_request(await request.body())
        return to_ui_message_response(begun(asked.id, asked.messages[-1]), asked)

    async def ui_direct(request: Asked) -> Any:
        asked = parse_ui_request(await request.body())
        return to_ui_message_response(direct(asked.messages), asked)

    async def ui_resume(request: Asked) -> Any:
        name = kept.get(request.path_params["chat"])
        return to_ui_message_response(followed(name)) if name else Response(status_code=204)

    async def ag_ui_chat(request: Asked) -> Any:
        asked = parse_ag_ui_request(await request.body())
        return to_ag_ui_response(begun(asked.run_id, asked.messages[-1]), asked)

    async def ag_ui_direct(request: Asked) -> Any:
        asked = parse_ag_ui_request(await request.body())
        return to_ag_ui_response(direct(asked.messages), asked)

    async def ag_ui_resume(request: Asked) -> Any:
        run = request.query_params["runId"]
        again = AgentInput(thread_id="again", run_id=run)
        return to_ag_ui_response(followed(kept[run]), again)

    async def go(request: Asked) -> Response:
        GO.put_nowait(None)
        return Response(status_code=204)

    async def stopped(request: Asked) -> Response:
        await asyncio.to_thread(STOPPED.get)
        return PlainTextResponse("yes")

    app = Starlette(
        routes=[
            Route("/ui/chat", ui_chat, methods=["POST"]),
            Route("/ui/direct", ui_direct, methods=["POST"]),
            Route("/ui/chat/{chat}/stream", ui_resume),
            Route("/ag-ui/chat", ag_ui_chat, methods=["POST"]),
            Route("/ag-ui/chat", ag_ui_resume),
            Route("/ag-ui/direct", ag_ui_direct, methods=["POST"]),
            Route("/go", go, methods=["POST"]),
            Route("/stopped", stopped),
        ]
    )
    app.state.closing = asyncio.Event()
    return app


def ran(name: str, *arguments: str, given: str = "") -> Any:
    """What a script of ours tells; its imports lie beside it."""
    script = Path(os.environ["TOKENFALL_CLIENTS"]).parent / name
    script.write_bytes((FOLDER / name).read_bytes())
    done = subprocess.run(
        ["node", script, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """What each front end had in each step."""
    with (
        live_server(agent=AgentHere(answer)) as runs,
        running(program(runs.url), control="/nowhere") as server,
    ):
        found: dict[str, dict[str, Any]] = ran("clients.mjs", server.url)
        return found


def test_ag_ui_finds_nothing_wrong_with_what_is_told_and_has_no_kind_that_is_not_read() -> None:
    records = b"".join(written(events) for events in (TOLD, EVERYTHING, FAILED, CANCELLED, LEFT))
    asked = ev.ApprovalRequest("ask_1", "ask", '{"question": "So?", "rows": 3}', "answer")
    leave = ev.ApprovalRequest("c1", "feed", "{}", "approval")
    records += Writer("t", "r").pause({"x": asked, "y": leave})
    lines = records.decode().replace("data: ", "").split("\n\n")
    found = ran("schemas.mjs", given="\n".join(filter(None, lines)))
    assert found["wrong"] == []
    for kind in found["kinds"]:
        assert STRANGE not in str(message_of({"type": kind}).warnings), kind
    assert STRANGE in str(message_of({"type": "NO_SUCH_KIND"}).warnings)


def test_the_chat_of_the_ai_sdk_reads_replies_and_resumes(
    told: dict[str, dict[str, Any]],
) -> None:
    assert told["aiSDK"] == {
        "read": [
            ["step-start", None],
            ["tool-weigh", {"kg": 7.2}],
            ["text", "Ada has 7.2 kg."],
        ],
        "asked": [
            ["approval-requested", "Delete 3 rows?", "output-available", "Asked. Gone.", 2],
            ["approval-requested", "Delete 3 rows?", "output-denied", "Asked. Kept.", 2],
            ["approval-requested", "Delete 3 rows?", "output-available", "Asked. Gone.", 2],
        ],
        "status": "ready",
        "stopped": ["Half", "yes", "ready"],
        "resumed": ["begun done", "begun done"],
    }


def test_the_client_of_ag_ui_reads_replies_and_stops(told: dict[str, dict[str, Any]]) -> None:
    """It has no way to take a run up again."""
    assert told["agUI"] == {
        "read": [
            ["assistant", "weigh"],
            ["tool", '{"kg": 7.2}'],
            ["assistant", "Ada has 7.2 kg."],
        ],
        "asked": [
            ["confirmation", "Delete 3 rows?", "Gone.", 0],
            ["confirmation", "Delete 3 rows?", "Kept.", 0],
            ["confirmation", "Delete 3 rows?", "Gone.", 0],
        ],
        "stopped": ["Half", "yes"],
    }


def test_the_client_of_tanstack_reads_stops_and_resumes(told: dict[str, dict[str, Any]]) -> None:
    assert told["tanStack"] == {
        "read": [
            ["tool-call", "weigh"],
            ["tool-result", '{"kg": 7.2}'],
            ["text", "Ada has 7.2 kg."],
        ],
        "stopped": ["Half", "yes"],
        "resumed": ["begun done", "begun done"],
    }
