"""Documents as a model reads them in a question: all of their text, or the beginning. Pure."""

from ....core.text.text_files import named
from ....documents.places import Place, note_of, places_of
from ...web import words as web_words

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
    beginning = "\n".join(one.text for one in places)[: _BEGINNING + 1]
    cut = "…" if len(beginning) > _BEGINNING else ""
    return (
        f"{head}\nIts places: {_listed([one.name for one in places])}\n"
        f"Only its beginning is here:\n{beginning[:_BEGINNING]}{cut}"
    )


def _listed(names: list[str]) -> str:
    """List the places; pages and lines by the first and the last."""
    if len(names) > 1 and names == [f"page {number}" for number in range(1, len(names) + 1)]:
        return f"{names[0]} to {names[-1]}"
    if len(names) > 1 and names[0].startswith("lines 1–"):
        return f"{names[0]} … {names[-1]}"
    more = f" … {names[-1]}" if len(names) > _MOST_LISTED else ""
    return f"{'; '.join(names[:_MOST_LISTED])}{more}"


def _head(name: str, kind: str, size_bytes: int, text: str, places: list[Place]) -> str:
    letters = f"{sum(len(one.text) for one in places):,} characters of text" if places else ""
    about = ", ".join(filter(None, [kind, web_words.size(size_bytes), letters]))
    return "\n".join(filter(None, [f"{named(name)} ({about})", note_of(text)]))
