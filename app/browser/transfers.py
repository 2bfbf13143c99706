"""Chats out to files of this computer, and in from them."""

from collections.abc import Awaitable, Callable

from js import document

from ..history.transfer import ImportProblem, file_name, from_json, to_json, to_markdown
from ..history.tree import Tree
from . import texts
from .chats import Chats
from .database import StorageError
from .dom import find, listen, save_file
from .store import new_id, now_ms
from .tasks import beside
from .views import toast

_JSON = "application/json"
_MARKDOWN = "text/markdown;charset=utf-8"


class Transfers:
    """Exports and imports; `taken_in()` is called when chats came in."""

    def __init__(self, chats: Chats, taken_in: Callable[[], Awaitable[None]]) -> None:
        self._chats = chats
        self._taken_in = taken_in
        listen(find("import-file"), "change", lambda _: beside(self._take_file()))

    async def export_json(self, id: str) -> None:
        """Save one chat with all its branches and files."""
        if (tree := await self._tree(id)) is not None:
            save_file(to_json([tree], now_ms()), file_name(tree.chat.title, "json"), _JSON)

    async def export_markdown(self, id: str) -> None:
        """Save what is shown of a chat, to read."""
        if (tree := await self._tree(id)) is not None:
            save_file(to_markdown(tree).encode(), file_name(tree.chat.title, "md"), _MARKDOWN)

    async def export_all(self, progress: Callable[[int, int], None]) -> None:
        """Save all chats in one file; `progress` is told how many of how many are read."""
        ids = list(self._chats.records)
        trees = []
        for number, id in enumerate(ids, 1):
            if (tree := await self._tree(id)) is not None:
                trees.append(tree)
            if number % 20 == 0 or number == len(ids):
                progress(number, len(ids))
        day = str(document.defaultView.Date.new().toISOString())[:10]
        save_file(to_json(trees, now_ms()), f"tokenfall-chats-{day}.json", _JSON)

    async def markdown(self, id: str) -> str:
        """What is shown of a chat, as Markdown; empty where it is gone."""
        tree = await self._tree(id)
        return to_markdown(tree) if tree is not None else ""

    def choose_file(self) -> None:
        """Let the person choose a file to import."""
        field = find("import-file")
        field.value = ""  # so that the same file may be chosen again
        field.click()

    async def _take_file(self) -> None:
        files = find("import-file").files
        if not files.length:
            return
        file = files.item(0)
        data = bytes((await file.arrayBuffer()).to_bytes())
        try:
            trees, left_out = from_json(data, self._chats.records, new_id)
        except ImportProblem as problem:
            self._say(str(problem))
            return
        await self._chats.changing.add(trees)
        await self._taken_in()
        self._say(texts.imported(len(trees), left_out))
        if len(trees) == 1:
            find("data").close()
            await self._chats.open(trees[0].chat.id)

    def _say(self, sentence: str) -> None:
        if find("data").open:
            find("data-said").textContent = sentence
        else:
            toast.show(sentence)

    async def _tree(self, id: str) -> Tree | None:
        # What is shown may be ahead of what is kept: an answer on its way, or a full storage.
        if id == self._chats.shown.id:
            return self._chats.conversation.shown.tree
        try:
            return await self._chats.store.load(id)
        except StorageError:
            return None
