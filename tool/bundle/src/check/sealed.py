"""Refuses what Lambda would: to write into the folder of the package, or of a layer.

The modes of files do not bind a person who is root, so the interpreter's own audit events do it: they tell of each
change before it is made. https://docs.python.org/3/library/audit_events.html
"""

import errno
import os
import sys

# Where the paths of things that are changed stand among an event's arguments. What is there stays, and what is not there
# cannot be made.
_CHANGED = {
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.utime": (0,),
}
_MADE = {"os.link": 1, "os.mkdir": 0, "os.symlink": 1}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_TRUNC


def seal(roots):
    """From now on the folders ``roots`` are read-only for this process."""
    roots = tuple(os.path.realpath(root) + os.sep for root in roots)

    def inside(path):
        if not isinstance(path, (str, bytes, os.PathLike)):
            return None
        path = os.path.realpath(os.fsdecode(path))
        return path if (path + os.sep).startswith(roots) else None

    def refuse(event, arguments):
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & (_WRITES | os.O_CREAT):
                return
            place = inside(path)
            # What is not there is not found, unless it would be made; to read what is there may be asked for so, too.
            refused = place and (flags & _WRITES if os.path.exists(place) else flags & os.O_CREAT and _has_folder(place))
        elif event in _MADE:
            path = arguments[_MADE[event]]
            place = inside(path)
            refused = place and not os.path.lexists(place) and _has_folder(place)
        elif event in _CHANGED:
            paths = [arguments[index] for index in _CHANGED[event]]
            path = next((path for path in paths if inside(path)), None)
            refused = path is not None and (len(paths) > 1 or os.path.lexists(path))
        else:
            return
        if refused:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    sys.addaudithook(refuse)


def _has_folder(path):
    return os.path.isdir(os.path.dirname(path))
