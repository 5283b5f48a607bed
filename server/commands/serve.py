"""`skranke serve`: the daemon, until it is told to stop. SIGHUP reads policies and accounts again."""

import gc
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from server import log as logs
from server.commands.where import NeededFile
from server.config import load_config
from server.log import logger
from server.office.errors import OrderRefused
from server.office.orders import Reload
from server.service import Daemon

log = logger("serve")

COLLECT_AFTER = 20_000  # objects more than were let go; Python's own 700 is for programs that make few


def serve(config: NeededFile) -> None:
    """Serve the machines of an installation."""
    from server.cli import SystemClock, install_reactor  # the one owner of clock and reactor

    read = load_config(config)
    logs.set_up(read.log.level, read.log.human)
    reactor = install_reactor()
    daemon = Daemon(read, reactor, SystemClock(), reread=partial(load_config, config))
    daemon.prepare()
    run(daemon, reactor)


def run(daemon: Daemon, reactor: Any, ready: Callable[[Daemon], None] | None = None) -> None:
    """A prepared daemon, from its first port to the end of the program; `ready` is told when the ports are open.

    Raises what kept it from starting.
    """
    failed: list[Exception] = []

    def start() -> None:
        try:
            daemon.startService()
            spare_the_collector()
            if ready is not None:
                ready(daemon)
        except Exception as why:
            failed.append(why)
            reactor.stop()

    reactor.callWhenRunning(start)
    reactor.addSystemEventTrigger("before", "shutdown", daemon.stopService)
    signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(read_again, daemon))
    reactor.run()
    if failed:
        raise failed[0]


def spare_the_collector() -> None:
    """What is there at the start stays: the collector of cycles need not walk through it at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


def read_again(daemon: Daemon) -> None:
    """Policies and accounts, whole or not at all."""
    Deferred.fromCoroutine(daemon.door.carry_out(Reload())).addErrback(not_reloaded)


def not_reloaded(why: Failure) -> None:
    """The mistakes of a refused reload are in the log already; anything else is told here."""
    if not why.check(OrderRefused):
        log.error("serve.not_reloaded", error=type(why.value).__name__, why=why.getErrorMessage())
