"""The scripts that pages load and others wrote: fetched as deno.lock pins them, copied into the package.

    python assets/build.py            fetch and copy, unless what is there is what vendor.json says
    python assets/build.py --there    only say whether they are (exit code)
    python assets/build.py --pin      write deno.lock and vendor.json anew, after deno.json has changed

`deno` (a wheel; see requirements/assets.in) fetches by package name from whatever registry npm is set up to use and
checks the hashes of the lock. What is copied, with its licence, is checked once more against lifecycle/web/vendor.json.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
WEB: Final = HERE.parent / "lifecycle" / "web"
VENDOR: Final = WEB / "static" / "vendor"
PINNED: Final = WEB / "vendor.json"
COPIED: Final = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "sortable.min.js": "sortablejs/Sortable.min.js",
    "sortable.LICENSE.txt": "sortablejs/LICENSE",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "echarts.LICENSE.txt": "echarts/LICENSE",
    "echarts.NOTICE.txt": "echarts/NOTICE",
    # ECharts as built holds these two.
    "zrender.LICENSE.txt": ".deno/zrender@*/node_modules/zrender/LICENSE",
    "tslib.LICENSE.txt": ".deno/tslib@*/node_modules/tslib/LICENSE.txt",
}
"""Name in the package, and where it is among the packages fetched."""
TRUST: Final = {"DENO_TLS_CA_STORE": "mozilla,system"}
"""Authorities the machine trusts count too: a company's proxy has one of its own. Who sets it otherwise is heard."""
HELP: Final = """\
The scripts of the pages could not be fetched: htmx, SortableJS and ECharts, by name from the npm registry.
Without them the engine, the command line, the API and every page work; what pages do beyond forms and links
(drag and drop, dialogs in place, charts) does not. To fetch them later, with a network:

    make assets

Behind a mirror, name it as npm does: NPM_CONFIG_REGISTRY=https://npm.example.com make assets"""


def main(arguments: list[str]) -> int:
    """0: they are there. 1: they could not be fetched, or are not what is pinned."""
    is_new = arguments == ["--pin"]
    if arguments == ["--there"]:
        return not built()
    if not is_new and built():
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy(fetch(Path(folder), pin=is_new))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{reason(error)}\n\n{HELP}", file=sys.stderr)
        return 1
    if is_new:
        PINNED.write_text(json.dumps(hashes(), indent=2) + "\n", encoding="utf-8")
    elif not built():
        print(f"What was fetched is not what {PINNED.name} says. {PINNED}", file=sys.stderr)
        return 1
    return 0


def built() -> bool:
    """Whether the files in the package are those that are pinned."""
    pinned: dict[str, str] = json.loads(PINNED.read_text(encoding="utf-8"))
    return hashes() == pinned


def hashes() -> dict[str, str]:
    """sha256 of each file that is there, by name."""
    there = sorted(VENDOR.iterdir()) if VENDOR.is_dir() else []
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in there}


def fetch(folder: Path, pin: bool = False) -> Path:
    """The packages, unpacked. Raises `CalledProcessError`, `OSError`: no deno, no network, another hash."""
    for name in ("deno.json", "deno.lock"):
        shutil.copy(HERE / name, folder)
    # Its own cache and no more: nothing is written outside of this folder.
    own = {"DENO_DIR": str(folder / "cache"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    command = [deno(), "install", *([] if pin else ["--frozen"])]
    subprocess.run(
        command,
        cwd=folder,
        env=TRUST | os.environ | own,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if pin:
        shutil.copy(folder / "deno.lock", HERE)
    return folder / "node_modules"


def reason(error: Exception) -> str:
    """What deno said went wrong, without its progress and its stack."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return str(said).partition("Stack backtrace")[0].rpartition("\nerror: ")[2].strip()


def deno() -> str:
    """The program of the wheel, beside this Python, else whichever is there. Raises `OSError`."""
    beside = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("deno", path=beside)
    if found is None:
        raise OSError("deno is not installed: `make assets` installs it into .venv.")
    return found


def copy(packages: Path) -> None:
    """What pages load, and the licence of each, whole or not at all."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, pattern in COPIED.items():
        [origin] = packages.glob(pattern)
        shutil.copyfile(origin, fresh / name)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
