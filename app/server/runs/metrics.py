"""Metrics of runs for Prometheus: counts and times, nothing of what was said or who said it.

Its library is imported where the first run is counted: `serve.py` starts without it.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from ...core.events import OUTPUT, Done, Error, Event

# https://prometheus.io/docs/instrumenting/exposition_formats/
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# The variable by which the library has all workers of this machine count in one folder.
SHARED = "PROMETHEUS_MULTIPROC_DIR"

_APPEND_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1)
_FIRST_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Counted:
    """One run, as far as it is counted."""

    def __init__(self, metrics: "Metrics") -> None:
        self._metrics = metrics
        self._began_s = time.perf_counter()
        self._has_output = False

    def note(self, batch: Sequence[Event]) -> None:
        """Count the events of a batch."""
        for event in batch:
            if not self._has_output and isinstance(event, OUTPUT):
                self._has_output = True
                self._metrics.first_output_s.observe(time.perf_counter() - self._began_s)
            elif isinstance(event, Error):
                self._metrics.errors.labels(event.error.kind).inc()
            elif isinstance(event, Done):
                self._metrics.runs.labels(event.status).inc()
                if event.usage is not None:
                    for name in ("input", "output"):
                        count = getattr(event.usage, f"{name}_tokens") or 0
                        self._metrics.tokens.labels(name).inc(count)


class Metrics:
    """The numbers of one application, or of all workers of a machine where they share them."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        registry = self._registry = CollectorRegistry()
        self.runs = Counter("tokenfall_runs", "Runs that ended", ["status"], registry=registry)
        self.errors = Counter("tokenfall_errors", "Errors of runs", ["kind"], registry=registry)
        self.tokens = Counter("tokenfall_tokens", "Tokens", ["direction"], registry=registry)
        self._running = Gauge(
            "tokenfall_runs_running",
            "Runs on their way",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._readers = Gauge(
            "tokenfall_readers",
            "Readers of streams",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._left = Counter(
            "tokenfall_runs_interrupted", "Runs that a dead worker left", registry=registry
        )
        self._log_fails = Gauge(
            "tokenfall_log_failing",
            "Runs whose log cannot be written",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._append_s = Histogram(
            "tokenfall_log_append_seconds",
            "Time to write a batch",
            buckets=_APPEND_S,
            registry=registry,
        )
        self.first_output_s = Histogram(
            "tokenfall_first_output_seconds",
            "Time to the first output of a run",
            buckets=_FIRST_S,
            registry=registry,
        )

    @contextmanager
    def run(self) -> Iterator[Counted]:
        """Count a run as long as the block lasts."""
        with self._running.track_inprogress():
            yield Counted(self)

    def reader(self) -> AbstractContextManager[None]:
        """Count a reader as long as the block lasts."""
        return self._readers.track_inprogress()

    def interrupted(self) -> None:
        """Count a run that was found after its worker had died."""
        self._left.inc()

    def appended(self, seconds: float) -> None:
        """Count a written batch."""
        self._append_s.observe(seconds)

    def log_fails(self, fails: bool) -> None:
        """Note that a run's log cannot be written, or can again."""
        self._log_fails.inc(1 if fails else -1)

    def text(self) -> bytes:
        """Write the metrics in the form that Prometheus reads."""
        from prometheus_client import CollectorRegistry, generate_latest

        if SHARED not in os.environ:
            return generate_latest(self._registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def forget_worker(pid: int | None) -> None:
    """Count what a worker had on its way no more: it has died."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call]
