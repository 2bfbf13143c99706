"""Small servers on free ports of this computer that answer as model servers do, or as strangers."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# By method and path, with the model that is asked for behind it: what is answered, as JSON.
Answers = Mapping[str, Any]

OLLAMA: Answers = {
    "GET /api/tags": {
        "models": [
            {"name": "otter:3b", "model": "otter:3b", "digest": "a1", "details": {"family": "o"}},
            {"name": "mole-embed", "model": "mole-embed", "digest": "b2", "details": {}},
        ]
    },
    "POST /api/show otter:3b": {
        "capabilities": ["completion", "tools", "thinking"],
        "model_info": {"otter.context_length": 131_072},
    },
    "POST /api/show mole-embed": {"capabilities": ["embedding"]},
}
LM_STUDIO: Answers = {
    "GET /api/v0/models": {
        "object": "list",
        "data": [
            {
                "id": "badger-8b",
                "object": "model",
                "type": "vlm",
                "publisher": "p",
                "state": "loaded",
                "max_context_length": 32_768,
                "loaded_context_length": 4096,
                "capabilities": ["tool_use"],
            },
            {"id": "badger-embed", "object": "model", "type": "embeddings", "publisher": "p"},
        ],
    },
}
LM_STUDIO_1: Answers = {
    "GET /api/v1/models": {
        "models": [
            {
                "type": "llm",
                "key": "p/badger",
                "loaded_instances": [],
                "max_context_length": 32_768,
                "capabilities": {"vision": False, "trained_for_tool_use": True},
            },
            {"type": "embedding", "key": "p/badger-embed", "loaded_instances": []},
        ]
    },
}
LLAMA_CPP: Answers = {
    "GET /v1/models": {
        "object": "list",
        "models": [{"name": "stoat.gguf"}],
        "data": [{"id": "stoat.gguf", "object": "model", "owned_by": "llamacpp"}],
    },
    "GET /props": {
        "default_generation_settings": {"n_ctx": 8192},
        "modalities": {"vision": True, "audio": False},
    },
}
VLLM: Answers = {
    "GET /v1/models": {
        "object": "list",
        "data": [
            {"id": "org/weasel", "object": "model", "owned_by": "vllm", "max_model_len": 16_384}
        ],
    },
}
KOBOLD: Answers = {
    "GET /v1/models": {
        "object": "list",
        "data": [{"id": "koboldcpp/mink", "object": "model", "owned_by": "koboldcpp"}],
    },
}
ANOTHER: Answers = {
    "GET /v1/models": {"object": "list", "data": [{"id": "polecat", "object": "model"}]},
}


@contextmanager
def answering(answers: Answers) -> Iterator[tuple[int, list[str]]]:
    """A server with these answers, and 404 for all else: its port, and what it was asked, in the
    words of `Answers` with all that was said beside.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(f"GET {self.path}")

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", "0"))
            said = json.loads(self.rfile.read(size))
            self._answer(f"POST {self.path} {said.pop('model')}", said)

        def _answer(self, line: str, said: Any = None) -> None:
            secret = self.headers.get("authorization") or self.headers.get("cookie")
            asked.append(" ".join(str(one) for one in (line, said, secret) if one))
            body = json.dumps(answers.get(line, {"error": "no"})).encode()
            self.send_response(200 if line in answers else 404)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def sending(*pieces: bytes, again: bytes = b"") -> Iterator[int]:
    """A port that takes a connection, sends these bytes, and then `again` for as long as somebody
    reads, or nothing more: it never ends an answer.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def flood(connection: socket.socket) -> None:
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            while again:
                connection.sendall(again)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                taken.append(connection)
                threading.Thread(target=flood, args=[connection], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        for one in (listener, *taken):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
