"""Tokenfall: a chat app in Python that runs in the browser tab, and the library it is made of.

    from tokenfall import Chat, provider

    chat = Chat(provider("ollama"), "llama3.2")
    print((await chat.ask("Tell me a story")).text)

These names are the public door: what other modules hold may move. `events`, `errors`, `transports`
and `serving` are modules of it. A name is loaded when it is first asked for, so that the tab and
`serve.py`, which ask for none, pay for none.

core        what a chat is: pure Python, no I/O
protocols   how each wire format reads and is written
providers   who answers: data
scripted    a provider that plays a script
python      a Python session: cells that keep their state
connections a run elsewhere, and serving one
agents      a person's function as something that answers
runs        the log of runs that outlive their readers
adapters    names that other systems have made familiar
browser     the page; the only code that imports js
native      CPython without a server
server      what serve.py runs
setup       what serve.py and the tests prepare on first use

Imports inside are relative: the tree is `app` in the repository and the tab, and
`tokenfall` where it is installed with pip.
"""

__version__ = "0.1.0"

__all__ = [
    "PROVIDERS",
    "Chat",
    "Config",
    "Deadlines",
    "File",
    "Gateway",
    "Message",
    "Options",
    "Output",
    "Request",
    "Retries",
    "Run",
    "StreamConfig",
    "Text",
    "Tool",
    "Toolbox",
    "Usage",
    "app",
    "decoder",
    "errors",
    "events",
    "http_error",
    "provider",
    "serve",
    "serving",
    "step",
    "tool",
    "transports",
    "user",
]

# Type checkers take a variable of this name for true. `typing` has the usual one, and cannot be
# imported here: this runs before the folder one stands in is out of the way of imports, and before
# a Python that is too old has been told so. Hence also no annotation below.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import errors, events, serving, transports
    from .agents import Request, step
    from .core.messages import File, Message, Text, Usage, user
    from .core.options import Options
    from .core.running.buffering import StreamConfig
    from .core.running.chat import Chat
    from .core.running.retries import Retries
    from .core.running.run import Run
    from .core.running.step import Deadlines
    from .core.structured.structured import Output
    from .core.tools.function_tool import Tool, tool
    from .core.tools.toolbox import Toolbox
    from .protocols import decoder, http_error
    from .providers import PROVIDERS, provider
    from .providers.config import Config
    from .providers.gateway import Gateway
    from .server.embedding import app
    from .server.served_here import serve
else:
    _NAMES = {
        "agents": ("Request", "step"),
        "core.messages": ("File", "Message", "Text", "Usage", "user"),
        "core.options": ("Options",),
        "core.running.buffering": ("StreamConfig",),
        "core.running.chat": ("Chat",),
        "core.running.retries": ("Retries",),
        "core.running.run": ("Run",),
        "core.running.step": ("Deadlines",),
        "core.structured.structured": ("Output",),
        "core.tools.function_tool": ("Tool", "tool"),
        "core.tools.toolbox": ("Toolbox",),
        "protocols": ("decoder", "http_error"),
        "providers": ("PROVIDERS", "provider"),
        "providers.config": ("Config",),
        "providers.gateway": ("Gateway",),
        "server.embedding": ("app",),
        "server.served_here": ("serve",),
    }
    _MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        import_module(".transports", __name__)  # offers the transport for chats that name none
        module = import_module("." + _MODULE_OF.get(name, name), __name__)
        value = globals()[name] = getattr(module, name) if name in _MODULE_OF else module
        return value

    def __dir__():
        return sorted(set(globals()) | set(__all__))
