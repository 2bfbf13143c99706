"""Run settings of a question: its model, options and tools."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...core.options import Options
from ...core.running.retries import Retries
from ...core.running.step import Deadlines
from ...core.tools.function_tool import Tool
from ..models.model_options import ModelOption


class RunSettings(NamedTuple):
    """Settings of a question's run. `allowed` are tools that need no approval; `window` is the
    number of tokens the model can read, None where nobody said it.
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
