"""Some cases of the Autobahn testsuite; `make autobahn` runs all of them, beside Daphne's own WebSockets."""

import pytest

from tests.autobahn.__main__ import Outcome, run, show
from tests.autobahn.cases import all_cases


def test_all_cases_are_found():
    numbers = list(all_cases())
    assert len([number for number in numbers if not number.startswith("9.")]) == 247
    assert len(numbers) == 261
    assert (numbers[0], numbers[-1]) == ("1.1.1", "10.1.1")


@pytest.mark.parametrize(
    "number", ["1.1.1", "2.10", "5.19", "6.2.3", "6.4.1", "6.4.2", "6.4.3", "6.4.4", "7.5.1", "7.9.1"]
)
async def test_a_case_ends_well(site, number):
    assert await run(all_cases()[number], site.port) == Outcome("OK", "OK")


@pytest.mark.parametrize(
    ("ours", "daphnes", "status"),
    [
        (Outcome("OK", "OK"), Outcome("FAILED", "OK"), 0),
        (Outcome("NON-STRICT", "OK"), Outcome("NON-STRICT", "OK"), 0),
        (Outcome("NON-STRICT", "OK"), Outcome("OK", "OK"), 1),
        (Outcome("OK", "UNCLEAN"), Outcome("FAILED", "OK"), 1),
    ],
)
def test_one_case_that_is_worse_than_daphnes_is_a_failure(capsys, ours, daphnes, status):
    assert show({"1.1.1": ours}, {"1.1.1": daphnes}) == status
    assert ("worse" in capsys.readouterr().out) is bool(status)
