"""A person's function that answers: its request, and the values it may give back.

    async def answer(request):
        yield "Let me look … "
        with step("search", {"for": request.message}) as found:
            found.result = look(request.message)
        yield table                      # what notebooks show is shown here, too

`answer` may be a plain function, a coroutine, a generator or an async one, and takes what its
parameters name: `message`, `messages`, `history`, `files`, `state`, `user` or `request`.
"""

from .answering import Answer
from .calling import Function
from .request import Request
from .step import Step, step

__all__ = ["Answer", "Function", "Request", "Step", "step"]
