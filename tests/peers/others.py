"""`python3 -m tests --peers`: the other frameworks behind the page, with models of their own.

They lie in an environment of their own, as a person's do. Each test writes the file that a person
would write, and asks it as the server does. No network, no keys.
"""

from functools import partial
from pathlib import Path

import pytest

from app.agents.request import texts
from app.core.fold import Fold
from app.core.messages import Reasoning, Usage
from tests.agents.guides import Example, examples

from .asking import running, shape, usage

asked = partial(running, variable="TOKENFALL_PEERS")

# --- LangGraph ---------------------------------------------------------------------------------

LANGGRAPH = """
    import asyncio
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

    stopped = asyncio.Event()

    async def speak(state):
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
        if last.text == "wait":
            model = GenericFakeChatModel(messages=iter([AIMessage("Half")]))
            try:
                await model.ainvoke("")
                await asyncio.Event().wait()
            finally:
                stopped.set()
        if last.text == "stopped?":
            await stopped.wait()
            return {"messages": [AIMessage("Yes.")]}
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
    async with asked(tmp_path, LANGGRAPH) as ask:
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
    async with asked(tmp_path, LANGGRAPH) as ask:
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
    async with asked(tmp_path, LANGGRAPH) as ask:
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
    async with asked(tmp_path, source) as ask:
        assert shape(await ask("Hi")) == ["so Hi"]


# --- openai-agents -----------------------------------------------------------------------------

OPENAI_AGENTS = """
    import asyncio
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

    def delta(said):
        return ResponseTextDeltaEvent(
            type="response.output_text.delta", delta=said,
            content_index=0, item_id="m", output_index=0, sequence_number=0, logprobs=[])

    stopped = asyncio.Event()

    class Fake(Model):
        async def get_response(self, *a, **k):
            raise NotImplementedError

        async def stream_response(self, system_instructions, input, *rest, **more):
            items = [{"role": "user", "content": input}] if isinstance(input, str) else input
            last = items[-1]
            if last.get("type") == "function_call_output":
                output = [text(f"It said: {last['output']}")]
                yield delta(output[0].content[0].text)
            elif last["content"] == "wait":
                try:
                    yield delta("Half")
                    await asyncio.Event().wait()
                finally:
                    stopped.set()
            elif last["content"] == "stopped?":
                await stopped.wait()
                output = [text("Yes.")]
            elif last["content"] == "weigh":
                thought = ResponseReasoningItem(
                    id="r", type="reasoning",
                    summary=[Summary(text="Let me see.", type="summary_text")])
                output = [thought, text("Weighing."), call("weigh", '{"name": "Ada"}')]
            elif last["content"] == "delete":
                output = [call("delete", '{"table": "otters"}')]
            elif last["content"] == "both":
                output = [call("weigh", '{"name": "Ada"}'), call("look", '{"where": "up"}')]
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
    async with asked(tmp_path, OPENAI_AGENTS) as ask:
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
    async with asked(tmp_path, OPENAI_AGENTS) as ask:
        call, (_, said, _), text = shape(await ask("delete", decision=decision))
        assert ask.questions == [
            '{"question": "May delete run?", "arguments": {"table": "otters"}}'
        ]
        assert call == ("delete", {"table": "otters"})
        assert (said == "deleted otters") == (decision == "once")
        assert text == f"It said: {said}"


async def test_openai_agents_hand_over(tmp_path: Path) -> None:
    async with asked(tmp_path, OPENAI_AGENTS) as ask:
        call, (name, said, is_error), text = shape(await ask("other"))
        assert (call, name, is_error) == (("transfer_to_other", {}), "transfer_to_other", False)
        assert "Other" in said
        assert text == f"It said: {said}"


async def test_openai_agents_call_tools_of_the_page(tmp_path: Path) -> None:
    async with asked(tmp_path, OPENAI_AGENTS) as ask:
        _, message = await ask.with_tool_of_page("both")
        assert shape(message) == ["It said: grey sky"]


# --- chatlas -----------------------------------------------------------------------------------

CHATLAS = """
    import asyncio
    from chatlas import AssistantTurn, Chat, Provider
    from chatlas.types import *
    from chatlas._provider import StandardModelParams

    stopped = asyncio.Event()

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
            elif str(last) == "both":
                weighing = ContentToolRequest(id="c1", name="weigh", arguments={"name": "Ada"})
                looking = ContentToolRequest(id="c3", name="look", arguments={"where": "up"})
                said = [looking, weighing]
            elif str(last) == "fail":
                said = [ContentToolRequest(id="c2", name="weigh", arguments={"name": "Bo"})]
            elif str(last) == "wait":
                said = [ContentText(text="Half")]
            elif str(last) == "stopped?":
                await stopped.wait()
                said = [ContentText(text="Yes.")]
            else:
                kinds = [one.content_type for turn in turns for one in turn.contents]
                said = [ContentText(text=" ".join(kinds))]

            async def pieces():
                try:
                    for one in said:
                        yield one
                    if str(last) == "wait":
                        await asyncio.Event().wait()
                finally:
                    if str(last) == "wait":
                        stopped.set()

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
    async with asked(tmp_path, CHATLAS) as ask:
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


async def test_chatlas_calls_tools_of_the_page(tmp_path: Path) -> None:
    async with asked(tmp_path, CHATLAS) as ask:
        _, message = await ask.with_tool_of_page("both")
        assert shape(message) == ["It said: grey sky"]


# --- llm ---------------------------------------------------------------------------------------

LLM = """
    import asyncio
    import llm
    from llm.parts import StreamEvent

    stopped = asyncio.Event()

    class Fake(llm.{kind}Model):
        model_id = "fake"
        can_stream = True
        supports_tools = True

        {a}def execute(self, prompt, stream, response, conversation):
            response.set_usage(input=5, output=2)
            last = prompt.messages[-1].parts[-1]
            text = getattr(last, "text", "")
            if text == "both":
                asked = {{"look": {{"where": "up"}}, "weigh": {{"name": "Ada"}}}}
                for name, given in asked.items():
                    response.add_tool_call(
                        llm.ToolCall(name=name, arguments=given, tool_call_id=f"c-{{name}}"))
            elif prompt.tool_results:
                yield f"It said: {{prompt.tool_results[0].output}}"
            elif text == "wait":
                try:
                    yield "Half"
                    {w}asyncio.Event().wait()
                finally:
                    stopped.set()
            elif text == "stopped?":
                {w}stopped.wait()
                yield "Yes."
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


ASYNC = {"kind": "Async", "a": "async ", "w": "await "}
KINDS_OF_LLM = [dict.fromkeys(ASYNC, ""), ASYNC]


@pytest.mark.parametrize("words", KINDS_OF_LLM)
async def test_llm_tells_tools_thoughts_and_tokens(tmp_path: Path, words: dict[str, str]) -> None:
    async with asked(tmp_path, LLM.format(**words)) as ask:
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


@pytest.mark.parametrize("words", KINDS_OF_LLM)
async def test_llm_calls_tools_of_the_page(tmp_path: Path, words: dict[str, str]) -> None:
    async with asked(tmp_path, LLM.format(**words)) as ask:
        _, message = await ask.with_tool_of_page("both")
        (text,) = shape(message)
        assert text.count("ToolResultPart") == 2


async def test_a_model_of_llm_alone(tmp_path: Path) -> None:
    source = LLM.format(**KINDS_OF_LLM[0]).replace(
        "chat = Fake().conversation(tools=[weigh])", "model = Fake()"
    )
    async with asked(tmp_path, source) as ask:
        assert shape(await ask("Hi")) == ["TextPart"]


# --- Stop --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [LANGGRAPH, OPENAI_AGENTS, CHATLAS, LLM.format(**ASYNC)],
    ids=["langgraph", "openai_agents", "chatlas", "llm"],
)
async def test_stop_reaches_the_model(source: str, tmp_path: Path) -> None:
    async with asked(tmp_path, source) as ask:
        fold = Fold()
        batches = ask.agent.ask(texts("wait"))
        async for batch in batches:
            fold.add(batch)
            if fold.message.text == "Half":
                break
        await batches.aclose()
        assert shape(await ask("stopped?", chat="other")) == ["Yes."]


# --- the guide ---------------------------------------------------------------------------------

GUIDE = examples("agent.md")


@pytest.mark.parametrize("example", GUIDE, ids=range(len(GUIDE)))
async def test_a_file_of_the_guide_does_what_stands_there(example: Example, tmp_path: Path) -> None:
    async with asked(tmp_path, example.source) as ask:
        if example.answer:
            message = await ask(example.question)
            assert message.error is None
            assert message.text == example.answer
            assert bool(ask.questions) == example.is_asked_back
