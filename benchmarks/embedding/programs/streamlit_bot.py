import streamlit
from words import words

messages = streamlit.session_state.setdefault("messages", [])
for message in messages:
    with streamlit.chat_message(message["role"]):
        streamlit.write(message["content"])
if question := streamlit.chat_input("Message"):
    messages.append({"role": "user", "content": question})
    with streamlit.chat_message("user"):
        streamlit.write(question)
    with streamlit.chat_message("assistant"):
        said = streamlit.write_stream(words())
    messages.append({"role": "assistant", "content": said})
