"""`python -m app "Tell me a story"`: asks a model from the terminal."""

import sys

# Kept to what every Python 3 and 2.7 can read, or they could not print this sentence.
if sys.version_info < (3, 11):
    sys.stderr.write(
        "Tokenfall needs Python 3.11 or newer, and this is Python %d.%d (%s). "
        "Install a newer one and start with that, for example: python3.12 -m app\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    sys.exit(2)

from .setup.import_path import leave_out_the_folder

leave_out_the_folder(__file__ + "/../..")

from .native.terminal.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
