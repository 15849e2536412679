"""The allocator of prefixes against a plain model: never twice, never outside, nothing lost."""

import ipaddress
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.network.ipam import free_blocks
from reference.network.rest.address_checks import Network
from reference.network.tables import METADATA, pool_blocks, subnetpools
from reference.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'db.sqlite'}")
    store.create_schema(METADATA)
    yield store
    store.close()


def pool(tx: Connection, version: int, *blocks: str) -> sa.Row[tuple[object, ...]]:
    values = {"name": "", "description": "", "project_id": "p", "prefixes": list(blocks)}
    lengths = {"default_prefixlen": 8, "min_prefixlen": 8, "max_prefixlen": 32}
    tx.execute(subnetpools.insert().values(id="pool", ip_version=version, **values, **lengths))
    free_blocks.add(tx, "pool", free_blocks.compact(blocks))
    return tx.execute(sa.select(subnetpools)).one()


def free(tx: Connection) -> set[tuple[int, int]]:
    return {(int(row.first, 16), row.prefixlen) for row in tx.execute(sa.select(pool_blocks))}


@pytest.mark.parametrize(("version", "block", "low", "high"), [(4, "10.0.0.0/22", 24, 30), (6, "fd00::/56", 58, 64)])
def test_random_story(store: Store, version: int, block: str, low: int, high: int) -> None:
    chance = random.Random(version)

    def story(tx: Connection) -> None:
        here = pool(tx, version, block)
        whole = ipaddress.ip_network(block)
        before = free(tx)
        held: list[Network] = []
        for _ in range(300):
            if held and chance.random() < 0.45:
                free_blocks.release(tx, "pool", held.pop(chance.randrange(len(held))))
                continue
            taken = free_blocks.allocate(tx, here, chance.randint(low, high))
            if taken is not None:
                assert taken.subnet_of(whole)  # type: ignore[arg-type]
                assert not any(taken.overlaps(other) for other in held)
                held.append(taken)
        for item in held:
            free_blocks.release(tx, "pool", item)
        assert free(tx) == before

    store.write(story)


def test_smallest_fitting_block_lowest_address(store: Store) -> None:
    def story(tx: Connection) -> None:
        here = pool(tx, 4, "10.0.0.0/16", "10.9.0.0/26")
        assert str(free_blocks.allocate(tx, here, 26)) == "10.9.0.0/26"
        assert str(free_blocks.allocate(tx, here, 26)) == "10.0.0.0/26"
        assert str(free_blocks.allocate(tx, here, 26)) == "10.0.0.64/26"
        assert free_blocks.allocate(tx, here, 15) is None

    store.write(story)


def test_exact_block(store: Store) -> None:
    def story(tx: Connection) -> None:
        here = pool(tx, 4, "10.0.0.0/16")
        expected = ipaddress.ip_network("10.0.77.0/24")
        assert free_blocks.allocate_exactly(tx, here, expected)
        assert not free_blocks.allocate_exactly(tx, here, expected)
        assert not free_blocks.allocate_exactly(tx, here, ipaddress.ip_network("10.0.0.0/17"))
        assert not free_blocks.allocate_exactly(tx, here, ipaddress.ip_network("10.1.0.0/24"))
        free_blocks.release(tx, "pool", expected)
        assert free(tx) == {(int(ipaddress.ip_address("10.0.0.0")), 16)}

    store.write(story)


def test_cost_does_not_grow_with_what_is_allocated(store: Store) -> None:
    """An allocation touches the same number of rows, however many prefixes are allocated."""

    def statements(tx: Connection) -> list[int]:
        here, blocks = pool(tx, 4, "10.0.0.0/8"), []
        counted = [0]
        sa.event.listen(store.engine, "before_cursor_execute", lambda *_: counted.__setitem__(0, counted[0] + 1))
        for _ in range(2000):
            counted[0] = 0
            assert free_blocks.allocate(tx, here, 26) is not None
            blocks.append(counted[0])
        return blocks

    assert max(store.write(statements)) <= 3
