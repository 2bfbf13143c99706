"""Places in a stream: `epoch-number`, which sorts as text and says nothing to clients."""

import re

import msgspec

# Both of fixed width, or "10" would come before "9".
_FORM = re.compile(r"(\d{6})-(\d{10})")


class Offset(msgspec.Struct, frozen=True, order=True):
    """The place of one event. `number` counts a stream's events from 1; `epoch` is the claim under
    which it was written, so that what a log has lost and written anew has another place.
    """

    epoch: int = 0
    number: int = 0

    def __str__(self) -> str:
        return f"{self.epoch:06d}-{self.number:010d}"

    @classmethod
    def of(cls, text: str) -> "Offset":
        """Read one. Raises `ValueError` where it is none of ours."""
        if (found := _FORM.fullmatch(text)) is None or not text.isascii():
            raise ValueError(f"{text[:40]!r} is no offset of a run")
        return cls(int(found[1]), int(found[2]))


# Before the first event.
START = Offset()
