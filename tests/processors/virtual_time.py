"""An event loop whose clock jumps: a wait takes no time when nothing else can happen meanwhile.

So `asyncio.sleep(0.001)` returns when everything that can run has run, and a time-out of an hour
is over at once. For code that stays inside the process: a socket's other end would not keep up.
"""

import asyncio
import selectors


class _JumpingSelector:
    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self.now = 0.0

    def __getattr__(self, name):
        return getattr(self._selector, name)

    def select(self, timeout=None):
        if timeout is None or timeout <= 0:
            return self._selector.select(timeout)
        ready = self._selector.select(0)
        if not ready:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.now
