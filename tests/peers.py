"""`python3 -m tests --peers`: the real frameworks behind the page, with models of their own tests.

They lie in an environment of their own, as a person's do. Each test writes the file that a person
would write, and asks it as the server does. No network, no keys.
"""

import asyncio
import os
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.agents.request import texts
from app.core.events import ApprovalRequest, MessageStart
from app.core.fold import Fold
from app.core.messages import Message, Reasoning, Text, ToolCall, ToolResult, Usage
from app.native.agent_process import AgentProcess
from tests.agents.guides import Example, examples

# The Python that has them.
VARIABLE = "TOKENFALL_PEERS"
LIMIT_S = 120.0
PACKAGES = Path(msgspec.__file__).parents[1]


class Asked:
    """A file that is asked."""

    def __init__(self, agent: AgentProcess) -> None:
        self.agent = agent
        self.questions: list[str] = []

    async def __call__(self, *said: str, decision: str = "once", chat: str = "c") -> Message:
        """Ask with this conversation, of texts; `decision` is the answer to what is asked."""
        return await self.of(texts(*said), decision, chat)

    async def of(self, messages: list[Message], decision: str = "once", chat: str = "c") -> Message:
        fold, id = Fold(), ""
        async for batch in self.agent.ask(messages, chat=chat, shows_errors=True):
            fold.add(batch)
            for event in batch:
                if isinstance(event, MessageStart):
                    id = id or event.id
                if isinstance(event, ApprovalRequest):
                    assert event.wants == "answer"
                    self.questions.append(event.arguments)
                    assert self.agent.decide(id, event.call_id, decision)
        return fold.message


@asynccontextmanager
async def running(folder: Path, source: str) -> AsyncIterator[Asked]:
    file = folder / "my_agent.py"
    file.write_text(textwrap.dedent(source))
    agent = AgentProcess(file, executable=Path(os.environ[VARIABLE]), packages=PACKAGES)
    try:
        async with asyncio.timeout(LIMIT_S):
            status = await agent.load()
            assert status.error == ""
            yield Asked(agent)
    finally:
        await agent.close()


def shape(message: Message) -> list[Any]:
    """The parts of a message, without ids."""
    found: list[Any] = []
    for part in message.parts:
        match part:
            case ToolCall():
                found.append((part.name, msgspec.json.decode(part.arguments)))
            case ToolResult():
                found.append((part.name, part.content, part.is_error))
            case Text():
                found.append(part.text)
            case Reasoning():
                found.append(Reasoning(part.text))
    assert message.error is None, message.error
    assert message.status == "complete"
    calls = [part.id for part in message.parts if isinstance(part, ToolCall)]
    results = [part.call_id for part in message.parts if isinstance(part, ToolResult)]
    assert sorted(calls) == sorted(results)
    return found


def usage(message: Message) -> Usage:
    assert message.usage is not None
    return message.usage


# --- pydantic-ai -------------------------------------------------------------------------------

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


async def test_pydantic_ai_tells_tools_thoughts_and_tokens(tmp_path: Path) -> None:
    async with running(tmp_path, PYDANTIC_AI) as ask:
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
async def test_pydantic_ai_asks_for_leave(tmp_path: Path, decision: str, content: str) -> None:
    async with running(tmp_path, PYDANTIC_AI) as ask:
        message = await ask("delete", decision=decision)
        assert ask.questions == [
            '{"question": "May delete run?", "arguments": {"table": "otters"}}'
        ]
        call, (_, said, is_error), text = shape(message)
        assert (call, said) == (("delete", {"table": "otters"}), content)
        assert is_error == (decision == "deny")
        assert text.startswith("It said ")


async def test_pydantic_ai_tells_what_was_asked_for_as_data(tmp_path: Path) -> None:
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
    async with running(tmp_path, source) as ask:
        (said,) = shape(await ask("Which otter?"))
        assert '"name": "Ada"' in said
        assert "```json" in said


STOPPED = """
    import asyncio
    from pathlib import Path
    from pydantic_ai import Agent
    from pydantic_ai.models.function import FunctionModel

    async def model(messages, info):
        try:
            yield "Half"
            await asyncio.Event().wait()
        finally:
            Path(__file__).with_name("stopped").touch()

    agent = Agent(FunctionModel(stream_function=model))
"""


async def test_pydantic_ai_ends_with_its_reader(tmp_path: Path) -> None:
    async with running(tmp_path, STOPPED) as ask:
        fold = Fold()
        batches = ask.agent.ask(texts("Hi"))
        async for batch in batches:
            fold.add(batch)
            if fold.message.text == "Half":
                break
        await batches.aclose()
        while not (tmp_path / "stopped").exists():
            await asyncio.sleep(0.01)


# --- LangGraph ---------------------------------------------------------------------------------

LANGGRAPH = """
    from typing import Annotated, TypedDict
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph import END, START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode
    from langgraph.types import interrupt

    def weigh(name: str) -> str:
        "Weigh an otter."
        if name == "Bo":
            raise ValueError("broken scale")
        return f"{name} has 7.2 kg"

    def speak(state):
        last = state["messages"][-1]
        if isinstance(last, ToolMessage):
            model = GenericFakeChatModel(messages=iter([AIMessage(f"It said: {last.text}")]))
            return {"messages": [model.invoke(state["messages"])]}
        if last.text.startswith("weigh"):
            call = {"id": "c1", "name": "weigh", "args": {"name": last.text.split()[1]}}
            thoughts = {"type": "reasoning", "reasoning": "Let me see."}
            usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
            return {"messages": [AIMessage([thoughts], tool_calls=[call], usage_metadata=usage)]}
        if last.text == "delete":
            return {"messages": [AIMessage("Gone." if interrupt("Delete all?") else "Kept.")]}
        kinds = [one.type for one in state["messages"]]
        return {"messages": [AIMessage(" ".join(kinds))]}

    def on(state):
        return "tools" if getattr(state["messages"][-1], "tool_calls", ()) else END

    building = StateGraph(MessagesState)
    building.add_node("speak", speak)
    building.add_node("tools", ToolNode([weigh], handle_tool_errors=True))
    building.add_edge(START, "speak")
    building.add_conditional_edges("speak", on, ["tools", END])
    building.add_edge("tools", "speak")
    graph = building.compile(checkpointer=InMemorySaver())
"""


async def test_langgraph_tells_tools_thoughts_and_tokens(tmp_path: Path) -> None:
    async with running(tmp_path, LANGGRAPH) as ask:
        message = await ask("weigh Ada")
        assert shape(message) == [
            Reasoning("Let me see."),
            ("weigh", {"name": "Ada"}),
            ("weigh", "Ada has 7.2 kg", False),
            "It said: Ada has 7.2 kg",
        ]
        assert usage(message) == Usage(5, 2, 7)
        (_, _, (_, said, is_error), _) = shape(await ask("weigh Bo", chat="other"))
        assert is_error
        assert "broken scale" in said


async def test_a_thread_of_langgraph_goes_on_and_another_branch_begins_anew(tmp_path: Path) -> None:
    async with running(tmp_path, LANGGRAPH) as ask:
        assert shape(await ask("Hi")) == ["human"]
        # What the page shows of an answer is not what the thread has: it goes on with its own.
        assert shape(await ask("Hi", "as the page has it", "And?")) == ["human ai human"]
        assert shape(await ask("Other", "answer", "And?", "so", "Well?")) == [
            "human ai human ai human"
        ]


@pytest.mark.parametrize(("decision", "said"), [("once", "Gone."), ("deny", "Kept.")])
async def test_an_interrupt_of_langgraph_is_a_question(
    tmp_path: Path, decision: str, said: str
) -> None:
    async with running(tmp_path, LANGGRAPH) as ask:
        assert shape(await ask("delete", decision=decision)) == [said]
        assert ask.questions == ['{"question": "Delete all?"}']


async def test_a_graph_of_plain_nodes(tmp_path: Path) -> None:
    source = """
        from langgraph.graph import END, START, MessagesState, StateGraph

        def speak(state):
            return {"messages": ("ai", "so " + state["messages"][-1].text)}

        app = StateGraph(MessagesState)
        app.add_node("speak", speak)
        app.add_edge(START, "speak")
    """
    async with running(tmp_path, source) as ask:
        assert shape(await ask("Hi")) == ["so Hi"]


# --- openai-agents -----------------------------------------------------------------------------

OPENAI_AGENTS = """
    from agents import Agent, ModelResponse, Usage, function_tool, set_tracing_disabled
    from agents.models.interface import Model
    from openai.types.responses import (
        Response, ResponseCompletedEvent, ResponseFunctionToolCall, ResponseOutputMessage,
        ResponseOutputText, ResponseReasoningItem, ResponseTextDeltaEvent,
    )
    from openai.types.responses.response_reasoning_item import Summary
    from openai.types.responses.response_usage import (
        InputTokensDetails, OutputTokensDetails, ResponseUsage,
    )

    set_tracing_disabled(True)

    def text(said):
        content = [ResponseOutputText(text=said, type="output_text", annotations=[], logprobs=[])]
        return ResponseOutputMessage(
            id="m", type="message", role="assistant", status="completed", content=content)

    def call(name, arguments):
        return ResponseFunctionToolCall(
            id="f", call_id=f"c-{name}", type="function_call", name=name, arguments=arguments)

    class Fake(Model):
        async def get_response(self, *a, **k):
            raise NotImplementedError

        async def stream_response(self, system_instructions, input, *rest, **more):
            items = [{"role": "user", "content": input}] if isinstance(input, str) else input
            last = items[-1]
            if last.get("type") == "function_call_output":
                output = [text(f"It said: {last['output']}")]
                yield ResponseTextDeltaEvent(
                    type="response.output_text.delta", delta=output[0].content[0].text,
                    content_index=0, item_id="m", output_index=0, sequence_number=0, logprobs=[])
            elif last["content"] == "weigh":
                thought = ResponseReasoningItem(
                    id="r", type="reasoning",
                    summary=[Summary(text="Let me see.", type="summary_text")])
                output = [thought, text("Weighing."), call("weigh", '{"name": "Ada"}')]
            elif last["content"] == "delete":
                output = [call("delete", '{"table": "otters"}')]
            elif last["content"] == "other":
                output = [call("transfer_to_other", "{}")]
            else:
                output = [text(" ".join(one.get("type") or one["role"] for one in items))]
            usage = ResponseUsage(
                input_tokens=5, output_tokens=2, total_tokens=7,
                input_tokens_details=InputTokensDetails(cached_tokens=1, cache_write_tokens=0),
                output_tokens_details=OutputTokensDetails(reasoning_tokens=1))
            yield ResponseCompletedEvent(
                type="response.completed", sequence_number=1,
                response=Response(
                    id="x", created_at=0, model="fake", object="response", output=output,
                    tool_choice="none", tools=[], parallel_tool_calls=False, usage=usage))

    @function_tool
    def weigh(name: str) -> str:
        return f"{name} has 7.2 kg"

    @function_tool(needs_approval=True)
    def delete(table: str) -> str:
        return f"deleted {table}"

    other = Agent(name="Other", model=Fake())
    agent = Agent(name="Otters", model=Fake(), tools=[weigh, delete], handoffs=[other])
"""


async def test_openai_agents_tell_tools_thoughts_and_tokens(tmp_path: Path) -> None:
    async with running(tmp_path, OPENAI_AGENTS) as ask:
        message = await ask("weigh")
        assert shape(message) == [
            Reasoning("Let me see."),
            "Weighing.",
            ("weigh", {"name": "Ada"}),
            ("weigh", "Ada has 7.2 kg", False),
            "It said: Ada has 7.2 kg",
        ]
        assert usage(message) == Usage(10, 4, 14, 2, 2)
        again = await ask.of([*texts("weigh"), message, *texts("And?")])
        assert shape(again) == ["user assistant function_call function_call_output assistant user"]


@pytest.mark.parametrize("decision", ["once", "deny"])
async def test_openai_agents_ask_for_leave(tmp_path: Path, decision: str) -> None:
    async with running(tmp_path, OPENAI_AGENTS) as ask:
        call, (_, said, _), text = shape(await ask("delete", decision=decision))
        assert ask.questions == [
            '{"question": "May delete run?", "arguments": {"table": "otters"}}'
        ]
        assert call == ("delete", {"table": "otters"})
        assert (said == "deleted otters") == (decision == "once")
        assert text == f"It said: {said}"


async def test_openai_agents_hand_over(tmp_path: Path) -> None:
    async with running(tmp_path, OPENAI_AGENTS) as ask:
        call, (name, said, is_error), text = shape(await ask("other"))
        assert (call, name, is_error) == (("transfer_to_other", {}), "transfer_to_other", False)
        assert "Other" in said
        assert text == f"It said: {said}"


# --- chatlas -----------------------------------------------------------------------------------

CHATLAS = """
    from chatlas import AssistantTurn, Chat, Provider
    from chatlas.types import *
    from chatlas._provider import StandardModelParams

    class Fake(Provider):
        def __init__(self):
            super().__init__(name="fake", model="fake")

        def list_models(self):
            return []

        def chat_perform(self, **given):
            raise NotImplementedError

        async def chat_perform_async(self, *, stream, turns, tools, data_model=None, kwargs=None):
            last = turns[-1].contents[-1]
            if isinstance(last, ContentToolResult):
                said = [ContentText(text=f"It said: {last.get_model_value()}")]
            elif str(last) == "weigh":
                request = ContentToolRequest(id="c1", name="weigh", arguments={"name": "Ada"})
                thought = ContentThinking(thinking="Let me see.")
                said = [thought, ContentText(text="Weighing."), request]
            elif str(last) == "fail":
                said = [ContentToolRequest(id="c2", name="weigh", arguments={"name": "Bo"})]
            else:
                kinds = [one.content_type for turn in turns for one in turn.contents]
                said = [ContentText(text=" ".join(kinds))]

            async def pieces():
                for one in said:
                    yield one

            return pieces()

        def stream_content(self, chunk, completion=None, *, turns=None, **more):
            if isinstance(chunk, ContentThinking):
                yield ContentThinkingDelta(thinking=chunk.thinking)
            elif isinstance(chunk, ContentText):
                yield chunk

        def stream_text(self, chunk):
            return chunk.text if isinstance(chunk, ContentText) else None

        def stream_merge_chunks(self, completion, chunk):
            return [*(completion or []), chunk]

        def stream_turn(self, completion, has_data_model=False, **more):
            return AssistantTurn(completion, tokens=(5, 2, 1), finish_reason="success")

        def value_turn(self, completion, has_data_model=False, **more):
            raise NotImplementedError

        def value_tokens(self, completion):
            return (5, 2, 1)

        def value_cost(self, *a, **k):
            return None

        def token_count(self, *args, **given):
            return 0

        async def token_count_async(self, *args, **given):
            return 0

        def translate_model_params(self, params):
            return {}

        def supported_model_params(self):
            return set()

    def weigh(name: str) -> str:
        "Weigh an otter."
        if name == "Bo":
            raise ValueError("broken scale")
        return f"{name} has 7.2 kg"

    chat = Chat(Fake(), system_prompt="Be kind.")
    chat.register_tool(weigh)
"""


async def test_chatlas_tells_tools_thoughts_and_tokens(tmp_path: Path) -> None:
    async with running(tmp_path, CHATLAS) as ask:
        message = await ask("weigh")
        assert shape(message) == [
            Reasoning("Let me see."),
            "Weighing.",
            ("weigh", {"name": "Ada"}),
            ("weigh", "Ada has 7.2 kg", False),
            "It said: Ada has 7.2 kg",
        ]
        assert usage(message) == Usage(12, 4, cached_tokens=2)
        _, (_, said, is_error), _ = shape(await ask("fail"))
        assert is_error
        assert "broken scale" in said
        again = await ask.of([*texts("weigh"), message, *texts("And?")])
        assert shape(again) == ["text text text tool_request tool_result text text"]


# --- llm ---------------------------------------------------------------------------------------

LLM = """
    import llm
    from llm.parts import StreamEvent

    class Fake(llm.{kind}Model):
        model_id = "fake"
        can_stream = True
        supports_tools = True

        {a}def execute(self, prompt, stream, response, conversation):
            response.set_usage(input=5, output=2)
            last = prompt.messages[-1].parts[-1]
            text = getattr(last, "text", "")
            if prompt.tool_results:
                yield f"It said: {{prompt.tool_results[0].output}}"
            elif text.startswith("weigh"):
                yield StreamEvent(type="reasoning", chunk="Let me see.")
                yield StreamEvent(type="text", chunk="Weighing.")
                response.add_tool_call(llm.ToolCall(
                    name="weigh", arguments={{"name": text.split()[1]}}, tool_call_id="c1"))
            else:
                yield " ".join(type(part).__name__ for one in prompt.messages for part in one.parts)

    def weigh(name: str) -> str:
        "Weigh an otter."
        if name == "Bo":
            raise ValueError("broken scale")
        return f"{{name}} has 7.2 kg"

    chat = Fake().conversation(tools=[weigh])
"""


@pytest.mark.parametrize("words", [{"kind": "", "a": ""}, {"kind": "Async", "a": "async "}])
async def test_llm_tells_tools_thoughts_and_tokens(tmp_path: Path, words: dict[str, str]) -> None:
    async with running(tmp_path, LLM.format(**words)) as ask:
        message = await ask("weigh Ada")
        assert shape(message) == [
            Reasoning("Let me see."),
            "Weighing.",
            ("weigh", {"name": "Ada"}),
            ("weigh", "Ada has 7.2 kg", False),
            "It said: Ada has 7.2 kg",
        ]
        assert usage(message) == Usage(10, 4)
        _, _, _, (_, said, is_error), _ = shape(await ask("weigh Bo"))
        assert is_error
        assert "broken scale" in said
        again = await ask.of([*texts("weigh Ada"), message, *texts("And?")])
        assert shape(again) == ["TextPart TextPart ToolCallPart ToolResultPart TextPart TextPart"]


async def test_a_model_of_llm_alone(tmp_path: Path) -> None:
    source = LLM.format(kind="", a="").replace(
        "chat = Fake().conversation(tools=[weigh])", "model = Fake()"
    )
    async with running(tmp_path, source) as ask:
        assert shape(await ask("Hi")) == ["TextPart"]


# --- the guide ---------------------------------------------------------------------------------

GUIDE = examples("agent.md")


@pytest.mark.parametrize("example", GUIDE, ids=range(len(GUIDE)))
async def test_a_file_of_the_guide_does_what_stands_there(example: Example, tmp_path: Path) -> None:
    async with running(tmp_path, example.source) as ask:
        if example.answer:
            message = await ask(example.question)
            assert message.error is None
            assert message.text == example.answer
            assert bool(ask.questions) == example.is_asked_back
