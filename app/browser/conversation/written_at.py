"""Times at which messages were written, on their articles."""

from datetime import datetime

from ...history.days import local
from ..web.dom import Node, part, show
from . import times


def show_when(article: Node, created_ms: int) -> str:
    """Fill its <time>; give the same for the heading, empty where nobody knows it."""
    element = part(article, "when")
    show(element, created_ms > 0)
    if created_ms <= 0:
        return ""
    moment = local(created_ms)
    element.textContent = times.clock(moment, datetime.now())
    element.title = times.full_date(moment)
    element.dateTime = moment.astimezone().isoformat(timespec="seconds")
    return str(element.textContent)
