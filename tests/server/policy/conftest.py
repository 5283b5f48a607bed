"""The office's installations serve here, too."""

from tests.server.office.conftest import installation

__all__ = ["installation"]
