"""`python -m app` once the machine is prepared: one question, or a conversation."""

import argparse
import logging
import os
import stat
import sys
from io import TextIOWrapper
from pathlib import Path

from ...core.errors import UsageError
from ...core.running.chat import Chat
from ...core.running.run import Run
from ...core.text.visible_text import readable
from ...core.tools.function_tool import Tool
from ...core.wire.recording import Recorder, Replay
from ...core.wire.transport import Transport
from ...providers import PROVIDERS, Provider
from ...providers.config import Config
from ...providers.model_facts import UNKNOWN
from ...python.messages import RUN_PYTHON
from ...scripted import demo
from ...scripted.transport import ScriptedTransport
from ..http import HTTPTransport
from ..local_model import MODEL_ID
from ..model_servers import model_servers_here
from ..recording_file import read_recording, write_recording
from . import who
from .answer import Answer
from .arguments import CLOSED, COMPLETE, FAILED, STOPPED, USAGE
from .built_in import BuiltIn
from .conversation import Conversation
from .loop import Loop, has_stray_threads
from .person import Person
from .python_tool import NO_WALL, PythonTool, settings_of
from .screen import Screen
from .tool_file import tools_from
from .waiting_line import WaitingLine

# What `--status` looks at: the last request.
_KEPT_FOR_STATUS = 1


def run(options: argparse.Namespace, runtime: Path | None) -> int:
    """Do what the options ask for. Returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Half of a surrogate pair, and all that an old console cannot show.
            stream.reconfigure(errors="backslashreplace")
    # A run's log entries are told here in other words.
    logging.getLogger(__name__.partition(".")[0]).setLevel(logging.ERROR)
    loop = Loop()
    try:
        code = Program(options, runtime, loop).run()
        sys.stdout.flush()
    except UsageError as error:
        print(readable(str(error)), file=sys.stderr)
        code = USAGE
    except KeyboardInterrupt:
        print(file=sys.stderr)
        code = STOPPED
    except OSError as error:
        # Whatever is still written, at the latest by Python at its end, goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = CLOSED if isinstance(error, BrokenPipeError) else FAILED
        if code == FAILED:
            print(f"The output cannot be written: {error.strerror or error}", file=sys.stderr)
    finally:
        loop.close()
    if has_stray_threads():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


class Program:
    """One start of the program."""

    def __init__(self, options: argparse.Namespace, runtime: Path | None, loop: Loop) -> None:
        self._options = options
        self._loop = loop
        self._http = HTTPTransport()
        self._built_in = BuiltIn(runtime, WaitingLine(), options.gguf)
        self._screen = Screen()
        self._person = Person(self._screen)
        self._recorder: Recorder | None = None
        self._python: PythonTool | None = None

    def run(self) -> int:
        """List, answer, or converse."""
        options = self._options
        if options.list_providers:
            for row in PROVIDERS.values():
                print(f"{row.name:16} {row.label:28} {row.base_url}".rstrip())
            return COMPLETE
        if options.list_servers:
            return self._list_servers()
        try:
            if options.list_models:
                for name in self._loop.run(self._models()):
                    print(readable(name))
                return COMPLETE
            question = self._question()
            chat = self._chat()
            if options.record:
                write_recording(options.record, [])  # whether it can be, before anybody is asked
            if question is not None:
                return self._show(chat, chat.stream(question, streaming=not options.sync))
            conversation = Conversation(
                chat,
                lambda run: self._show(chat, run),
                lambda: self._loop.run(self._models()),
                streaming=not options.sync,
            )
            return conversation.talk()
        finally:
            self._loop.run(self._close())

    def _list_servers(self) -> int:
        servers = self._loop.run(model_servers_here())
        for server in servers:
            print(f"{server.label}, {server.base_url}   {who.options_for(server)}")
            for model in server.models:
                abilities = ", ".join(server.facts.get(model, UNKNOWN).abilities())
                print(f"  {readable(model):40} {abilities}".rstrip())
        if not servers:
            print("No model server answers at its usual port on this computer.", file=sys.stderr)
        return COMPLETE

    def _show(self, chat: Chat, run: Run) -> int:
        """Show an answer until its end, or until Ctrl+C ends it."""
        answer = Answer(
            self._screen, self._person, as_json=self._options.json, with_status=self._options.status
        )

        def stop() -> None:
            run.cancel()
            self._person.leave()

        try:
            code = self._loop.run(answer.show(run), stop)
            exchanges = self._recorder.exchanges if self._recorder else []
            answer.tell_findings(run.message, chat.deadlines, exchanges)
            return code
        finally:
            if self._options.record and self._recorder:
                write_recording(self._options.record, self._recorder.exchanges)

    def _question(self) -> str | None:
        """Read the question to ask; None for a conversation.

        Raises:
            UsageError: There is nothing to ask, and nobody to converse with.
        """
        has_person = sys.stdin is not None and sys.stdin.isatty() and self._screen.is_terminal
        may_converse = has_person and not self._options.json and self._options.form != "ask"
        if self._options.form == "chat":
            if may_converse:
                return None
            raise UsageError("a conversation needs a terminal, and no --json; ask a question")
        words = " ".join(self._options.question).strip()
        piped = _piped()
        if text := "\n\n".join(part for part in (words, (piped or "").strip("\n")) if part):
            return text
        if self._options.replay:
            return "(replay)"
        if may_converse:
            return None
        raise UsageError('there is no question: write it after the options, as "Tell me a story"')

    def _chat(self) -> Chat:
        options = self._options
        tools = self._own_tools()
        transport: Transport
        if options.replay:
            exchanges = read_recording(options.replay)
            config, transport = (
                who.recorded(options, exchanges),
                Replay(exchanges, pace=options.pace),
            )
        else:
            config, transport = self._config()
            config = who.with_provider_tools(options, config)
        if options.record or options.status:
            keep = None if options.record else _KEPT_FOR_STATUS
            transport = self._recorder = Recorder(transport, keep=keep)
        return Chat(
            config.provider,
            config.model,
            tools=tools,
            instructions=config.instructions,
            options=config.options,
            transport=transport,
        )

    def _own_tools(self) -> list[Tool]:
        """Give the tools that the model may call here."""
        options = self._options
        tools = tools_from(options.tools, needs_approval=not options.yes) if options.tools else []
        if not options.python:
            if options.python_folder or options.python_executable:
                raise UsageError("--python-folder and --python-executable belong to --python")
            return tools
        if any(one.name == RUN_PYTHON for one in tools):
            raise UsageError(f"{options.tools} has a tool {RUN_PYTHON}, and so has --python")
        settings = settings_of(options.python_executable, options.python_folder)
        show = (lambda line: None) if options.json else self._screen.note
        self._python = PythonTool(settings, show, needs_approval=not options.yes)
        self._screen.say(NO_WALL)
        return [*tools, self._python.tool]

    def _config(self) -> tuple[Config, Transport]:
        """Give provider, model and settings, and the transport."""
        options = self._options
        transport: Transport = self._http
        ours: Provider | None = None
        name = who.chosen_name(options, os.environ)
        if self._is_ours(name):
            if name == "demo":
                ours, transport = PROVIDERS[name], ScriptedTransport(demo.reply_for)
            else:
                ours, transport = self._loop.run(self._built_in.provider())
        config = who.config_of(options, ours)
        model = config.model
        if not model:
            model = self._loop.run(who.only_model(config.provider, transport))
        return config.with_model(model), transport

    def _is_ours(self, name: str) -> bool:
        """Tell whether this program itself provides the model: it does, unless an address is
        given.
        """
        if self._options.gguf:
            return True
        elsewhere = self._options.base_url or os.environ.get("TOKENFALL_BASE_URL", "").strip()
        return name in ("built-in", "demo") and not elsewhere

    async def _models(self) -> list[str]:
        name = who.chosen_name(self._options, os.environ)
        if self._is_ours(name):
            if name == "demo":
                return [demo.MODEL]
            return [self._options.gguf.stem if self._options.gguf else MODEL_ID]
        return await who.models_of(who.config_of(self._options, None).provider, self._http)

    async def _close(self) -> None:
        if self._python is not None:
            await self._python.close()
        await self._built_in.close()
        await self._http.aclose()


def _piped() -> str | None:
    """Read standard input to its end where it is a pipe or a file; None where it is neither."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # closed, or none at all
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        return None
    return sys.stdin.buffer.read().decode("utf-8", "replace")
