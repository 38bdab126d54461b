"""Raw values read by their kinds."""

import pytest

from lifecycle.core.refusal import Refusal
from lifecycle.core.values import Kind, read_value


@pytest.mark.parametrize(
    ("raw", "cents"),
    [
        ("1234.50", 123_450),
        ("1,234.50", 123_450),
        ("-12,345,678", -1_234_567_800),
        ("0.3", 30),
        (4514, 451_400),
    ],
)
def test_an_amount_is_read_with_and_without_thousands(raw: object, cents: int) -> None:
    assert read_value(Kind.MONEY, raw) == cents


@pytest.mark.parametrize(
    "raw", ["1,5", "1234,50", "1.234,50", "12,34,567", "1,2345", ",5", "1,234,"]
)
def test_a_comma_that_divides_no_thousands_is_refused(raw: str) -> None:
    with pytest.raises(Refusal, match=r"is not an amount of money like 1234\.50\."):
        read_value(Kind.MONEY, raw)
