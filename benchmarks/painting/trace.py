"""Long tasks of the page's main thread, and its work in them: read from a trace of Chromium.

Source: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

import json
from dataclasses import dataclass, field
from typing import Any

CATEGORIES = [
    "-*",
    "toplevel",
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
    "v8",
]
LONG_MS = 50.0

_TASKS = frozenset({"RunTask", "ThreadControllerImpl::RunTask"})
# What tells nothing by itself: the time in it belongs to what is around it.
_FRAMES = frozenset({"RunMicrotasks", "v8.callFunction", "V8.RunMicrotasks"})
_NAMES = {
    "Layout": "layout",
    "UpdateLayoutTree": "style",
    "PrePaint": "paint",
    "Paint": "paint",
    "Layerize": "paint",
    "Commit": "paint",
    "FunctionCall": "script",
    "FireAnimationFrame": "script",
    "TimerFire": "script",
    "EventDispatch": "script",
    "v8.run": "script",
    "EvaluateScript": "script",
    "MinorGC": "garbage",
    "MajorGC": "garbage",
}


@dataclass
class Task:
    """One long task: how long it took by the wall and by the processor, in which part of the
    answer (0 is the first), and what it did for how many milliseconds of processor time.
    """

    wall_ms: float
    processor_ms: float
    tenth: int
    did: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = sorted(self.did.items(), key=lambda part: -part[1])
        named = ", ".join(f"{name} {taken:.0f}" for name, taken in parts if taken >= 1)
        return f"{self.processor_ms:.0f} ms ({self.wall_ms:.0f} by the wall): {named}"


def long_tasks(trace: bytes) -> list[Task]:
    """The tasks over 50 ms of the thread in which the marks `tenth-…` were set, in order."""
    events = json.loads(trace)["traceEvents"]
    marks = [each for each in events if str(each.get("name", "")).startswith("tenth-")]
    thread = (marks[0]["pid"], marks[0]["tid"])
    starts_us = sorted(each["ts"] for each in marks)
    own = [
        each
        for each in events
        if each.get("ph") == "X" and (each["pid"], each["tid"]) == thread and "dur" in each
    ]
    own.sort(key=lambda each: (each["ts"], -each["dur"]))
    spans = _measures(events, thread[0])
    found: list[Task] = []
    last_us = 0.0
    for at, each in enumerate(own):
        if each["name"] not in _TASKS or each["dur"] < LONG_MS * 1000 or each["ts"] < last_us:
            continue
        last_us = each["ts"] + each["dur"]
        tenth = sum(start <= each["ts"] for start in starts_us) - 1
        if tenth < 0:
            continue
        inner = [each]
        for event in own[at + 1 :]:
            if event["ts"] >= last_us:
                break
            inner.append(event)
        task = Task(each["dur"] / 1000, each.get("tdur", each["dur"]) / 1000, tenth)
        task.did = _shares(inner + [span for span in spans if each["ts"] <= span["ts"] < last_us])
        found.append(task)
    return found


def paints(trace: bytes) -> int:
    """Count how often what was drawn was handed to the compositor while the answer came."""
    events = json.loads(trace)["traceEvents"]
    marks = [each for each in events if str(each.get("name", "")).startswith("tenth-")]
    process, first_us = marks[0]["pid"], marks[0]["ts"]
    return sum(
        each.get("name") == "Commit" and each["pid"] == process and each["ts"] >= first_us
        for each in events
    )


def _measures(events: list[dict[str, Any]], process: int) -> list[dict[str, Any]]:
    """The spans that the page measured itself, as events with a beginning and a length."""
    begun: dict[Any, dict[str, Any]] = {}
    spans = []
    for each in events:
        if each.get("cat") != "blink.user_timing" or each["pid"] != process:
            continue
        if each["ph"] == "b":
            begun[each["name"], each.get("id")] = each
        elif each["ph"] == "e":
            start = begun.pop((each["name"], each.get("id")), None)
            if start is not None:
                length_us = each["ts"] - start["ts"]
                spans.append({"name": each["name"], "ts": start["ts"], "dur": length_us})
    return spans


def _shares(events: list[dict[str, Any]]) -> dict[str, float]:
    """Milliseconds by what was done: of each event what is not in an event inside of it.

    Spans of the page have no processor time, so all shares are by the wall and then scaled.
    """
    events = sorted(events, key=lambda each: (each["ts"], -each["dur"]))
    total = events[0]
    scale = total.get("tdur", total["dur"]) / max(total["dur"], 1) / 1000
    did: dict[str, float] = {}
    open_: list[tuple[float, str]] = []
    at_us = total["ts"]

    def spend(until_us: float) -> None:
        nonlocal at_us
        if open_ and until_us > at_us:
            did[open_[-1][1]] = did.get(open_[-1][1], 0.0) + (until_us - at_us) * scale
        at_us = max(at_us, until_us)

    for each in events:
        while open_ and open_[-1][0] <= each["ts"]:
            spend(open_[-1][0])
            open_.pop()
        spend(each["ts"])
        name = each["name"]
        kind = "other" if name in _TASKS else _NAMES.get(name, "")
        if each.get("ph") is None:
            kind = name
        if not kind or name in _FRAMES:
            kind = open_[-1][1] if open_ else "other"
        elif kind == "script" and open_ and open_[-1][1] not in ("other", "script"):
            kind = open_[-1][1]
        open_.append((each["ts"] + each["dur"], kind))
    while open_:
        spend(open_[-1][0])
        open_.pop()
    return did
