"""`?debug` in the page's address: the console tells what one room of the page calls in another.

It says names and kinds of values, never what they hold: keys and words of people are among them.
"""

import sys
from types import CodeType, FrameType
from typing import Any

from js import console

_PAGE = "/browser/"


def start() -> None:
    """Log from now on. Everything is slower then."""
    sys.setprofile(_note)


def _note(frame: FrameType, event: str, argument: Any) -> None:
    if event != "call" or frame.f_back is None:
        return
    caller, called = frame.f_back.f_code, frame.f_code
    there = _room(called)
    if there and there != (here := _room(caller)) and not called.co_name.startswith("<"):
        names = called.co_varnames[: called.co_argcount]
        values = {name: frame.f_locals.get(name) for name in names}
        kinds = [f"{name}: {type(values[name]).__name__}" for name in names if name != "self"]
        told = f"{there} {called.co_qualname}({', '.join(kinds)})"
        console.debug(f"{f'{here} {caller.co_qualname}' if here else 'the browser'} → {told}")


def _room(code: CodeType) -> str:
    """The room of the page that code stands in; empty for anything else."""
    _, found, place = code.co_filename.partition(_PAGE)
    return place.partition("/")[0].removesuffix(".py") if found else ""
