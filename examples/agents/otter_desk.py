"""A function behind the page: python3 serve.py examples/agents/otter_desk.py --reload"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from tokenfall import Request, step

title = "Otter desk"

WEIGHTS_KG = {"Ada": 7.2, "Bo": 9.1, "Cleo": 6.4}


async def answer(request: Request) -> AsyncIterator[Any]:
    """Knows three otters, weighs them, and forgets them if you agree."""
    request.state["asked"] = request.state.get("asked", 0) + 1
    otters: dict[str, float] = request.state.setdefault("otters", dict(WEIGHTS_KG))
    if "forget" in request.message.lower():
        if await request.ask("Forget all otters of this chat?", otters=len(otters)):
            otters.clear()
            yield "They are forgotten."
        else:
            yield "They stay."
        return
    yield "Let me weigh them … "
    with step("weigh", {"otters": list(otters)}) as weighed:
        await asyncio.sleep(0.2)
        weighed.result = {"total_kg": round(sum(otters.values()), 1)}
    yield [{"name": name, "weight in kg": weight} for name, weight in otters.items()]
    yield f"You have asked {request.state['asked']} times in this chat."
