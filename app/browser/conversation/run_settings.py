"""Run settings of a question: its model, options and tools."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ...core.options import Options
from ...core.running.retries import Retries
from ...core.running.step import Deadlines
from ...core.tools.function_tool import Tool
from ...history.records import ChatRecord
from ..models.model_options import ModelOption


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


class RunSettingsOf(Protocol):
    """Gives a chat's present run settings, of its own model and mode where none are given; `model`
    is an entry of the picker.
    """

    def __call__(
        self, chat: ChatRecord, model: str = "", streaming: bool | None = None, /
    ) -> RunSettings: ...
