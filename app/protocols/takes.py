"""What a model takes of a question's settings; what it would refuse is left out or said its way."""

from typing import Literal, get_args

import msgspec

from ..core.options import Effort, Options
from .tool_schemas import Form

EFFORTS: tuple[Effort, ...] = get_args(Effort)


class Takes(msgspec.Struct, frozen=True, kw_only=True):
    """What one model takes, as far as it is known; by default everything, told the usual way.

    `sampling` is whether temperature and top-p may both be set, one of them, or none; `efforts` are
    the words for effort that it knows (None: all of ours). `thinks` says that it thinks unless it
    is told not to, and `off` how it is told: by the effort "none", a switch, or not at all. `depth`
    is how the effort is told: as a word, a number of tokens, or a level. `shows` asks for thoughts
    that are otherwise hidden. `schema` is the form that the schemas of tools must have, `output`
    how JSON of a form is asked for, `bounds` whether that form may have bounds. `echoes` is when
    its own thoughts go back to it, `system` whether it takes instructions apart from the question.
    `cache` is how it is asked to keep what it has read: by marks on blocks, or by a key that
    requests share ("": by itself, or not at all). `room` is what its answer and thoughts need, in
    tokens, where a limit must be sent.
    """

    sampling: Literal["both", "one", "none"] = "both"
    stop: bool = True
    efforts: tuple[Effort, ...] | None = None
    thinks: bool = False
    off: Literal["word", "switch", "never"] = "word"
    depth: Literal["word", "tokens", "level"] | None = None
    shows: bool = False
    schema: Form = "json"
    output: Literal["schema", "object"] = "schema"
    bounds: bool = True
    echoes: Literal["never", "calls", "tools"] = "never"
    system: bool = True
    cache: Literal["", "blocks", "key"] = ""
    answers_last: bool = False
    room: int | None = None

    def fitted(self, options: Options) -> Options:
        """The options without what would be refused, the effort in a word that is known."""
        changed: dict[str, object] = {}
        if self.sampling == "none":
            changed = {"temperature": None, "top_p": None}
        elif self.sampling == "one" and options.temperature is not None:
            changed = {"top_p": None}
        if not self.stop:
            changed["stop"] = None
        if options.reasoning_effort is not None:
            changed["reasoning_effort"] = self._effort(options.reasoning_effort)
        return msgspec.structs.replace(options, **changed)

    def _effort(self, wanted: Effort) -> Effort | None:
        """The known word nearest to the one that is wanted, sooner more than less."""
        if self.efforts is None or wanted in self.efforts:
            return wanted
        if wanted == "none" and self.off == "switch":
            return wanted
        known = sorted(self.efforts, key=EFFORTS.index)
        more = [one for one in known if EFFORTS.index(one) > EFFORTS.index(wanted)]
        less = [one for one in known if one != "none"]  # which is another wish
        return more[0] if more else less[-1] if less else None


ANYTHING = Takes()
