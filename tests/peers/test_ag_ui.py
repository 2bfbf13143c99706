"""An agent behind pydantic-ai's AG-UI adapter, with a model of its own, asked by ours."""

import asyncio
import textwrap
from pathlib import Path

from app.core.messages import Reasoning, ToolCall
from app.core.running.chat import Chat
from app.core.tools.function_tool import tool
from app.native.http import HTTPTransport
from app.providers import Provider
from tests.protocols.test_ag_ui_both_ways import KINDS

from .asking import LIMIT_S, shape
from .programs import serving

PROGRAM = """
    import asyncio
    from ag_ui.core import EventType
    from pydantic_ai import Agent, DeferredToolRequests
    from pydantic_ai.messages import *
    from pydantic_ai.models.function import DeltaThinkingPart, DeltaToolCall, FunctionModel
    from pydantic_ai.ui.ag_ui import AGUIAdapter
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, PlainTextResponse
    from starlette.routing import Route

    stopped = asyncio.Event()

    async def model(messages, info):
        asked = [part.content for part in messages[-1].parts]
        if any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            yield f"It said {asked[-1]}."
        elif "weigh" in asked:
            yield {0: DeltaThinkingPart(content="Let me see.")}
            yield "Weighing. "
            yield {1: DeltaToolCall("weigh", '{"name": ', tool_call_id="c1")}
            yield {1: DeltaToolCall(json_args='"Ada"}')}
        elif "look" in asked:  # by a tool of the front end
            yield {0: DeltaToolCall("look", '{"where": "pond"}', tool_call_id="c2")}
        elif "wait" in asked:
            try:
                yield "Half"
                await asyncio.Event().wait()
            finally:
                stopped.set()
        else:
            yield " ".join(type(part).__name__ for one in messages for part in one.parts)

    agent = Agent(
        FunctionModel(stream_function=model), output_type=[str, DeferredToolRequests]
    )

    @agent.tool_plain
    def weigh(name: str) -> str:
        return f"{name} has 7.2 kg"

    async def run(request):
        return await AGUIAdapter.dispatch_request(request, agent=agent)

    async def was_stopped(request):
        await stopped.wait()
        return PlainTextResponse("yes")

    async def kinds(request):
        return JSONResponse([kind.value for kind in EventType])

    app = Starlette(
        routes=[
            Route("/", run, methods=["POST"]),
            Route("/stopped", was_stopped),
            Route("/kinds", kinds),
        ]
    )
"""


@tool
def look(where: str) -> str:
    """Look somewhere."""
    return f"two otters in the {where}"


async def test_an_agent_over_ag_ui_tells_all_that_it_does_and_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "my_program.py").write_text(textwrap.dedent(PROGRAM))
    with serving("my_program:app", "TOKENFALL_NEAR_PEERS", tmp_path) as client:
        assert set(client.get("/kinds").json()) == KINDS
        transport = HTTPTransport()
        who = Provider("agent", "Agent", str(client.base_url).rstrip("/"), protocol="ag-ui")
        chat = Chat(who, "agent", transport=transport, tools=[look])
        async with asyncio.timeout(LIMIT_S):
            message = await chat.ask("weigh")
            assert shape(message) == [
                Reasoning("Let me see."),
                "Weighing. ",
                ("weigh", {"name": "Ada"}),
                ("weigh", "Ada has 7.2 kg", False),
                "\n\nIt said Ada has 7.2 kg.",
            ]
            # Its own tools and the page's; the conversation before goes along.
            answer = await chat.ask("look")
            assert answer.text == "It said two otters in the pond."
            calls = [
                part for one in chat.messages for part in one.parts if isinstance(part, ToolCall)
            ]
            assert [call.name for call in calls] == ["weigh", "look"]
            said = (await chat.ask("And?")).text
            assert "ToolCallPart ToolReturnPart TextPart" in said
            run = chat.stream("wait")
            async for _ in run.batches():
                if run.message.text == "Half":
                    run.cancel()
            assert (run.status, run.message.text) == ("aborted", "Half")
            stopped = await asyncio.to_thread(client.get, "/stopped")
            assert stopped.text == "yes"
        await transport.aclose()
