"""Writers of one SQLite file, in several processes or threads."""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

import reference.store as stores
from reference.store import Store

HELD = 0.3  # seconds that another writer takes; SQLite itself would finally look every 100 ms only


def held(store: Store, seconds: float) -> threading.Thread:
    """A writer that has the database to itself for so long, from now on."""
    begun = threading.Event()

    def work(_tx: sa.Connection) -> None:
        begun.set()
        time.sleep(seconds)

    thread = threading.Thread(target=store.write, args=(work,))
    thread.start()
    assert begun.wait(10)
    return thread


def test_a_writer_goes_on_as_soon_as_the_other_one_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    right = time.sleep

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        right(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    one, other = (Store(f"sqlite:///{tmp_path / 'gman.sqlite'}") for _ in range(2))
    thread = held(one, HELD)
    assert other.write(lambda _tx: 1) == 1
    thread.join()
    assert len(looks) > 1
    assert max(look for look in looks if look != HELD) <= stores.LOOK
    one.close()
    other.close()


def test_a_writer_that_waits_in_vain_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "BUSY_TIMEOUT", 0.05)
    monkeypatch.setattr(stores, "ATTEMPTS", 2)
    one, other = (Store(f"sqlite:///{tmp_path / 'gman.sqlite'}") for _ in range(2))
    thread = held(one, 2)
    with pytest.raises(sa.exc.OperationalError, match="database is locked"):
        other.write(lambda _tx: 1)
    thread.join()
    assert other.write(lambda _tx: 1) == 1
    with other.read() as tx:
        assert tx.exec_driver_sql("PRAGMA busy_timeout").scalar() == 50
    one.close()
    other.close()
