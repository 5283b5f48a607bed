"""What HTTP says of packing and forms, before there is a message."""

import pytest

from server.ncip.web import takes_gzip


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (b"gzip", True),
        (b"deflate, GZIP;q=0.5", True),
        (b"x-gzip;q=1", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, identity", False),
        (b"identity", False),
        (b"", False),
    ],
)
def test_gzip_is_for_who_takes_it(accepted: bytes, takes: bool) -> None:
    assert takes_gzip(accepted) is takes
