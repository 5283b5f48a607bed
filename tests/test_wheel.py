"""What is packed is enough: the wheel, in an environment without the repository, runs the demonstration."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
STARTS_WITHIN = 60  # seconds on a busy machine


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without the network: what builds it is installed for the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_has_the_packages_with_their_data_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "backend/policies/kalmar.toml",
        "backend/migrations/env.py",
        "server/demo/town.toml",
        "server/sample/skranke.toml",
        "conformance/transcripts/sip2/login/good.txt",
    ):
        assert any(name == needed or name.startswith(needed.rsplit("/", 1)[0] + "/") for name in names), needed
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


@pytest.mark.slow
def test_the_demonstration_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    """The dependencies are those of this environment; the repository is not on the path."""
    venv.create(tmp_path / "env", with_pip=False)
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    dependencies = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "dependencies.pth").write_text(dependencies + "\n")
    start = ["demo", "--sip2-port", "0", "--ncip-port", "0", "--page-port", "0", "--data", str(tmp_path / "town")]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    town = subprocess.Popen(
        [str(tmp_path / "env" / "bin" / "python"), "-m", "server.cli", *start],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    try:
        assert town.stdout is not None
        said = town.stdout.readline()
        assert "is ready" in said, said + town.stdout.read()
        assert (tmp_path / "town" / "demo.json").exists()
    finally:
        town.terminate()
        town.wait(STARTS_WITHIN)
