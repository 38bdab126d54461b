"""The companies of the demo book, all invented, with the people who look after them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from typing import Final

from lifecycle.core.values import Value

CSMS: Final = ("Nora Lindqvist", "Tom Becker", "Priya Raman", "Luca Moretti")
OWNERS: Final = ("Sarah Klein", "David Osei", "Maria Santos")


@dataclass(frozen=True, slots=True)
class Company:
    """A company. `arr` is in whole euros a year, `seats` what it bought."""

    account: str
    name: str
    sector: str
    country: str
    zone: str
    employees: int
    plan: str
    seats: int
    arr: int
    contact: str
    csm: str
    owner: str

    def fields(self) -> dict[str, Value]:
        """What the CRM knows of it from the first day."""
        return {
            "name": self.name,
            "sector": self.sector,
            "country": self.country,
            "time_zone": self.zone,
            "employees": self.employees,
            "contact_name": self.contact,
            "contact_email": f"{_dotted(self.contact)}@{self.account}.example.com",
            "owner": self.owner,
            "owner_email": f"{_dotted(self.owner)}@example.com",
        }

    def contract(self) -> dict[str, Value]:
        """What becomes known when it buys."""
        return {
            "plan": self.plan,
            "seats": self.seats,
            "csm_email": f"{_dotted(self.csm)}@example.com",
        }


def _dotted(name: str) -> str:
    return name.lower().replace(" ", ".")


def companies() -> dict[str, Company]:
    """All companies by account id, in the order of the book."""
    table = files(__package__).joinpath("companies.csv").read_text(encoding="utf-8")
    found = {}
    for number, row in enumerate(csv.DictReader(StringIO(table), strict=True)):
        found[row["account"]] = _company(
            row, CSMS[number % len(CSMS)], OWNERS[number % len(OWNERS)]
        )
    return found


def _company(row: dict[str, str], csm: str, owner: str) -> Company:
    return Company(
        row["account"],
        row["name"],
        row["sector"],
        row["country"],
        row["zone"],
        int(row["employees"]),
        row["plan"],
        int(row["seats"]),
        int(row["arr"]),
        row["contact"],
        csm,
        owner,
    )
