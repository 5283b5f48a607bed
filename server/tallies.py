"""Counters of the reactor's thread: plain numbers, written without a lock, that Prometheus reads when it asks.

For what happens with every message. Its own counters lock for each step, which the rarer ones can afford.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector


class Tally(Collector):
    """How often, by one label."""

    def __init__(self, name: str, text: str, label: str) -> None:
        self._name, self._text, self._label = name, text, label
        self._counted: dict[str, int] = {}

    def note(self, value: str) -> None:
        """Once more with this value of the label."""
        self._counted[value] = self._counted.get(value, 0) + 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """What Prometheus asks for."""
        family = CounterMetricFamily(self._name, self._text, labels=[self._label])
        for value, times in self._counted.items():
            family.add_metric([value], times)
        yield family


class Spans(Collector):
    """How long, in seconds; `bounds` are the upper bounds of the buckets, ascending."""

    def __init__(self, name: str, text: str, bounds: Sequence[float]) -> None:
        self._name, self._text, self._bounds = name, text, bounds
        self._in_bucket = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def note(self, seconds: float) -> None:
        """One more that took so long."""
        self._in_bucket[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """What Prometheus asks for: each bucket holds those below it, too."""
        names = [*map(str, self._bounds), "+Inf"]
        buckets = [(name, float(count)) for name, count in zip(names, accumulate(self._in_bucket), strict=True)]
        family = HistogramMetricFamily(self._name, self._text)
        family.add_metric([], buckets, self._sum)
        yield family
