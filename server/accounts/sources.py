"""Where an account may connect from, and who is it without a login."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from pydantic import BeforeValidator, Field

from server.desk.manner import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(value: object) -> object:
    return tuple(_network(one) for one in value) if isinstance(value, list | tuple) else value


def _network(value: object) -> object:
    """`192.0.2.0/24`, or one address; raises ValueError when it is neither, or has bits below its mask."""
    return ip_network(value) if isinstance(value, str) else value


Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]


class Sources(Settings):
    """All empty: any address, by login and password."""

    no_login: Networks = ()
    """Connections from here are this account without a 93: machines that never send one."""
    networks: Networks = ()
    """Connections from elsewhere are refused, whatever password they have."""
    certificates: tuple[str, ...] = Field(default=(), strict=False)
    """Names in client certificates (common name or DNS name) that are this account over TLS."""

    def admit(self, address: str) -> bool:
        """Whether the account may be used from there."""
        return not self.networks or lies_in(address, (*self.networks, *self.no_login))

    def trust(self, address: str) -> bool:
        """Whether whoever connects from there is this account."""
        return bool(self.no_login) and lies_in(address, self.no_login)


def lies_in(address: str, networks: Iterable[Network]) -> bool:
    """Whether a peer's address is in one of the networks; an IPv4 address may come written as IPv6."""
    if not address:
        return False  # a peer without an IP address lies nowhere
    place = _place(address)
    return any(place in network for network in networks)


@lru_cache(maxsize=1024)
def _place(address: str) -> Address:
    """A partner calls from the same few all day."""
    place: Address = ip_address(address)
    if isinstance(place, IPv6Address) and place.ipv4_mapped:
        return place.ipv4_mapped  # a dual-stack listener says ::ffff:192.0.2.7
    return place
