"""Calling a function of any kind, and reading its values, piece by piece."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

from ..core.errors import UsageError
from .own_thread import OwnThread
from .request import Request

_NAMES = ("messages", "message", "history", "files", "state", "user", "tools", "request")
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
        self._names = _parameters(function)
        # Whether the page's tools are of use to it.
        self.takes_tools = "tools" in self._names or getattr(function, TAKES_TOOLS, False)

    async def pieces(self, request: Request) -> AsyncGenerator[Any]:
        """Call it, and yield its values. Its errors are raised; closing this closes it.

        A blocking function runs in a thread of its own, which nothing can end: values that it gives
        after it was stopped are dropped.
        """
        given = [getattr(request, name) if name != "request" else request for name in self._names]
        function = self._function
        thread = OwnThread()
        try:
            if inspect.isasyncgenfunction(function) or inspect.iscoroutinefunction(function):
                made = function(*given)
            else:
                made = await thread.call(function, *given)
            async with aclosing(_pieces(made, thread)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            thread.end()


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


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Choose the value for each parameter, by the names of `Request`."""
    try:
        known = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise UsageError(f"{function!r} is no function that can be called") from error
    needed = [
        one
        for one in known
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        and (one.default is one.empty or one.name in _NAMES)
    ]
    lacking = [
        one.name for one in known if one.kind == one.KEYWORD_ONLY and one.default is one.empty
    ]
    names = [_name(one, is_only=len(needed) == 1) for one in needed]
    if lacking or None in names:
        wrong = lacking or [one.name for one, name in zip(needed, names, strict=True) if not name]
        raise UsageError(
            f"{getattr(function, '__name__', 'the function')} asks for {wrong[0]!r}, which is not "
            f"given; what there is: {', '.join(_NAMES)}"
        )
    return [name for name in names if name]


def _name(parameter: inspect.Parameter, *, is_only: bool) -> str | None:
    annotation = parameter.annotation
    if annotation is Request or getattr(annotation, "__name__", annotation) in (
        "Request",
        "tokenfall.Request",
    ):
        return "request"
    if parameter.name in _NAMES:
        return parameter.name
    if annotation in (str, "str"):
        return "message"
    return "messages" if is_only else None
