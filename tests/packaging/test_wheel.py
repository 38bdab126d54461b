"""The wheel: built, installed beside a package that also ships `workflows`, and run."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECOY = "raise AssertionError('this is not our workflows')\n"


def run(*command: str | Path, cwd: Path, path: Path | None = None, ok: bool = True) -> str:
    """Run a command away from the checkout; return what it printed."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = str(path)
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode == 0) is ok, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site-packages with the engine in it, and a stranger's `workflows`."""
    folder = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps")
    run(*pip, "--target", folder, wheel, cwd=folder)
    (folder / "workflows").mkdir()
    (folder / "workflows" / "__init__.py").write_text(DECOY)
    return folder


def test_site_packages_gains_one_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "lifecycle",
        "lifecycle_engine-0.1.0.dist-info",
    }
    assert [name for name in names if name.endswith(".pyc")] == []


@pytest.mark.parametrize(
    "part",
    [
        "py.typed",
        "_app/worker.py",
        "_app/admin.py",
        "_app/starter.py",
        "_app/workflows/__init__.py",
        "_app/activities/__init__.py",
        "_app/definitions/account.yaml",
        "_app/templates/email/layout.html",
        "_app/templates/web/layout.html",
        "_app/templates/web/parts/marks.html",
        "_app/imports/maven_crm.yaml",
        "_app/hooks/stripe.yaml",
        "web/static/tokens.css",
        "web/static/app.css",
        "web/static/app.js",
        "web/static/icons.svg",
        "web/static/fonts/inter.woff2",
        "web/static/vendor/htmx.min.js",
        "web/static/vendor/sortable.min.js",
        "web/static/vendor/echarts.min.js",
        "web/static/vendor/htmx.LICENSE.txt",
        "web/vendor.json",
        "store/migrations/env.py",
    ],
)
def test_the_wheel_is_whole(part: str, wheel: Path) -> None:
    assert f"lifecycle/{part}" in zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize("part", ["", "admin", "starter", "worker", "web"])
def test_the_command_runs_beside_a_decoy(part: str, site: Path, tmp_path: Path) -> None:
    printed = run(site / "bin" / "lifecycle", *part.split(), "--help", cwd=tmp_path, path=site)
    assert "Usage: lifecycle" in printed


def test_help_does_not_wait_for_temporal(site: Path, tmp_path: Path) -> None:
    printed = run(
        *(sys.executable, "-X", "importtime", "-m", "lifecycle", "--help"),
        cwd=tmp_path, path=site,
    )  # fmt: skip
    assert "typer" in printed
    assert "temporalio" not in printed


def test_init_copies_what_cs_ops_edit(site: Path, tmp_path: Path) -> None:
    lifecycle = site / "bin" / "lifecycle"
    run(lifecycle, "init", "mine", cwd=tmp_path, path=site)
    assert (tmp_path / "mine" / "definitions" / "account.yaml").is_file()
    assert (tmp_path / "mine" / "templates" / "email").is_dir()
    printed = run(lifecycle, "init", "mine", cwd=tmp_path, path=site, ok=False)
    assert "Nothing was copied" in printed


def test_a_decoy_that_came_first_is_named(site: Path, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "__init__.py").touch()
    (tmp_path / "sitecustomize.py").write_text("import workflows\n")
    path = Path(f"{tmp_path}{os.pathsep}{site}")
    printed = run(site / "bin" / "lifecycle", "admin", cwd=tmp_path, path=path, ok=False)
    assert "Another `workflows` hides the engine's own" in printed
    assert str(tmp_path / "workflows") in printed
