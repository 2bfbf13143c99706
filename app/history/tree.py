"""The messages of one chat: a tree, of which one path is shown.

An edited question and an answer given again are siblings of the messages they replace: nothing is
lost. `chat.head` names the end of the path.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

import msgspec

from .records import ChatRecord, MessageRecord


class Tree:
    """The messages of `chat`, in any order. Changes `chat.head`; keeps nothing by itself.

    A message whose parent is missing begins a path of its own, and a circle is cut: whatever was
    kept can be opened.
    """

    def __init__(self, chat: ChatRecord, records: Iterable[MessageRecord] = ()) -> None:
        self.chat = chat
        self._records: dict[str, MessageRecord] = {}
        self._children: dict[str, list[str]] = {}
        # The child through which the path last ran, of those parents that were ever passed.
        self._last: dict[str, str] = {}
        self._insert(records)
        if chat.head not in self._records:
            chat.head = self._leaf("")
        self._note_path()

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, id: object) -> bool:
        return id in self._records

    def __getitem__(self, id: str) -> MessageRecord:
        """The message with this id.

        Raises:
            KeyError: There is none.
        """
        return self._records[id]

    def set_id(self, chat_id: str) -> None:
        """Give the chat this id."""
        self.chat.id = chat_id
        for record in self._records.values():
            record.chat_id = chat_id

    def records(self) -> list[MessageRecord]:
        """List the messages, a parent always before its children."""
        return self._branch("")

    def path(self) -> list[MessageRecord]:
        """Give the path that is shown: from the root to the head."""
        return self.path_to(self.chat.head)

    def path_to(self, id: str) -> list[MessageRecord]:
        """Give the path from the root to this message, itself included; empty for an empty id."""
        path = []
        records = self._records
        while id:
            record = records[id]
            path.append(record)
            id = record.parent if record.parent in records else ""
        return path[::-1]

    def siblings(self, id: str) -> list[MessageRecord]:
        """The message and those beside it, in the order in which they came."""
        return self.children(self._parent(id))

    def children(self, id: str) -> list[MessageRecord]:
        """List the messages right below one, in the order in which they came; the roots for an
        empty id.
        """
        return [self._records[child] for child in self._children[id]]

    def is_line(self, records: Sequence[MessageRecord]) -> bool:
        """Tell whether these consecutive messages have no siblings, and one child each at most."""
        if len(self._children[self._parent(records[0].id)]) > 1:
            return False
        below = map(len, [self._children[record.id] for record in records])
        return max(below) <= 1

    def add(self, record: MessageRecord) -> None:
        """Take in a message; it becomes the head. One that is there already is replaced."""
        self._insert([record])
        self.chat.head = record.id
        self._note_path()

    def put(self, record: MessageRecord) -> None:
        """Take in a message that came from elsewhere; the shown path stays."""
        self._insert([record])

    def select(self, id: str) -> None:
        """Show the path through this message, as far down as it was last shown, else the newest."""
        self.chat.head = self._leaf(id)
        self._note_path()

    def remove(self, id: str) -> list[MessageRecord]:
        """Take out a message with all that follows it; return them, for `restore`.

        Where they were shown, the nearest sibling is shown next, else the message before.
        """
        parent = self._parent(id)
        siblings = self._children[parent]
        was_shown = any(record.id == id for record in self.path())
        branch = self._branch(id)
        at = siblings.index(id)
        for record in branch:
            del self._records[record.id]
        self._arrange()
        if was_shown:
            left = self._children[parent]
            self.chat.head = self._leaf(left[max(at - 1, 0)]) if left else parent
            self._note_path()
        return branch

    def restore(self, records: Iterable[MessageRecord]) -> None:
        """Put back what `remove` took out, and show it."""
        taken = list(records)
        self._insert(taken)
        if taken:
            self.select(taken[0].id)

    def copy(self, upto_id: str, new_chat: ChatRecord, new_id: Callable[[], str]) -> "Tree":
        """The path to a message as a chat of its own, with ids of its own."""
        new_chat.forked_from = self.chat.id
        new_chat.on_server, new_chat.server_has = False, {}
        copied: list[MessageRecord] = []
        for record in self.path_to(upto_id):
            parent = copied[-1].id if copied else ""
            copied.append(
                msgspec.structs.replace(
                    record, id=new_id(), chat_id=new_chat.id, parent=parent, run=""
                )
            )
        new_chat.head = copied[-1].id if copied else ""
        return Tree(new_chat, copied)

    def _insert(self, records: Iterable[MessageRecord]) -> None:
        self._records.update((record.id, record) for record in records)
        self._arrange()

    def _arrange(self) -> None:
        """Find the children of each message anew, in the order of their creation."""
        records = sorted(self._records.values(), key=attrgetter("created_ms"))
        children = self._children = {"": [], **{record.id: [] for record in records}}
        for record in records:
            children[record.parent if record.parent in self._records else ""].append(record.id)
        reached = {record.id for record in self._branch("")}
        for record in records:
            if record.id not in reached:  # in a circle, or below one: its oldest begins a path
                self._children[record.parent].remove(record.id)
                record.parent = ""
                self._children[""].append(record.id)
                reached.update(below.id for below in self._branch(record.id))

    def _parent(self, id: str) -> str:
        parent = self._records[id].parent
        return parent if parent in self._records else ""

    def _leaf(self, id: str) -> str:
        while children := self._children[id]:
            last = self._last.get(id, "")
            id = last if last in children else children[-1]
        return id

    def _branch(self, id: str) -> list[MessageRecord]:
        found, open_ids = [], [id]
        while open_ids:
            id = open_ids.pop()
            if id:
                found.append(self._records[id])
            open_ids += reversed(self._children[id])
        return found

    def _note_path(self) -> None:
        parent = ""
        for record in self.path():
            self._last[parent] = record.id
            parent = record.id
