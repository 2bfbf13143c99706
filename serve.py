#!/usr/bin/env python3
"""Tokenfall in one command: prepares what is missing, serves the page, opens the browser."""

import sys

# Kept to what every Python 3 and 2.7 can read, or they could not print this sentence.
if sys.version_info < (3, 11):
    sys.stderr.write(
        "Tokenfall needs Python 3.11 or newer, and this is Python %d.%d (%s). "
        "Install a newer one and start serve.py with that, for example: python3.12 serve.py\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    sys.exit(2)

from app.setup.import_path import leave_out_the_folder

leave_out_the_folder(sys.path[0])

from pathlib import Path

from app.server.command import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
