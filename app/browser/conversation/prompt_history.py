"""Earlier questions, brought back into the message box with the arrow keys."""

from collections.abc import Callable

from .composer import message_box


class PromptHistory:
    """`questions()` are the texts of the chat that is shown, the first first."""

    def __init__(self, questions: Callable[[], list[str]]) -> None:
        self._questions = questions
        self._back = 0  # how many questions ago the text in the box was asked; 0 for none
        self._put = ""  # what was put into the box

    def step(self, by: int) -> bool:
        """Go to an earlier question (-1) or a later one (1); False where the keys belong to the
        text: something was written, or there is no such question.
        """
        written = message_box.written()
        if written != self._put or not written:
            self._back = 0
        if written and not self._back:
            return False
        texts = [text for text in self._questions() if text]
        back = self._back - by
        if not 0 <= back <= len(texts) or back == self._back:
            return False
        self._back = back
        self._put = texts[-back] if back else ""
        message_box.replace(self._put)
        return True
