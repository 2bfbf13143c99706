"""Stands in for the engine in the model's own process: loads nothing, does what its file says.

The "weights" are JSON: `port` is what it says it listens on; `fail` refuses to load, `log` is
what it logs before; `exit` ends the process while it loads, `kill` as the system does; `watch` is a
port to hold a connection to, so that a test sees the process end.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any


class CommonParams(SimpleNamespace):
    def __init__(self) -> None:
        super().__init__(
            model=SimpleNamespace(path=""),
            hostnames=[],
            sampling=SimpleNamespace(),
            cpuparams=SimpleNamespace(),
            cpuparams_batch=SimpleNamespace(),
        )


class Server:
    def __init__(self, params: Any) -> None:
        orders = json.loads(Path(params.model.path).read_text("utf-8"))
        print("native code prints to standard output")
        print("fake engine loads", file=sys.stderr, flush=True)
        if "log" in orders:
            print(orders["log"], file=sys.stderr, flush=True)
        if "exit" in orders:
            print("GGML_ASSERT failed", file=sys.stderr, flush=True)
            os._exit(orders["exit"])
        if "kill" in orders:
            os.kill(os.getpid(), signal.SIGKILL)
        if "fail" in orders:
            raise RuntimeError(orders["fail"])
        if "watch" in orders:
            self._held = socket.create_connection(("127.0.0.1", orders["watch"]))
            self._held.sendall(json.dumps(told(params)).encode())
        self.listening_address = f"http://127.0.0.1:{orders['port']}"


def told(params: Any) -> dict[str, Any]:
    """Give the settings for `watch`."""
    return {
        "key": params.api_keys,
        "alias": sorted(params.model_alias),
        "tokens": [params.n_ctx, params.n_predict],
        "repeat": params.sampling.penalty_repeat,
    }
