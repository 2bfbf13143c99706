"""An answer of the Demo with everything that Markdown has. Written by hand for this project."""

TEXT = r'''# What an answer can be made of

Text may be *slanted*, **strong**, ~~struck out~~ or `code`, and may point elsewhere: to
[CommonMark](https://commonmark.org/ "The specification"), or to a footnote[^drawn].

## Lists

1. A list with numbers,
   - with another one inside,
   - and a task or two:
2. like this:
   - [x] Write the answer
   - [ ] Read the answer

> A quotation. What is quoted may go on for several lines, and hold **everything** that an
> answer may hold.

## Code

```python
# lighthouse.py
from itertools import cycle


def flashes(pattern: str = "short long") -> None:
    """Blink for ever; somebody may be out there."""
    for length in cycle(pattern.split()):
        print("#" * (1 if length == "short" else 3))
```

## Tables

| Ship        | Cargo         | Tons | Arrived |
|:------------|:-------------:|-----:|:--------|
| *Marigold*  | salt          |  120 | yes     |
| *Fennimore* | timber        | 1450 | no      |
| *Alder*     | tea, "mostly" |   80 | yes     |

## Formulas

From a lamp at height $h$, on a ball of radius $R$, light is seen as far as $d = \sqrt{2Rh + h^2}$.
A ticket up the tower costs $5, or $8 for two. In a line of its own:

$$
\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}
$$

## Images

An image from elsewhere is fetched when you ask for it, since its host learns of you then:

![A lighthouse](https://example.org/lighthouse.png)

---

[^drawn]: The page draws a block once, when it can no longer change. This note was written last.
'''
