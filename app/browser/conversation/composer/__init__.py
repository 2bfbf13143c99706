"""The message box: the text, the files beside it, the questions that wait."""
