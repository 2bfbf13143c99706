"""Matplotlib's backend in a session, named by `MPLBACKEND`: Agg, with a `show` that shows.

The one module here that imports something else than the standard library, as Matplotlib loads it.
"""

from matplotlib.backends.backend_agg import FigureCanvasAgg

from .bundles import display
from .figures import take_open

FigureCanvas = FigureCanvasAgg


def show(*_: object, **__: object) -> None:
    """Show open figures, in the place where the cell says so."""
    for figure in take_open():
        display(figure)
