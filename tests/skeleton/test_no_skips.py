"""In CI a skipped test is a failed one, but for data that is too large for the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def outcome(tmp_path: Path, source: str, **environment: str) -> int:
    """Run pytest on one file with the suite's own conftest; return its exit status."""
    (tmp_path / "test_one.py").write_text(source)
    kept = {name: text for name, text in os.environ.items() if name != "LIFECYCLE_CI"}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--confcutdir=/")
    return subprocess.run(
        [*command, "--rootdir", str(ROOT), "-p", "tests.conftest", str(tmp_path)],
        cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, check=False,
    ).returncode  # fmt: skip


SKIPPED = "import pytest\ndef test_one(): pytest.skip('no browser')\n"
WHOLE_FILE = "import pytest\npytest.skip('no browser', allow_module_level=True)\n"
NO_DATA = "import pytest\ndef test_one(): pytest.skip('shared data absent')\n"
EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_one(): raise ValueError\n"


@pytest.mark.parametrize(
    ("source", "status"), [(SKIPPED, 1), (WHOLE_FILE, 2), (NO_DATA, 0), (EXPECTED, 0)]
)
def test_ci_allows_no_skip(tmp_path: Path, source: str, status: int) -> None:
    assert outcome(tmp_path, source, LIFECYCLE_CI="1") == status


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    assert outcome(tmp_path, SKIPPED) == 0
