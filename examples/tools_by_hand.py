"""A tool whose JSON Schema is written by hand, and the choice of tools.

Prints:

    tool_choice sent: required
    tool call started: calculate (call_0)
    tool arguments: {"expression":"6*7"}
    calls that may run: calculate
    42
"""

import asyncio
import json

from app import Chat, Options, Tool
from app.core.options import ToolDefinition
from app.events import ToolCallDelta, ToolCallEnd, ToolCallStart

from .script import MODEL, PROVIDER, answer, plays

PARAMETERS = {
    "type": "object",
    "properties": {"expression": {"type": "string"}},
    "required": ["expression"],
}
ASKS = answer(calls=(("calculate", '{"expression":"6*7"}'),))


async def main() -> None:
    # Defined only: whoever asked runs it. The choice is "auto", "none", "required" or a name.
    tool = ToolDefinition("calculate", "Perform a calculation", PARAMETERS)
    options = Options(tools=[tool], tool_choice="required")
    transport = plays(ASKS)
    chat = Chat(PROVIDER, MODEL, options=options, transport=transport)
    current_tool_args = ""
    async for event in chat.stream("6 * 7?"):
        match event:
            case ToolCallStart(_, id, name):
                sent = json.loads(transport.exchanges[0].request.body)
                print("tool_choice sent:", sent["tool_choice"])
                print(f"tool call started: {name} ({id})")
            case ToolCallDelta(_, arguments):
                current_tool_args += arguments
            case ToolCallEnd():
                print("tool arguments:", current_tool_args)
    calls = chat.messages[-1].runnable_tool_calls
    print("calls that may run:", ", ".join(call.name for call in calls))

    # With a function, it runs, and the model goes on.
    known = {"6*7": 42}
    calculate = Tool.from_schema(
        "calculate", "Perform a calculation", PARAMETERS, lambda expression: known[expression]
    )
    chat = Chat(PROVIDER, MODEL, tools=[calculate], transport=plays(ASKS, "42"))
    message = await chat.ask("6 * 7?")
    print(message.text)


if __name__ == "__main__":
    asyncio.run(main())
