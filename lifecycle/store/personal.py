"""Where the database may speak of a person (N12): every column with text in it is one of these, and a test says so.

`TEXTS` are searched for a person's words, `OWN` have rules of their own (`erasing`, `erasing_beside`), `KEPT` hold ids
of definitions, names of staff, and what the engine itself wrote.
"""

from __future__ import annotations

from typing import Final


def _listed(told: dict[str, str]) -> dict[str, frozenset[str]]:
    return {table: frozenset(columns.split()) for table, columns in told.items()}


TEXTS: Final = _listed(
    {
        "visit": "reason",
        "cta": "title owner outcome",
        "ahead": "what owner",
        "campaign": "said audience reason",
        "change_set": "title reason preview said back_reason",
        "change_item": "message undo reason",
        "sheet_import": "file sheet reason said remedy tally changes wrong",
        "publication": "title said reason figures",
        "publication_account": "promised happened expected why",
        "rehearsal": "asked sentences said totals",
        "rehearsal_account": "name compared",
        "shadowed": "said value",
        "verification": "differences repaired against",
    }
)

OWN: Final = _listed(
    {
        "account": "name type status csm csm_email owner owner_email plan health time_zone state",
        "account_field": "text head folded",
        "field_change": "text head folded",
        "journal": "source event_id input changes notes refused salt",
        "effect": "data last_error recipients reached subject text html earlier",
        "contact_mail": "address",
        "suppressed": "address why lifted_why",
        "hook_arrival": "their_id told reason waits_for body why",
        "hook_map": "their_id",
        "sheet_part": "data",
        "erasure": "reason wanted",
    }
)

KEPT: Final = _listed(
    {
        "account": "id chain",
        "account_field": "account name",
        "field_change": "account name automation actor",
        "journal": "account kind type event_key actor refused_code digest chain",
        "effect": "id account kind status automation lifecycle stage name roles message_id resent_by campaign",
        "contact_mail": "effect",
        "suppressed": "actor lifted_by effect",
        "hook_arrival": "source account code status actor",
        "hook_map": "source kind account actor",
        "sheet_part": "id of",
        "erasure": "id actor account person accounts step tally left",
        "visit": "account lifecycle stage from_stage to_stage cause automation actor",
        "cta": "account id status kind priority lifecycle automation playbook opened_by closed_by",
        "cta_task": "account cta task done_by",
        "ahead": "account kind lifecycle from_stage stage automation",
        "track": "account lifecycle stage seconds",
        "campaign": "name segment template roles status actor",
        "change_set": "name kind actor status back_by order_id",
        "change_item": "change_set account status code",
        "sheet_import": "id actor encoding status step code change_set",
        "publication": "name lifecycle parts book policies actor status",
        "publication_account": "publication account verdict",
        "rehearsal": "id digest against part parts status actor door segment",
        "rehearsal_account": "rehearsal account csm",
        "shadowed": "account automation lifecycle kind name of_lifecycle to_stage stage",
        "verification": "id actor status named cursor",
        "catch_up": "account what status by",
        "definition": "kind id content source digest behaviour actor policy door",
        "draft": "part person text",
        "api_key": "name role digest made_by revoked_by",
        "session": "digest name role",
        "sign_in_link": "digest name role",
        "audit": "what who role detail",
    }
)
