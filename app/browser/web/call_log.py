"""`?debug` in the page's address: the console lists calls from one room of the page into another.

It says names and kinds of values, never what they hold: keys and words of people are among them.
"""

import sys
from functools import cache
from types import CodeType
from typing import Any

from js import console

_PAGE = "/browser/"

# Since Python 3.12; the tab has a newer one than we ask of others.
_monitoring: Any = getattr(sys, "monitoring", None)


def start() -> None:
    """Log from now on. Code outside of the page is looked at once, and costs nothing then."""
    tool = _monitoring.PROFILER_ID
    _monitoring.use_tool_id(tool, "tokenfall")
    _monitoring.register_callback(tool, _monitoring.events.PY_START, _note)
    _monitoring.set_events(tool, _monitoring.events.PY_START)


def _note(code: CodeType, offset: int) -> Any:
    there = _room(code)
    if not there or code.co_name.startswith(("<", "__annotate__")):
        return _monitoring.DISABLE
    called = sys._getframe(1)
    caller = called.f_back.f_code if called.f_back else None
    here = _room(caller) if caller else ""
    if here != there:
        names = (name for name in code.co_varnames[: code.co_argcount] if name != "self")
        kinds = (f"{name}: {type(called.f_locals.get(name)).__name__}" for name in names)
        who = f"{here} {caller.co_qualname}" if caller and here else "the browser"
        console.debug(f"{who} → {there} {code.co_qualname}({', '.join(kinds)})")
    return None


@cache
def _room(code: CodeType) -> str:
    """The room of the page that code stands in; empty for anything else."""
    _, found, place = code.co_filename.partition(_PAGE)
    return place.partition("/")[0].removesuffix(".py") if found else ""
