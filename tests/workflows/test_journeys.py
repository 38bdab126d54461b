"""Journeys of accounts through the shipped lifecycles, on a real server and a real database."""

from tests.workflows.town import Town


async def test_two_weeks_after_the_deal_an_account_is_launched(town: Town) -> None:
    """G4: by time. L9, L12: the deal brings Onboarding and the CSM."""
    acme = town.account()
    await town.win(acme)
    state = await town.state(acme)
    assert state.fields["csm"] == "Ana Torres"
    await town.forward(acme, days=13, hours=23)
    assert (await town.state(acme)).tracks["customer_journey"].stage == "onboarding"
    await town.forward(acme, hours=2)
    state = await town.in_stage(acme, "customer_journey", "launched")
    assert state.tracks["customer_journey"].seconds["onboarding"] == 14 * 86400
