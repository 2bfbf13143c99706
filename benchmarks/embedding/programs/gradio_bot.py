import gradio
from words import words


def answer(message, history):
    said = ""
    for word in words():
        said += word
        yield said


gradio.ChatInterface(answer).launch()
