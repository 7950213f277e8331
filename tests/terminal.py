"""slam at a terminal: what a person sees in so many columns, and what is typed there."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios


def at_terminal(machine, folder, arguments, columns=80, code=0, typed=(), **environment):
    """What a terminal gets. `typed` has pairs: once the first is shown, the second is typed."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = machine.environment(TERM="xterm-256color")
    variables = {name: value for name, value in variables.items() if name not in ("NO_COLOR", "CI")}
    process = subprocess.Popen(
        [machine.binary, *arguments], cwd=folder, env={**variables, **environment},
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
    )
    os.close(follower)
    shown, typed = b"", list(typed)
    while select.select([leader], [], [], 120)[0]:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if typed and typed[0][0].encode() in shown:
            os.write(leader, typed.pop(0)[1].encode())
    os.close(leader)
    assert process.wait(timeout=30) == code, shown.decode()
    return shown.decode()


def lines_at_terminal(*arguments, **more):
    """The lines that stay there, without colours; those that moved are gone."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", at_terminal(*arguments, **more))
    return [line.split("\r")[-1] for line in text.replace("\r\n", "\n").split("\n")]
