"""Questions and answers in turn, at a terminal."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ... import __version__
from ...core.errors import UsageError
from ...core.messages import Message
from ...core.running.chat import Chat
from ...core.running.run import Run
from ...core.text.pretty_json import in_lines
from ...core.text.visible_text import readable
from .. import private_file
from .arguments import COMPLETE, STOPPED

# Importing it is what gives `input` editing and the earlier lines; not every Python has it.
with suppress(ImportError):
    import readline  # noqa: F401

_HELP = """\
/new             begin a new conversation
/retry           ask the last question again
/model [NAME]    ask another model; without a name: list them
/save [FILE]     write the conversation: Markdown, or JSON where FILE ends in .json
/help            show this
/quit            leave, as Ctrl+D does
A \\ at the end of a line continues the question on the next one. A question that begins with a
slash is written with two. Ctrl+C stops an answer; what has come of it stays."""


class Conversation:
    """Asks until the person leaves. `show` shows a run and gives its exit code; `models` lists the
    names of the provider's models.
    """

    def __init__(
        self,
        chat: Chat,
        show: Callable[[Run], int],
        models: Callable[[], list[str]],
        *,
        streaming: bool,
    ) -> None:
        self._chat = chat
        self._show = show
        self._models = models
        self._streaming = streaming

    def talk(self) -> int:
        """Converse. Returns the exit code."""
        print(f"Tokenfall {__version__}, {self._chat.model}. /help lists commands, Ctrl+D leaves.")
        was_interrupted = False
        while True:
            try:
                text = _question()
            except EOFError:
                print()
                return COMPLETE
            except KeyboardInterrupt:
                if was_interrupted:
                    print()
                    return STOPPED
                was_interrupted = True
                print("\n(Ctrl+C once more leaves.)")
                continue
            was_interrupted = False
            if text.strip() in ("/quit", "/exit"):
                return COMPLETE
            try:
                self._take(text)
            except UsageError as error:
                print(readable(str(error)))
            except KeyboardInterrupt:
                print()  # the answer was stopped while it was ending

    def _take(self, text: str) -> None:
        if text.startswith("/") and not text.startswith("//"):
            self._command(*text[1:].strip().split(maxsplit=1))
        elif text.strip():
            self._show(self._chat.stream(text.removeprefix("/"), streaming=self._streaming))

    def _command(self, name: str = "", value: str = "") -> None:
        match name:
            case "new":
                self._chat = self._anew()
                print("(A new conversation.)")
            case "retry":
                self._show(self._chat.retry(streaming=self._streaming))
            case "model" if value:
                self._chat.model = value
                print(f"(From now on: {value})")
            case "model":
                for model in self._models():
                    print(("* " if model == self._chat.model else "  ") + readable(model))
            case "save":
                print(f"(Written to {save(self._chat.messages, Path(value or _file_name()))})")
            case "help":
                print(_HELP)
            case _:
                print(
                    f"There is no command /{name}. /help lists them; "
                    "a question that begins with a slash is written with two."
                )

    def _anew(self) -> Chat:
        """The same chat without its messages."""
        chat = self._chat
        return Chat(
            chat.provider,
            chat.model,
            tools=chat.toolbox,
            instructions=chat.instructions,
            options=chat.options,
            transport=chat.transport,
        )


def save(messages: list[Message], path: Path) -> Path:
    """Write a conversation.

    Raises:
        UsageError: There is none, or it cannot be written.
    """
    if not messages:
        raise UsageError("there is nothing to save yet")
    if path.suffix == ".json":
        data = f"{in_lines(messages)}\n".encode()
    else:
        data = "\n".join(_markdown(message) for message in messages if message.text).encode(
            "utf-8", "replace"
        )
    try:
        private_file.create(path.expanduser(), data)
    except FileExistsError:
        raise UsageError(f"{path} is there already; name another file") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _markdown(message: Message) -> str:
    who = {"user": "You", "assistant": message.model or "Model"}.get(message.role, message.role)
    ending = "" if message.status == "complete" else f"\n\n*({message.status})*"
    return f"## {who}\n\n{message.text}{ending}\n"


def _file_name() -> str:
    return f"chat-{datetime.now():%Y-%m-%d-%H%M%S}.md"


def _question() -> str:
    """One question, of several lines where they end with a backslash.

    Raises:
        EOFError: The person left.
        KeyboardInterrupt: The person pressed Ctrl+C.
    """
    lines = [input("> ")]
    while lines[-1].endswith("\\"):
        lines[-1] = lines[-1][:-1]
        lines.append(input(". "))
    return "\n".join(lines)
