"""The hostile texts, by the names of their catalogues."""

from collections.abc import Callable, Iterable

from . import extended, markdown, plain
from .cases import Case

CATALOGUES: dict[str, Callable[[], Iterable[Case]]] = {
    "known": markdown.known,
    "generated": markdown.generated,
    "extended": extended.extended,
    "pairs": markdown.pairs,
    "plain": plain.plain,
}
DEFAULT = ("known", "generated", "extended", "plain")


def chosen(names: Iterable[str] | None) -> list[Case]:
    """The texts of these catalogues, or of those that are no thousands."""
    return [case for name in names or DEFAULT for case in CATALOGUES[name]()]
