"""A daemon that runs for a whole module."""

from collections.abc import Iterator

import pytest

from tests.server.office.installation import Installation, Running


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A daemon in a process of its own, for all tests of a module."""
    made = Installation(tmp_path_factory.mktemp("office"))
    made.configure()
    made.populate()
    running = made.start()
    yield running
    assert running.stop() == 0
