"""A child forked while another thread holds a lock does not wait for that thread, which it does not have."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from fourfold.backend.execution import memory
from fourfold.backend.forking import ForkSafeLock
from fourfold.backend.planning.tuning import Tuner
from fourfold.compat.activation import activation

if TYPE_CHECKING:
    from collections.abc import Callable

LOCKS: dict[str, Callable[[], Any]] = {
    "results": lambda: memory.recycler.lock,
    "tuner": lambda: Tuner(None)._lock,
    "activation": lambda: activation._lock,
    "plain": ForkSafeLock,
    "reentrant": lambda: ForkSafeLock(threading.RLock),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("made", LOCKS.values(), ids=LOCKS)
def test_a_child_forked_while_another_thread_holds_the_lock_takes_it(made: Callable[[], Any]) -> None:
    lock, held, done = made(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if not child:
        threading.Timer(20, lambda: os._exit(1)).start()
        with lock:
            os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    done.set()
    thread.join()
    assert code == 0


def test_a_reentrant_lock_is_taken_twice_by_its_holder() -> None:
    lock = ForkSafeLock(threading.RLock)
    entered = []
    with lock, lock:
        entered.append(lock)
    assert entered == [lock]


def test_a_lock_keeps_other_threads_out() -> None:
    lock, order = ForkSafeLock(), list[str]()

    def enter() -> None:
        with lock:
            order.append("second")

    with lock:
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
