"""Settings that a model takes of a question's; one it would refuse is left out or said its way."""

from typing import Literal, get_args

import msgspec

from ..core.options import Effort, Options
from .tool_schemas import Form

EFFORTS: tuple[Effort, ...] = get_args(Effort)
_MOST_KNOW = EFFORTS[:-1]


class Takes(msgspec.Struct, frozen=True, kw_only=True):
    """The settings one model takes, as far as known; by default everything, told the usual way."""

    # Whether temperature and top-p may both be set, one of them, or none.
    sampling: Literal["both", "one", "none"] = "both"
    # The highest temperature that it takes, where that is known.
    warmest: float | None = None
    stop: bool = True
    # The words for effort that it knows; None: all of ours but "max".
    efforts: tuple[Effort, ...] | None = None
    # Its word for our "max", which only those know that say so.
    most: str = "max"
    # It thinks unless it is told not to: by the effort "none", by a switch (`thinking`), which may
    # leave it its thoughts between tools, by a flag (`enable_thinking`), or not at all.
    thinks: bool = False
    off: Literal["word", "switch", "between tools", "flag", "never"] = "word"
    # How the effort is told; None: as its protocol has it, which is a word in most.
    depth: Literal["word", "tokens", "level"] | None = None
    # Whether it calls functions at all.
    tools: bool = True
    # In Chat Completions it calls functions only where it is told not to think.
    thinks_or_calls: bool = False
    # It is asked for thoughts that are otherwise hidden.
    shows: bool = False
    # When its own thoughts go back to it: with calls, or always once there are tools.
    echoes: Literal["never", "calls", "tools"] = "never"
    # The form that the schemas of tools must have.
    schema: Form = "json"
    # How JSON of a form is asked for, whether beside tools too, and whether it may have bounds.
    output: Literal["schema", "object"] = "schema"
    output_or_tools: bool = False
    bounds: bool = True
    # Whether it takes instructions apart from the question.
    system: bool = True
    # Whether an answer must stand between results and the next question.
    answers_last: bool = False
    # How it is asked to keep what it has read: by marks on blocks, by a key that requests share,
    # or not at all (it does by itself, or can't).
    cache: Literal["", "blocks", "key"] = ""
    verbosity: bool = True
    # The words for the service tier that it knows; None: any.
    tiers: tuple[str, ...] | None = None
    # What an answer may hold, where images must be asked for.
    modalities: tuple[str, ...] = ()
    # It only draws, and is asked for that at an address of its own.
    draws_only: bool = False
    # Whether it sees images, and reads files of other kinds (PDF); else it is told their names.
    images: bool = True
    files: bool = True
    # How many tokens it can read, and how many it writes at most: more is refused; what its answer
    # and thoughts need, where a limit must be sent.
    context: int | None = None
    max_output: int | None = None
    room: int | None = None

    def fitted(self, options: Options) -> Options:
        """Give the options without those the model would refuse, the effort in a word it knows;
        options a person wants sent anyway stay.
        """
        changed: dict[str, object] = {}
        if self.sampling == "none":
            changed = {"temperature": None, "top_p": None}
        elif self.sampling == "one" and options.temperature is not None:
            changed = {"top_p": None}
        if self.warmest and options.temperature and options.temperature > self.warmest:
            changed.setdefault("temperature", self.warmest)
        if not self.verbosity:
            changed["verbosity"] = None
        if self.tiers is not None and options.service_tier not in self.tiers:
            changed["service_tier"] = None
        if not self.stop:
            changed["stop"] = None
        if self.max_output and options.max_tokens and options.max_tokens > self.max_output:
            changed["max_tokens"] = self.max_output
        if options.reasoning_effort is not None:
            changed["reasoning_effort"] = self.fitted_effort(options.reasoning_effort)
        if not self.tools:
            changed["tools"] = []
        for name in options.sent_anyway:
            changed.pop(name, None)
        return msgspec.structs.replace(options, **changed)

    def form(self, options: Options) -> Literal["schema", "object", "words", ""]:
        """Say how the form of an answer is asked for: in words alone where tools are in the way."""
        if options.output is None:
            return ""
        has_tools = bool(options.tools or options.provider_tools)
        return "words" if self.output_or_tools and has_tools else self.output

    def unseen(self, options: Options) -> frozenset[str]:
        """Give the kinds of files ("images", "files") that are told by name alone."""
        known = {"images": self.images, "files": self.files}
        return frozenset(
            kind
            for kind, is_seen in known.items()
            if kind in options.left_out or not (is_seen or kind in options.sent_anyway)
        )

    def word_for(self, effort: Effort) -> str:
        """Its word for one of the efforts that it knows."""
        return self.most if effort == "max" else effort

    def fitted_effort(self, wanted: Effort) -> Effort | None:
        """The known word nearest to the one that is wanted, sooner more than less."""
        known = _MOST_KNOW if self.efforts is None else self.efforts
        if wanted not in EFFORTS:  # a provider's own word for much: "xhigh"
            wanted = "max"
        if wanted in known:
            return wanted
        if wanted == "none" and self.off not in ("word", "never"):
            return wanted
        known = tuple(sorted(known, key=EFFORTS.index))
        more = [one for one in known if EFFORTS.index(one) > EFFORTS.index(wanted)]
        less = [one for one in known if one != "none"]  # which is another wish
        return more[0] if more else less[-1] if less else None


ANYTHING = Takes()
