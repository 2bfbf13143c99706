"""The built-in model's own process: llama.cpp's HTTP server on a free loopback port.

Speaks with its parent over pipes, so that the key is in no command line and no file: reads one
line of JSON, the settings that `local_model` chose, from standard input, answers with one line
(`{"port": N}` or `{"error": "…"}`), and ends when standard input ends, which it also does when the
parent is killed. llama.cpp's log goes to standard error.
"""

import json
import os
import signal
import sys
from typing import Any
from urllib.parse import urlsplit


def main() -> None:
    """Serve the model until the parent closes the pipe."""
    # Ctrl+C goes to the whole group; when this process ends is the parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever native code prints must not mix with the answers
    settings = json.loads(sys.stdin.readline())
    try:
        server = _start(settings)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=answers, flush=True)
        raise SystemExit(1) from error
    port = urlsplit(server.listening_address).port
    print(json.dumps({"port": port}), file=answers, flush=True)
    sys.stdin.read()
    # Not the long way through destructors: it would wait for an answer that is being written.
    os._exit(0)


def _start(settings: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["gguf"]
    params.model_alias = {settings["alias"]}
    params.port = 0
    params.api_keys = [settings["key"]]
    params.n_ctx = settings["n_ctx"]
    params.n_parallel = 1
    params.cache_ram_mib = settings["cache_ram_mib"]
    params.endpoint_slots = False
    # Defaults for a request. Left to itself, so small a model repeats one sentence until its
    # context is full: two minutes of it, for «Write a short story».
    params.n_predict = settings["max_tokens"]
    params.sampling.penalty_repeat = settings["repeat_penalty"]
    params.sampling.penalty_last_n = 256
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = threads_for(os.cpu_count() or 1)
        # Waiting threads sleep. Spinning is no faster, and four times slower on a busy machine.
        threads.poll = 0
    # The last build for Intel Macs has older names for these two.
    if hasattr(params, "hostnames"):
        params.hostnames = ["127.0.0.1"]
        params.ui = False
    else:
        params.hostname = "127.0.0.1"
        params.webui = False
    return xllamacpp.Server(params)


def threads_for(cores: int) -> int:
    """Choose the number of threads: a core is left to the browser that draws the answer.

    With a thread on each of two cores and other work on both, the model falls from 130 to 4
    tokens a second, for its threads wait for each other at every layer; with one thread, from
    80 to 25. The limit of four is a guess: so small a model has little to share out.
    """
    return max(1, min(4, cores - 1))


if __name__ == "__main__":
    main()
