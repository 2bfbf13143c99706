"""Actions of the buttons of a question or an answer."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from ...core.messages import File, Part
from ...core.text.text_files import attached
from ...history.records import EDITED
from ..markdown.copying import html_of
from ..models.model_options import ModelOption
from ..web import menu, toast
from ..web import words as web_words
from ..web.dom import Node
from ..web.menu import Item
from ..web.tasks import beside
from . import presses, words
from .answer.answer import Answer
from .composer import message_box
from .conversation import Conversation
from .open_chat import OpenChat, last_question
from .question import Question
from .transcript_entry import Entry
from .turns import Turn, count_seen, question_parts, rewritable, text_of


class AppActions(NamedTuple):
    """Actions outside of the chat.

    `models()` lists what can be asked at once; `pick_model(label, then)` has one of all models
    picked, for what the label says, and calls `then(id)`. `open_settings()` opens the settings.
    `leave_out(model_id, option)` sends this option no more to this model.
    """

    models: Callable[[], Sequence[ModelOption]]
    pick_model: Callable[[str, Callable[[str], None]], None]
    open_settings: Callable[[], None]
    leave_out: Callable[[str, str], None]


class MessageActions:
    """Runs the actions pressed in the shown chat."""

    def __init__(self, conversation: Conversation, app: AppActions) -> None:
        self._view = conversation.view
        self._fork = conversation.fork
        self._app = app
        presses.on_press(self.press)
        presses.on_edit_key(self.press)

    @property
    def _chat(self) -> OpenChat:
        return self._view.shown

    def press(self, action: str, turn_id: str, button: Node) -> None:
        """Run the action of a turn's button."""
        entry = self._view.transcript.entry(turn_id)
        if entry is None:
            return
        chat, turn, view = self._chat, entry.turn, entry.view
        match action:
            case "retry" | "regenerate":
                self._regenerate(turn)
            case "then" if isinstance(view, Answer):
                view.send_then()
            case "continue":
                chat.go_on(turn.last.id)
                message_box.focus()
            case "earlier" | "later":
                self._page(turn, 1 if action == "later" else -1, button)
            case "copy":
                html = "" if turn.is_question else html_of(view.article)
                beside(presses.copy(turn.text, button, html))
            case "menu":
                menu.open(button, self._items(entry))
            case "draw" if isinstance(view, Answer):
                view.draw_after_all()
            case "more-sources" if isinstance(view, Answer):
                view.show_more_sources()
            case "more-text" if isinstance(view, Question):
                view.show_all()
            case "without":
                self._ask_without(turn, button.getAttribute("data-option"))
            case "settings":
                self._app.open_settings()
            case "edit-cancel":
                view.close()
            case "edit-save" if isinstance(view, Answer):
                self._rewrite(turn, view)
            case "open-document":
                _open_document(attached(turn.last.message.parts), button)
            case _ if isinstance(view, Question):
                self._press_question(action, turn, view)
            case "more" | "more-arguments" if button.closest("[data-call]"):
                card = view.cards[button.closest("[data-call]").getAttribute("data-call")]
                if action == "more":
                    card.show_all()
                else:
                    card.show_all_arguments()

    def edit_last(self) -> bool:
        """Edit the last question in its place; False where there is none."""
        question = last_question(self._chat.tree)
        entry = None if question is None else self._view.transcript.entry(question.id)
        if entry is None or not isinstance(entry.view, Question):
            return False
        self._edit(entry.view)
        return True

    def _press_question(self, action: str, turn: Turn, view: Question) -> None:
        match action:
            case "edit":
                self._edit(view)
            case "edit-save":
                text, files = view.edited(), attached(turn.last.message.parts)
                if text or files:
                    self._chat.edit(turn.id, question_parts(text, files))
                    self._view.follower.to_end()
                    message_box.focus()

    def _items(self, entry: Entry) -> list[Item]:
        chat, turn, view = self._chat, entry.turn, entry.view
        items: list[Item] = []
        if isinstance(view, Answer):
            if view.live is None and rewritable(turn.records):
                items.append(Item(words.EDIT_ANSWER, lambda: self._edit_answer(turn, view)))
            if turn.last.note == EDITED and turn.last.id == chat.chat.head:
                items.append(Item(words.GO_ON_FROM_HERE, lambda: chat.go_on(turn.last.id)))
            items.append(
                Item(words.RAW, lambda: view.show_raw(not view.is_raw), checked=view.is_raw)
            )
            # The one that has just answered is behind the button Regenerate.
            others = [one for one in self._app.models() if one.name != turn.last.source]
            items += [
                Item(
                    words.regenerate_with(option.label),
                    partial(self._regenerate, turn, option.id),
                    begins_group=number == 0,
                )
                for number, option in enumerate(others)
            ]
            items += [
                Item(
                    words.ANOTHER_MODEL,
                    lambda: self._app.pick_model(
                        words.REGENERATE_WITH, partial(self._regenerate, turn)
                    ),
                    begins_group=not others,
                ),
                Item(words.COMPARE, lambda: self._view.compare(turn), begins_group=True),
                Item(words.SHOW_WIRE, lambda: self._view.show_wire(turn)),
            ]
        fork = Item(words.FORK, lambda: self._fork(chat, turn.last.id))
        label = words.DELETE_QUESTION if turn.is_question else words.DELETE_ANSWER
        delete = Item(label, lambda: self._delete(turn), danger=True, begins_group=True)
        return [*items, fork, delete]

    def _regenerate(self, turn: Turn, model: str = "") -> None:
        self._chat.regenerate(turn.id, model)
        message_box.focus()

    def _ask_without(self, turn: Turn, option: str) -> None:
        """Ask the model that has refused an option again, without it."""
        model = self._chat.asked(turn.id) or self._chat.chat.settings.model
        self._app.leave_out(model, option)
        self._regenerate(turn, model)

    def _delete(self, turn: Turn) -> None:
        chat = self._chat
        removed = chat.remove(turn.id)
        said = words.deleted(count_seen(removed), on_server=any(one.run for one in removed))
        toast.show(said, web_words.UNDO, lambda: chat.restore(removed))
        message_box.focus()

    def _page(self, turn: Turn, by: int, button: Node) -> None:
        number = turn.number - 1 + by
        if not 0 <= number < len(turn.others):
            return
        self._view.follower.following = False
        self._chat.select(turn.others[number])
        self._view.transcript.focus_pager(turn.others, button.getAttribute("data-action"))

    def _edit(self, view: Question) -> None:
        self._close_other(view)
        view.edit()

    def _edit_answer(self, turn: Turn, view: Answer) -> None:
        self._close_other(view)
        view.edit(text_of([one.message for one in rewritable(turn.records)]))

    def _close_other(self, view: Question | Answer) -> None:
        other = self._view.transcript.edited()
        if other is not None and other is not view:
            other.close()

    def _rewrite(self, turn: Turn, view: Answer) -> None:
        """Keep the text in the box as a version of the answer, where it differs."""
        text, records = view.edited(), rewritable(turn.records)
        if text.strip() and text != text_of([one.message for one in records]):
            self._chat.rewrite(records, text)
            message_box.focus()
        elif text.strip():
            view.close()


def _open_document(files: Sequence[Part], button: Node) -> None:
    from ...documents.links import Target  # rarely needed
    from . import document_view

    file = files[int(button.getAttribute("data-file")) - 1]
    if isinstance(file, File):
        document_view.show_document(file.text, Target(file.name, 1))
