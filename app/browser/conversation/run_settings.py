"""Run settings of a question: its model, options and tools."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...core.messages import Message
from ...core.options import Options
from ...core.running.retries import Retries
from ...core.running.step import Deadlines
from ...core.tools.function_tool import Tool
from ...history.records import MessageRecord
from ..models.model_options import AskedByServer, ModelOption


class RunSettings(NamedTuple):
    """Settings of a question's run. `allowed` are tools that need no approval; `window` is the
    number of tokens the model can read, None where nobody said it; `on_server`: the server of this
    page gives the answer.
    """

    model_option: ModelOption
    options: Options
    instructions: str = ""
    streaming: bool = True
    tools: Sequence[Tool] = ()
    allowed: Iterable[str] = ()
    retries: Retries = Retries()
    deadlines: Deadlines = Deadlines()
    window: int | None = None
    on_server: bool = False

    @property
    def sees_images(self) -> bool:
        """Tell whether images go to the model; where not, it is told their names."""
        known = self.model_option.provider.takes(self.model_option.model)
        return "images" not in known.unseen(self.options)


class ServerQuestion(NamedTuple):
    """A question to the page's server: whom it asks, with which messages and options; and where
    the messages and the answer are kept here.
    """

    asked: AskedByServer
    run_settings: RunSettings
    messages: Sequence[Message]
    options: Options
    kept: Sequence[MessageRecord]
