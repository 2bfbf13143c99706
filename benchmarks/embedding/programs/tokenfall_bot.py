from words import words


def answer(message):
    yield from words()
