"""Every link between the documents leads to a file that is there, and to a heading in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)#?([^)\s]*)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(one.relative_to(ROOT)) for one in DOCUMENTS]
)
def test_links_lead_somewhere(document: Path) -> None:
    for path, anchor in LINK.findall(document.read_text()):
        meant = (document.parent / path).resolve() if path else document
        assert meant.exists(), path
        assert not anchor or anchor in anchors(meant), f"{path}#{anchor}"


def test_foresight_is_told_part_by_part() -> None:
    folder = ROOT / "docs" / "foresight"
    parts = {one.name for one in folder.glob("*.md")} - {"README.md"}
    assert parts <= {path for path, _ in LINK.findall((folder / "README.md").read_text())}


def anchors(document: Path) -> set[str]:
    """Its headings, as links name them."""
    said = [re.sub(r"[^\w\- ]", "", one.lower()) for one in HEADING.findall(document.read_text())]
    return {one.strip().replace(" ", "-") for one in said}
