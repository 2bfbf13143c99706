"""Documents as a model reads them in a question: all of their text, or the beginning. Pure."""

from ....documents.places import Place, note_of, places_of
from ...web import words as web_words
from .text_files import named

_MOST_LISTED = 60
_BEGINNING = 1_500


def whole(name: str, kind: str, size_bytes: int, text: str) -> str:
    """Write all of it."""
    places = places_of(text)
    parts = [f"[{place.name}]\n{place.text}" for place in places]
    head = _head(name, kind, size_bytes, text, places)
    return "\n\n".join([head, *parts])


def summary(name: str, kind: str, size_bytes: int, text: str) -> str:
    """Write what there is of it, and how it begins."""
    places = places_of(text)
    head = _head(name, kind, size_bytes, text, places)
    if not places:
        return head
    listed = [one.name for one in places[:_MOST_LISTED]]
    more = f" … {places[-1].name}" if len(places) > len(listed) else ""
    beginning = "\n".join(one.text for one in places)[: _BEGINNING + 1]
    cut = "…" if len(beginning) > _BEGINNING else ""
    return (
        f"{head}\nIts places: {'; '.join(listed)}{more}\n"
        f"Only its beginning is here:\n{beginning[:_BEGINNING]}{cut}"
    )


def _head(name: str, kind: str, size_bytes: int, text: str, places: list[Place]) -> str:
    letters = f"{sum(len(one.text) for one in places):,} characters of text" if places else ""
    about = ", ".join(filter(None, [kind, web_words.size(size_bytes), letters]))
    return "\n".join(filter(None, [f"{named(name)} ({about})", note_of(text)]))
