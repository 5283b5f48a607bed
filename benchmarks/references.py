"""What skranke is measured against: servers that know nothing.

`constant` is Twisted on uvloop writing the same line for whatever line comes: the ceiling of a Python daemon. `pysip2`
is the newest Python peer with constant handlers: its codec and its server, and no circulation behind them.
`resource` is twisted.web on uvloop with the same NCIP answer for whatever is posted: the ceiling of HTTP.
"""

import argparse
import asyncio
import logging
from typing import Any

CONSTANT = b"101YNN20260212    120000AOBEN|AB30000000|AQBEN-1|AJA title of ordinary length|AY0AZ0000\r"
LOOKED_UP = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<ns1:NCIPMessage xmlns:ns1="http://www.niso.org/2008/ncip"'
    b' ns1:version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"><ns1:LookupUserResponse><ns1:ResponseHeader>'
    b"<ns1:FromAgencyId><ns1:AgencyId>BEN</ns1:AgencyId></ns1:FromAgencyId><ns1:ToAgencyId><ns1:AgencyId>MEASURING"
    b"</ns1:AgencyId></ns1:ToAgencyId></ns1:ResponseHeader><ns1:UserId><ns1:UserIdentifierValue>20000001"
    b"</ns1:UserIdentifierValue></ns1:UserId><ns1:UserOptionalFields><ns1:NameInformation><ns1:PersonalNameInformation>"
    b"<ns1:StructuredPersonalUserName><ns1:GivenName>Patron</ns1:GivenName><ns1:Surname>Measured 1</ns1:Surname>"
    b"</ns1:StructuredPersonalUserName></ns1:PersonalNameInformation></ns1:NameInformation></ns1:UserOptionalFields>"
    b"</ns1:LookupUserResponse></ns1:NCIPMessage>"
)
STAMP = "20260212    120000"


def serve_constant(port: int) -> None:
    """Until the process is ended."""
    import uvloop
    from twisted.internet.asyncioreactor import AsyncioSelectorReactor
    from twisted.internet.protocol import Factory, Protocol

    class Constant(Protocol):
        """As many constants as lines came."""

        transport: Any

        def connectionMade(self) -> None:
            self.transport.setTcpNoDelay(True)

        def dataReceived(self, data: bytes) -> None:
            self.transport.write(CONSTANT * data.count(b"\r"))

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    reactor: Any = AsyncioSelectorReactor(loop)
    reactor.listenTCP(port, Factory.forProtocol(Constant), backlog=4096, interface="127.0.0.1")
    reactor.run()


def serve_resource(port: int) -> None:
    """Until the process is ended."""
    import uvloop
    from twisted.internet.asyncioreactor import AsyncioSelectorReactor
    from twisted.web.resource import Resource
    from twisted.web.server import Site

    class Constant(Resource):
        """One answer, whatever the address and the message."""

        isLeaf = True

        def render_POST(self, request: Any) -> bytes:
            request.content.read()
            request.setHeader(b"content-type", b"application/xml; charset=utf-8")
            return LOOKED_UP

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    reactor: Any = AsyncioSelectorReactor(loop)
    reactor.listenTCP(port, Site(Constant()), interface="127.0.0.1")
    reactor.run()


def serve_pysip2(port: int) -> None:
    """Until the process is ended."""
    import anyio

    logging.disable(logging.WARNING)
    anyio.run(_pysip2().serve, "127.0.0.1", port, backend_options={"use_uvloop": True})


def _pysip2() -> Any:
    """`pysip2` with a handler for every message of the load; 99 is answered by itself."""
    import pysip2
    from pysip2 import routes

    peer: Any = pysip2
    app = peer.SIP2Server(institution_id="BEN", library_name="Measured library", login_required=False)
    whom = {"institution_id": "BEN", "patron_identifier": "20000001"}
    status = {"patron_status": " " * 14, "language": "001", "transaction_date": STAMP, "personal_name": "A. Person"}
    counts = ("hold_items", "overdue_items", "charged_items", "fine_items", "recall_items", "unavailable_holds")
    thing = {"item_identifier": "30000000", "title_identifier": "A title of ordinary length"}
    lent = {"magnetic_media": "N", "desensitize": "Y", "transaction_date": STAMP, "due_date": "20260312    235959"}
    proven = {"valid_patron": "Y", "valid_patron_password": "Y", "currency_type": "NOK", "fee_amount": "0.00"}
    answers: dict[Any, object] = {
        routes.LOGIN: peer.LoginResponse(ok="1"),
        routes.PATRON_STATUS: peer.PatronStatusResponse(**whom, **status, **proven),
        routes.PATRON_INFORMATION: peer.PatronInformationResponse(
            **whom, **status, **proven, **{f"{name}_count": "0000" for name in counts}
        ),
        routes.ITEM_INFORMATION: peer.ItemInformationResponse(
            circulation_status="03", security_marker="01", fee_type="01", transaction_date=STAMP, **thing
        ),
        routes.CHECKOUT: peer.CheckoutResponse(ok="1", renewal_ok="N", **whom, **thing, **lent),
        routes.RENEW: peer.RenewResponse(ok="1", renewal_ok="Y", **whom, **thing, **lent),
        routes.CHECKIN: peer.CheckinResponse(
            ok="1",
            resensitize="Y",
            magnetic_media="N",
            alert="N",
            transaction_date=STAMP,
            institution_id="BEN",
            permanent_location="BEN-1",
            **thing,
        ),
    }
    for route, answer in answers.items():
        app.route(route)(_constantly(answer))
    return app


def _constantly(answer: object) -> Any:
    async def handler(request: object, context: object) -> object:
        return answer

    return handler


SERVERS = {"constant": serve_constant, "pysip2": serve_pysip2, "resource": serve_resource}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.references")
    parser.add_argument("server", choices=sorted(SERVERS))
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    SERVERS[asked.server](asked.port)


if __name__ == "__main__":
    main()
