"""Daphne's reactor on uvloop, on which a message costs less than on asyncio's own event loop."""

import asyncio
from typing import Any


def use_uvloop(reactor: Any) -> None:
    """Gives a reactor that is not running yet uvloop's event loop, where uvloop is installed.

    Daphne creates its loop when it is imported, before it imports the application: no policy set by then would count.
    """
    try:
        import uvloop
    except ImportError:
        return
    before = reactor._asyncioEventloop
    readers = list(reactor._readers)  # Only the reactor's own, by which threads wake it.
    for reader in readers:
        reactor.removeReader(reader)
    reactor._asyncioEventloop = loop = uvloop.new_event_loop()
    for reader in readers:
        reactor.addReader(reader)
    if executor := before._default_executor:  # By ASGI_THREADS.
        loop.set_default_executor(executor)
        before._default_executor = None
    asyncio.set_event_loop(loop)
    before.close()
