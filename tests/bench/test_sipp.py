"""What sipp counted is read from the last line of its statistics."""

from __future__ import annotations

from pathlib import Path

from bench.rig.sipp import USERS, Counts, read_counts, write_users

STATISTICS = (
    "StartTime;TotalCallCreated;SuccessfulCall(P);SuccessfulCall(C);FailedCall(P);FailedCall(C);"
    "Retransmissions(P);Retransmissions(C);\n"
    "x;200;200;200;0;0;0;0;\n"
    "x;2000;100;1998;1;2;3;46;\n"
)


def test_the_cumulative_counts_of_the_last_second_are_what_counts() -> None:
    assert read_counts(STATISTICS) == Counts(2000, 1998, 2, 46)


def test_every_user_stands_on_a_floor_with_an_elin_of_it(tmp_path: Path) -> None:
    write_users(tmp_path / "users.csv")
    first, *users = (tmp_path / "users.csv").read_text().splitlines()
    assert (first, len(users)) == ("SEQUENTIAL", USERS)
    assert users[51] == "caller51;4255550011;2"
