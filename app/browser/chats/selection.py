"""Choosing several chats of the list, to delete them at once."""

from collections.abc import Callable, Sequence

from ...history.records import ChatRecord
from ..web.dom import find, show
from . import words


class Selection:
    """The chosen chats of the list. `listed()` gives the chats that it shows; `show_list()` shows
    it anew, `look_anew()` draws its rows again.
    """

    def __init__(
        self,
        listed: Callable[[], Sequence[ChatRecord]],
        delete: Callable[[Sequence[str]], None],
        show_list: Callable[[], None],
        look_anew: Callable[[], None],
    ) -> None:
        self._listed = listed
        self._delete = delete
        self._show_list = show_list
        self._look_anew = look_anew
        self._ids: set[str] | None = None  # None while nothing is to be chosen
        self._last = ""

    @property
    def is_on(self) -> bool:
        """Tell whether chats are being chosen."""
        return self._ids is not None

    @property
    def has_some(self) -> bool:
        """Tell whether any chat is chosen."""
        return bool(self._ids)

    def holds(self, id: str) -> bool:
        """Tell whether this chat is chosen."""
        return id in (self._ids or ())

    def begin(self) -> None:
        self._ids, self._last = set(), ""
        self._show_list()

    def end(self) -> None:
        self._ids = None
        self._show_list()

    def choose_all(self) -> None:
        if self._ids is not None:
            self._ids |= {chat.id for chat in self._listed()}
            self._show_list()

    def delete(self) -> None:
        """Delete the chosen chats."""
        ids = list(self._ids or ())
        self._ids = None
        self._delete(ids)
        self._show_list()

    def choose(self, id: str, is_chosen: bool, to_here: bool) -> None:
        """Choose a chat or not; `to_here`: with all from the one before."""
        if self._ids is None:
            return
        ids = [chat.id for chat in self._listed()]
        some = [id]
        if to_here and self._last in ids and id in ids:
            ends = sorted((ids.index(self._last), ids.index(id)))
            some = ids[ends[0] : ends[1] + 1]
        (self._ids.update if is_chosen else self._ids.difference_update)(some)
        self._last = id
        self._look_anew()
        self.show()

    def show(self) -> None:
        """Show how many are chosen, and the buttons for them."""
        show(find("chosen-bar"), self._ids is not None)
        if self._ids is not None:
            find("chosen-count").textContent = words.chosen(len(self._ids))
            find("chosen-delete").disabled = not self._ids
