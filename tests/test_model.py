"""The stateful model of `make fuzz`, run short: thousands of steps against the plain reference."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Model

pytestmark = pytest.mark.slow

SHORT = settings(
    max_examples=40,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_backend_does_what_the_reference_says() -> None:
    run_state_machine_as_test(Model, settings=SHORT)
