"""An installation to work on."""

from pathlib import Path

import pytest

from tests.server.office.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """No daemon runs."""
    made = Installation(tmp_path)
    made.configure()
    made.populate()
    return made
