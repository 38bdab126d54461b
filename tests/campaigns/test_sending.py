"""Campaigns end to end: who gets the mail, who does not and why, and never twice (V2, G14)."""

from lifecycle.store.tables import CampaignStatus
from tests.campaigns.stand import Stand


async def test_leads_get_one_mail_and_prospects_another(both: Stand) -> None:
    """V2: a stage is a campaign's audience."""
    await both.people(["ada", "bob", "cyd"])
    await both.prospect("cyd")
    assert await both.send("sales is lead") == {"sent": 2}
    first = both.name
    both.name = f"{first}-more"
    assert await both.send("sales is prospect", template="prospect_invitation") == {"sent": 1}
    assert both.reached() == ["ada@example.com", "bob@example.com", "cyd@example.com"]
    assert [one.message["Subject"] for one in both.smtp.received][2] != both.smtp.received[
        0
    ].message["Subject"]
    row = await both.row()
    assert (row.status, row.matched, row.actor) == (CampaignStatus.DONE, 1, "ann")
    assert row.finished_at is not None
