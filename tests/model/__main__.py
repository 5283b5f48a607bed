"""The model run long: `python -m tests.model --examples 2000`. What it finds it prints as the steps that lead there."""

import argparse
import json
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Model


def main(arguments: list[str] | None = None) -> int:
    """0 when the backend did what the reference said, all along."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="lives of the town")
    parser.add_argument("--steps", type=int, default=60, help="acts in each")
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    acts: Counter[str] = Counter()

    class Counted(Model):
        def teardown(self) -> None:
            acts.update(getattr(self, "acts", {}))
            super().teardown()

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=asked.examples,
            stateful_step_count=asked.steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            verbosity=Verbosity.normal,
            suppress_health_check=list(HealthCheck),
        ),
    )
    report = {"commands": sum(acts.values()), "of": dict(acts), "seconds": round(time.perf_counter() - started, 1)}
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
