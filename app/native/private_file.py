"""Files with a person's words and secrets: for nobody else, and never written through a link.

The folder may be one that others write to as well. A name that they can foresee would be a link of
theirs before it is our file.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path


class NotPrivateError(Exception):
    """Another user may have written or read the file; the message is for people."""


def create(path: Path, data: bytes) -> None:
    """Write a new file, whole or not at all.

    Raises:
        FileExistsError: Something of that name is there, be it a link to nowhere.
        OSError: It cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
    except BaseException:
        path.unlink()
        raise


def replace(path: Path, lines: Iterable[str]) -> None:
    """Write a file anew; one that was there stays as it is until the new one is whole.

    Raises:
        OSError: It cannot be written.
    """
    if _is_stream(path):
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(lines)
        return
    descriptor, beside = tempfile.mkstemp(prefix=".", dir=path.parent)  # made anew, mode 0600
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def read(path: Path) -> bytes:
    """Read a file that only this user can have written or read.

    Windows has no such modes: there the rights of the folder count.

    Raises:
        NotPrivateError: It is a link, belongs to another user, or is open to others.
        OSError: It is not there, or cannot be read.
    """
    if path.is_symlink():
        raise NotPrivateError(f"{path} is a link. Remove it.")
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if sys.platform != "win32" and found.st_uid != os.geteuid():
            raise NotPrivateError(f"{path} belongs to another user of this computer.")
        if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
            raise NotPrivateError(f"{path} can be read or changed by other users. Remove it.")
        return file.read()


def _is_stream(path: Path) -> bool:
    """Tell whether it is written to as it is: a device or a pipe, and no stranger's.

    /dev/stdout is a link to a file where the shell sends it into one.
    """
    if str(path.absolute().parent) in ("/dev", "/dev/fd", "/proc/self/fd"):
        return True
    if path.is_file() or not path.exists():
        return False
    return os.lstat(path).st_uid in (0, getattr(os, "geteuid", int)())
