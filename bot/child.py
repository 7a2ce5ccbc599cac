"""Runs a module as ``python -m`` does, and ends with the process that started it.

``python -m bot.child <module> [arguments]``: stdin is a pipe whose other end only the parent
holds, so that its end of file means the parent is gone, however it went; the module then gets
SIGTERM and, should it not heed that, is ended by SIGALRM.
"""

import os
import runpy
import signal
import sys
import threading

GRACE_S = 5
"""How long a module may take to end after SIGTERM: whole seconds, as alarms have them."""


def _end_with_parent() -> None:
    # The file descriptor and not sys.stdin: the interpreter locks that while it shuts down.
    while os.read(0, 1024):
        pass
    signal.alarm(GRACE_S)  # Ends the process, whatever it is doing by then.
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Starts the watch and becomes the module."""
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
