"""Errors of a cell, cut to the part that its author can act on."""

import os
import traceback
from types import TracebackType

from .cells import is_cell
from .messages import Failure
from .plain import cut

MOST_CHARACTERS = 8_000
_MOST_MESSAGE = 2_000
# Of frames in libraries, below those of the cell: the last ones, where it happened.
_MOST_FRAMES = 3
# Reading the locals of an endless recursion helps nobody.
_LIMIT = 200
_MOST_CHAINED = 20
_OURS = os.path.join(os.path.dirname(__file__), "")


def failure(error: BaseException, cell: int) -> Failure:
    """Describe an error of a cell; never raises errors of the exception's own methods."""
    name = type(error).__name__
    try:
        message = str(error)
    except Exception as other:
        message = f"(its message cannot be had: {type(other).__name__})"
    line = _line(error, cell)
    if isinstance(error, MemoryError) and error.__traceback__ is not None:
        # Large values are let go of before anything else is made.
        traceback.clear_frames(error.__traceback__)
    try:
        trace = _trace(error)
    except Exception:
        trace = f"{name}: {message}"
    return Failure(cell, name, cut(message, _MOST_MESSAGE), _middle_cut(trace), line)


def _trace(error: BaseException) -> str:
    described = traceback.TracebackException(
        type(error), error, error.__traceback__, limit=_LIMIT, compact=True
    )
    one: traceback.TracebackException | None = described
    for _ in range(_MOST_CHAINED):
        if one is None:
            break
        _cut_frames(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "".join(described.format()).rstrip("\n")


def _cut_frames(described: traceback.TracebackException) -> None:
    """Leave the frames of cells, and the last frames of the code they called."""
    frames = [one for one in described.stack if not one.filename.startswith(_OURS)]
    first = next((at for at, one in enumerate(frames) if is_cell(one.filename)), None)
    if first is None:
        # Raised before the cell ran, as a SyntaxError is: nothing above it is the author's.
        described.stack = traceback.StackSummary.from_list([])
        return
    of_cells = [at for at, one in enumerate(frames) if is_cell(one.filename)]
    kept = {*of_cells, *range(max(of_cells[-1], len(frames) - _MOST_FRAMES), len(frames))}
    described.stack = traceback.StackSummary.from_list(
        [one for at, one in enumerate(frames) if at in kept]
    )


def _line(error: BaseException, cell: int) -> int | None:
    """The last line of this cell that was reached."""
    name = f"<cell {cell}>"
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno
    found = None
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == name:
            found = step.tb_lineno
        step = step.tb_next
    return found


def _middle_cut(text: str) -> str:
    """Cut a long text to its beginning and its end, which says what it was."""
    text = cut(text, len(text))
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return f"{text[:half]}\n… ({len(text) - 2 * half:,} characters left out)\n{text[-half:]}"
