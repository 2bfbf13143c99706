"""Text of an answer for a screen reader while it is written, without a browser."""

import pytest

from app.browser.markdown.spoken_text import Sentences

TEXT = """# Boats

It has **two** masts (see [the plan](https://example.org/plan)). Version 3.5 *sails*! Does it?

- oars
- a rudder

```python
x = "No. Not this."
```

| Part | Wood |
| --- | --- |
| mast | pine |

And the rest"""

SAID = [
    "Boats",
    "It has two masts (see the plan).",
    "Version 3.5 sails!",
    "Does it?",
    "oars",
    "a rudder",
    "Code.",
    "Part Wood",
    "mast pine",
    "And the rest",
]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_whole_sentences_are_said_however_the_text_is_cut(size: int) -> None:
    sentences = Sentences("Code.")
    said = [one for at in range(0, len(TEXT), size) for one in sentences.feed(TEXT[at : at + size])]
    assert said == SAID[:-1]
    assert sentences.close() == SAID[-1:]


def test_a_text_without_an_end_is_not_held_for_ever() -> None:
    sentences = Sentences("Code.")
    said = [one for _ in range(300) for one in sentences.feed("word ")]
    assert len(said) == 3


def test_tags_and_marks_of_callouts_are_not_said() -> None:
    sentences = Sentences("Code.")
    text = "> [!NOTE]\n> Press <kbd>C</kbd><br>now.\n<details>\n<summary>More</summary>\nx < y\n"
    assert sentences.feed(text) == ["NOTE", "Press C now.", "More", "x < y"]
