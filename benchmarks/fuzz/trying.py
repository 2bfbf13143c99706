"""Decoding broken streams, and asserting what holds for any bytes."""

import json
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from time import thread_time

from app.core.messages import Message, ToolResult, user
from app.core.options import Options
from app.protocols import http_error, wire_format
from tests.cases import library
from tests.cases.decoding import assert_sound, decode, json_of
from tests.protocols.growing import STREAMS

from .breaking import BREAKS

# Recordings that are longer are few, and take most of the time.
_LARGEST = 60_000

# No decoder takes a tenth of it; who takes longer has found a square somewhere.
_MOST_S_PER_MB = 20
_MOST_S = 2


class Fuzz:
    """Tries one broken body after the other; `seed` decides which."""

    def __init__(self, seed: int, kept: Path) -> None:
        self._random = Random(seed)
        self._kept = kept
        self._bodies = [
            (protocol, b"".join(stream(4)))
            for protocol, kinds in STREAMS.items()
            for stream in kinds.values()
        ]
        own = len(self._bodies)
        if library.FOLDER is not None:
            self._bodies += [
                (case.protocol, case.body)
                for case in library.of_all_protocols("streams")
                if case.meta["bytes"] <= _LARGEST
            ]
        self.corpus = f"{own} streams of our own, {len(self._bodies) - own} recorded"
        self.failures: list[str] = []
        self._tried: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._bytes = 0

    def try_one(self) -> None:
        """Break one body, and look what each of two decoders makes of it."""
        random = self._random
        protocol, body = random.choice(self._bodies)
        _, other = random.choice(self._bodies)
        for _ in range(random.choice([1, 1, 2, 3])):
            breaking = random.choice(BREAKS)
            body = breaking(body, other, random)
            self._tried[breaking.__name__] += 1
        self._bytes += len(body)
        # Mostly its own decoder; now and then another one, as where an address is mistyped.
        foreign = random.choice(list(STREAMS))
        for name in [protocol] if random.random() < 0.7 else [protocol, foreign]:
            try:
                self._decode(name, body)
            except Exception:
                self._fail(name, body)

    def report(self) -> str:
        """Write a report of the attempts, and of their results."""
        tried = ", ".join(f"{count} × {name}" for name, count in self._tried.most_common())
        ended = ", ".join(f"{count} {status}" for status, count in self._ended.most_common())
        lines = [f"Tried: {tried}; {self._bytes / 1e6:.1f} MB.", f"Answers: {ended}."]
        lines += self.failures or ["No failure."]
        return "\n".join(lines)

    def _decode(self, protocol: str, body: bytes) -> None:
        random = self._random
        started = thread_time()
        events, message = decode([body], protocol)
        taken = thread_time() - started
        assert taken < max(_MOST_S, _MOST_S_PER_MB * len(body) / 1e6), f"took {taken:.1f} s"
        assert_sound(events, message)
        assert message.status is not None
        self._ended[message.status] += 1
        places = sorted(random.randrange(len(body) + 1) for _ in range(random.randrange(1, 20)))
        chunks = [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]
        if len(body) < 4000:
            chunks = random.choice([chunks, [bytes([byte]) for byte in body]])
        assert json_of(decode(chunks, protocol)) == json_of((events, message)), "another cut"
        _send_back(protocol, message)
        error = http_error(protocol, random.choice([400, 401, 404, 429, 500, 503]), {}, body)
        assert error.message
        json_of(error)

    def _fail(self, protocol: str, body: bytes) -> None:
        self._kept.mkdir(parents=True, exist_ok=True)
        path = self._kept / f"{protocol}-{len(self.failures)}.bin"
        path.write_bytes(body)
        self.failures.append(f"{protocol}, kept as {path}:\n{traceback.format_exc(limit=-3)}")


def _send_back(protocol: str, message: Message) -> None:
    """Render a message for any provider, and for its own with all that it kept."""
    results = [ToolResult(call.id, "1") for call in message.tool_calls]
    history = [user("Hi"), message, Message("tool", [*results]), user("And?")]
    for name in STREAMS:
        format = wire_format(name)
        body = format.render(history, model="m", options=Options(), stream=True).body
        json.loads(body)
