"""Two services of version 1 that the 2.02 schema does not have; a partner who asks in its own form is answered in it.

The model of AuthenticateUser is in none of our sources; it is read as that of LookupUser, which took its place.
"""

from protocols.ncip.choices import USER
from protocols.ncip.elements import ServiceSupported, VersionSupported
from protocols.ncip.envelope import Initiation, Response, response
from protocols.ncip.identifiers import FromAgencyId, ToAgencyId, UserId
from protocols.ncip.people import AuthenticationInput
from protocols.ncip.table import AtLeastOne, element
from protocols.ncip.transactions import UserOptionalFields


@element(USER)
class AuthenticateUser(Initiation):
    """Is this user who it says it is?"""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()


@response()
class AuthenticateUserResponse(Response):
    """The user that was recognised."""

    user_id: UserId | None = None
    user_optional_fields: UserOptionalFields | None = None


@element()
class LookupVersion(Initiation):
    """Which versions do you speak?  Koha's server takes an empty one, OCLC's toolkit names both agencies."""

    from_agency_id: FromAgencyId | None = None
    to_agency_id: ToAgencyId | None = None


@response()
class LookupVersionResponse(Response):
    """The versions, and perhaps the services, that are spoken."""

    from_agency_id: FromAgencyId | None = None
    to_agency_id: ToAgencyId | None = None
    version_supported: AtLeastOne[VersionSupported] = ()
    service_supported: tuple[ServiceSupported, ...] = ()


BEYOND_SCHEMA = frozenset(
    {
        *(AuthenticateUser.element, AuthenticateUserResponse.element),
        *(LookupVersion.element, LookupVersionResponse.element),
        *("ServiceSupported", "VersionSupported"),
    }
)
