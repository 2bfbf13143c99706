"""A provider that plays a script: the Demo of the page, and what the tests steer.

Pure: the server plays it over a socket, the tab carries it as a transport of its own.
"""
