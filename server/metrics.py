"""What is counted: Prometheus metrics of one daemon, in a registry of its own (tests run several daemons)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from server.tallies import Spans, Tally

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Counters of the wire; labels are accounts and codes, never people or items."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.connections = Gauge("skranke_sip2_connections", "Open SIP2 connections", registry=self.registry)
        self.answered = Tally("skranke_sip2_answered_total", "SIP2 messages answered", "code")
        self.refused = Counter(
            "skranke_refused_total", "Commands refused, by primary reason", ("reason",), registry=self.registry
        )
        self.quirks = Counter(
            "skranke_sip2_quirks_total", "Repairs made to what came in", ("account", "quirk"), registry=self.registry
        )
        self.bad_frames = Counter(
            "skranke_sip2_bad_frames_total", "Frames that broke the protocol", ("error",), registry=self.registry
        )
        self.held_back = Counter(
            "skranke_sip2_held_back_total",
            "Messages answered late because the account asks too often",
            ("account",),
            registry=self.registry,
        )
        self.logins_refused = Counter(
            "skranke_sip2_logins_refused_total",
            "Logins refused: wrong; wrong and locking the address; locked; busy",
            ("reason",),
            registry=self.registry,
        )
        self.failures = Counter("skranke_failures_total", "Commands that failed inside", registry=self.registry)
        self.seconds = Spans("skranke_sip2_seconds", "From frame in to reply out", SECONDS)
        self.registry.register(self.answered)
        self.registry.register(self.seconds)

        self.exchanges = Counter(
            "skranke_ncip_answered_total", "NCIP messages answered", ("service", "result"), registry=self.registry
        )
        self._of_service: dict[tuple[str, str], Counter] = {}  # two for each service of the standard
        self.ncip_quirks = Counter(
            "skranke_ncip_quirks_total", "Repairs made to NCIP messages", ("agency", "quirk"), registry=self.registry
        )
        self.ncip_invalid = Counter(
            "skranke_ncip_invalid_total", "NCIP messages that the schema refuses", ("agency",), registry=self.registry
        )
        self.ncip_seconds = Spans("skranke_ncip_seconds", "From NCIP message in to answer out", SECONDS)
        self.registry.register(self.ncip_seconds)

    def exchanged(self, service: str, result: str) -> Counter:
        """The counter of one service's answers of a kind, kept: looking it up takes longer than counting."""
        counter = self._of_service.get((service, result))
        if counter is None:
            counter = self._of_service[service, result] = self.exchanges.labels(service, result)
        return counter

    def text(self) -> bytes:
        """The Prometheus exposition format."""
        return generate_latest(self.registry)
