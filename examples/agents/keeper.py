"""An agent of pydantic-ai whose tool asks first: python3 serve.py examples/agents/keeper.py

Started with a Python that has pydantic-ai. The model is one for trials, which calls each tool once
and costs nothing; with a key take another, as "openai:gpt-5-mini".
"""

from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel

agent = Agent(
    TestModel(custom_output_text="Both otters are fed, and well."),
    instructions="You keep otters.",
)


@agent.tool_plain
def weights_kg() -> dict[str, float]:
    """Weigh the otters."""
    return {"Ada": 7.2, "Bo": 9.1}


@agent.tool_plain(requires_approval=True)
def feed(fish: int) -> str:
    """Give each otter so many fish."""
    return f"each had {fish} fish"
