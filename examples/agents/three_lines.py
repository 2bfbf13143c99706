"""Three lines are enough: python3 serve.py examples/agents/three_lines.py --reload"""


async def answer(message):  # type: ignore[no-untyped-def]
    yield "Let me see … "
    yield f"you said: {message}"
