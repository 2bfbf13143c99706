"""Every way the network can cut the same bytes."""

import random
import sys
from collections.abc import Iterator


def chunkings(
    data: bytes, *, random_cuts: int = 20, at_every_place: bool = True
) -> Iterator[list[bytes]]:
    """Yield `data` whole, byte by byte, in two `at_every_place` (of short data), and cut at random.

    The random cuts are the same in every run. In the tab, where each costs some times as much and
    the code is the same, there are fewer.
    """
    step = 7 if sys.platform == "emscripten" else 1
    yield [data]
    yield [data[i : i + 1] for i in range(len(data))]
    if at_every_place and len(data) <= 400:
        for place in range(1, len(data), step):
            yield [data[:place], data[place:]]
    source = random.Random(len(data))
    for _ in range(-(-random_cuts // step)):
        count = source.randrange(1, max(2, min(40, len(data))))
        places = sorted(source.randrange(len(data) + 1) for _ in range(count))
        yield [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
