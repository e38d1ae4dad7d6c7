"""The copy of a workspace in its volume: takes what the host shows, tells what steps have made of it.

    workspace.py ROOT STATE

ROOT is where the copy lies, STATE the folder of another volume that remembers what it holds. Started by a client as a command of
its own for each run, it lives as long as the run does. Frames on stdin and stdout are the supervisor's: a line of JSON, then
`bytes` raw bytes where the frame says so. src/workspace/copy/protocol.ts is the other side and documents them.

It runs as the steps' user, so it can harm nothing that they can't; it follows no symbolic link all the same, for a link that a step has
put in a folder's place must not make it write, or tell the host, what lies elsewhere. Python 3.9 or newer, standard library only.
"""

from __future__ import annotations

import sys

from receiver import Receiver

if __name__ == "__main__":
    receiver = Receiver(sys.argv[1], sys.argv[2])
    try:
        receiver.serve()
    except OSError as error:
        from errno import errorcode

        receiver.send({"type": "failed", "code": errorcode.get(error.errno or 0, ""), "message": str(error)})
        sys.exit(1)
