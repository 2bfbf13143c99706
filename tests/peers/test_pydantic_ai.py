"""Agents of pydantic-ai behind the page, with a model of their own: no network, no keys."""

import json
from functools import partial
from pathlib import Path

import pytest

from app.agents.request import texts
from app.core.fold import Fold
from app.core.messages import File, Message, Reasoning, Text
from tests.live_server import REPOSITORY

from .asking import running, shape, usage

EXAMPLES = REPOSITORY / "examples/agents"
asked = partial(running, variable="TOKENFALL_NEAR_PEERS")

PYDANTIC_AI = """
    from pydantic import BaseModel
    from pydantic_ai import Agent
    from pydantic_ai.messages import *
    from pydantic_ai.models.function import DeltaThinkingPart, DeltaToolCall, FunctionModel
    from tokenfall import step

    seen = []

    async def model(messages, info):
        question = [part.content for part in messages[-1].parts]
        seen.append(messages)
        if any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            yield f"It said {question[0]}."
        elif "delete" in question:
            yield {0: DeltaToolCall("delete", '{"table": ', tool_call_id="c1")}
            yield {0: DeltaToolCall(json_args='"otters"}')}
        elif "weigh" in question:
            yield {0: DeltaThinkingPart(content="Let me ")}
            yield {0: DeltaThinkingPart(content="see.")}
            yield "Weighing. "
            yield {1: DeltaToolCall("weigh", '{"name": "Ada"}', tool_call_id="c2")}
        elif "both" in question:
            yield {0: DeltaToolCall("weigh", '{"name": "Ada"}', tool_call_id="c4")}
            yield {1: DeltaToolCall("look", '{"where": "up"}', tool_call_id="c5")}
        elif "fail" in question:
            yield {0: DeltaToolCall("fail", "{}", tool_call_id="c3")}
        else:
            roles = [type(part).__name__ for one in messages for part in one.parts]
            yield f"{info.instructions} {' '.join(roles)}"

    def weigh(name: str) -> dict[str, float]:
        with step("scale"):
            return {"kg": 7.2}

    def fail() -> str:
        raise ValueError("broken scale")

    agent = Agent(FunctionModel(stream_function=model), tools=[weigh], system_prompt="Be kind.")

    @agent.tool_plain(requires_approval=True)
    def delete(table: str) -> str:
        return f"deleted {table}"

    @agent.tool_plain
    def wait_for_ever() -> str:
        return ""
"""


async def test_it_tells_tools_thoughts_and_tokens(tmp_path: Path) -> None:
    async with asked(tmp_path, PYDANTIC_AI) as ask:
        message = await ask("weigh")
        assert shape(message) == [
            Reasoning("Let me see."),
            "Weighing. ",
            ("weigh", {"name": "Ada"}),
            ("scale", {}),
            ("scale", "", False),
            ("weigh", '{"kg":7.2}', False),
            "It said {'kg': 7.2}.",
        ]
        assert (usage(message).input_tokens or 0) > 0
        assert (usage(message).output_tokens or 0) > 0
        assert message.finish_reason == "stop"
        again = await ask.of([*texts("weigh"), message, *texts("And?")])
        assert shape(again) == [
            "None SystemPromptPart UserPromptPart TextPart ToolCallPart ToolCallPart "
            "ToolReturnPart ToolReturnPart TextPart UserPromptPart"
        ]


@pytest.mark.parametrize(
    ("decision", "content"),
    [("once", "deleted otters"), ("deny", "The tool call was denied.")],
)
async def test_it_asks_for_leave(tmp_path: Path, decision: str, content: str) -> None:
    async with asked(tmp_path, PYDANTIC_AI) as ask:
        message = await ask("delete", decision=decision)
        assert ask.questions == [
            '{"question": "May delete run?", "arguments": {"table": "otters"}}'
        ]
        call, (_, said, is_error), text = shape(message)
        assert (call, said) == (("delete", {"table": "otters"}), content)
        assert is_error == (decision == "deny")
        assert text.startswith("It said ")


async def test_it_calls_tools_of_the_page(tmp_path: Path) -> None:
    async with asked(tmp_path, PYDANTIC_AI) as ask:
        _, message = await ask.with_tool_of_page("both")
        (said,) = shape(message)
        assert "grey sky" in said


async def test_it_tells_what_was_asked_for_as_data(tmp_path: Path) -> None:
    source = """
        from pydantic import BaseModel
        from pydantic_ai import Agent
        from pydantic_ai.models.test import TestModel

        class Otter(BaseModel):
            name: str
            weight_kg: float

        model = TestModel(custom_output_args={"name": "Ada", "weight_kg": 7.2})
        agent = Agent(model, output_type=Otter)
    """
    async with asked(tmp_path, source) as ask:
        (said,) = shape(await ask("Which otter?"))
        assert '"name": "Ada"' in said
        assert "```json" in said


async def test_what_is_attached_reaches_the_model(tmp_path: Path) -> None:
    source = """
        from pydantic_ai import Agent
        from pydantic_ai.models.function import FunctionModel

        async def model(messages, info):
            seen = messages[-1].parts[-1].content
            yield " ".join(one if isinstance(one, str) else one.media_type for one in seen)

        agent = Agent(FunctionModel(stream_function=model))
    """
    data = "data:image/png;base64,iVBORw0KGgo="
    files = [File(data, "image/png"), File("https://otters.test/weights.pdf", "application/pdf")]
    async with asked(tmp_path, source) as ask:
        message = await ask.of([Message("user", [Text("Look:"), *files], status="complete")])
        assert shape(message) == ["Look: image/png application/pdf"]


STOPPED = """
    import asyncio
    from pydantic_ai import Agent
    from pydantic_ai.models.function import FunctionModel

    stopped = asyncio.Event()

    async def model(messages, info):
        if messages[-1].parts[-1].content == "And?":
            await stopped.wait()
            yield "stopped"
            return
        try:
            yield "Half"
            await asyncio.Event().wait()
        finally:
            stopped.set()

    agent = Agent(FunctionModel(stream_function=model))
"""


async def test_it_ends_with_its_reader(tmp_path: Path) -> None:
    async with asked(tmp_path, STOPPED) as ask:
        fold = Fold()
        batches = ask.agent.ask(texts("Hi"))
        async for batch in batches:
            fold.add(batch)
            if fold.message.text == "Half":
                break
        await batches.aclose()
        assert shape(await ask("And?")) == ["stopped"]


async def test_the_example_weighs_and_asks_before_it_feeds(tmp_path: Path) -> None:
    source = (EXAMPLES / "keeper.py").read_text("utf-8")
    async with asked(tmp_path, source) as ask:
        message = await ask("How are they?")
        assert [json.loads(one)["question"] for one in ask.questions] == ["May feed run?"]
        parts = shape(message)
        assert ("weights_kg", '{"Ada":7.2,"Bo":9.1}', False) in parts
        assert parts[-1] == "Both otters are fed, and well."
