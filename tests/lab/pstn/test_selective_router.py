"""The router looks the calling number up, and sends nothing but 911 to a PSAP."""

from __future__ import annotations

from lab.phones.bulletin import Bulletin
from lab.pstn.ali import Ali, AliRecord
from lab.pstn.circuit import Circuit
from lab.pstn.selective_router import SelectiveRouter
from tests.lab.pstn.ali_file import carrier_file
from tests.lab.pstn.circuits import HeldCircuit


class Console:
    """Takes what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[Circuit, AliRecord | None]] = []

    def take(self, circuit: Circuit, record: AliRecord | None) -> None:
        """A call."""
        self.taken.append((circuit, record))


def test_a_911_call_comes_with_the_record_of_its_calling_number() -> None:
    console, router = _routed()
    known = HeldCircuit(Bulletin(), "4255550101", "911")
    stranger = HeldCircuit(Bulletin(), "4255550188", "911")
    router.offered(known)
    router.offered(stranger)
    records = [record for _, record in console.taken]
    assert records[0] is not None
    assert records[0].number == "4255550101"
    assert records[1] is None


def test_any_other_number_leads_nowhere() -> None:
    console, router = _routed()
    call = HeldCircuit(Bulletin(), "4255550101", "5550100")
    router.offered(call)
    assert call.done == ["clear 1"]
    assert router.strays == ["5550100"]
    assert console.taken == []


def _routed() -> tuple[Console, SelectiveRouter]:
    ali, console = Ali(), Console()
    ali.load(carrier_file())
    return console, SelectiveRouter(ali, console)
