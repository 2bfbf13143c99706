"""Calling a function of any kind, and reading its values, piece by piece."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

from .own_thread import OwnThread
from .parameters import REQUEST, given
from .request import Request

# Attribute of a function that is given the whole request, and passes its tools on.
TAKES_TOOLS = "takes_tools"
_AT_END = object()
# What is read to its end where a function yields it.
_INNER = (AsyncIterator, Iterator, Awaitable)


class Function:
    """A function that answers. Its parameters say what it is given: by annotation where it is
    `Request` or `str`, else by name; a single one of any other name gets the messages.

    Raises:
        UsageError: It needs something that it is not given; the message names it.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._by_place, self._by_name = given(function)
        # Whether the page's tools are of use to it.
        asks_for = {*self._by_place, *self._by_name.values()}
        self.takes_tools = "tools" in asks_for or getattr(function, TAKES_TOOLS, False)

    async def pieces(self, request: Request) -> AsyncGenerator[Any]:
        """Call it, and yield its values. Its errors are raised; closing this closes it.

        A blocking function runs in a thread of its own, which nothing can end: values that it gives
        after it was stopped are dropped.
        """
        call = partial(
            self._function,
            *(_of(request, name) for name in self._by_place),
            **{name: _of(request, value) for name, value in self._by_name.items()},
        )
        thread = OwnThread()
        try:
            if inspect.isasyncgenfunction(call) or inspect.iscoroutinefunction(call):
                made = call()
            else:
                made = await thread.call(call)
            async with aclosing(_pieces(made, thread)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            thread.end()


def _of(request: Request, name: str) -> Any:
    return request if name == REQUEST else getattr(request, name)


async def _pieces(made: Any, thread: OwnThread) -> AsyncGenerator[Any]:
    """Give the values of what a function returned or yielded: those of generators one by one, in
    each other as well.
    """
    if inspect.isawaitable(made):
        made = await made
    if isinstance(made, AsyncIterator):
        each = _each(made)
    elif isinstance(made, Iterator):
        each = _each_in_thread(made, thread)
    else:
        yield made
        return
    async with aclosing(each):
        async for piece in each:
            if isinstance(piece, _INNER):
                async with aclosing(_pieces(piece, thread)) as pieces:
                    async for one in pieces:
                        yield one
            else:
                yield piece


async def _each(made: AsyncIterator[Any]) -> AsyncGenerator[Any]:
    try:
        async for piece in made:
            yield piece
    finally:
        if isinstance(made, AsyncGenerator):
            await made.aclose()


async def _each_in_thread(made: Iterator[Any], thread: OwnThread) -> AsyncGenerator[Any]:
    is_free = True
    try:
        while True:
            is_free = False
            piece = await thread.call(next, made, _AT_END)
            is_free = True
            if piece is _AT_END:
                return
            yield piece
    finally:
        if close := getattr(made, "close", None):
            if is_free:
                await thread.call(close)
            else:  # it blocks, and is closed when it does so no more
                thread.begin(close)
