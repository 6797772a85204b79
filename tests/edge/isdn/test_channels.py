"""Who takes a channel out of service, who puts it back, and that none is ever left out."""

from __future__ import annotations

from edge_agent.isdn.channels import Channels


def test_the_network_puts_back_only_what_it_took() -> None:
    channels = Channels((1, 2, 3))
    channels.take_out((1, 9))
    channels.lay_off((1, 2), in_service=False)
    assert channels.out_of_service == {1, 2}
    channels.put_in((1, 2))
    assert channels.out_of_service == {1, 2}
    channels.lay_off((1,), in_service=True)
    assert channels.out_of_service == {2}


def test_the_operator_puts_back_what_a_network_took_and_forgot() -> None:
    channels = Channels((1, 2, 3))
    channels.take_out((1,))
    channels.doubt((2,))
    channels.lay_off((1, 2), in_service=True)
    assert channels.out_of_service == set()


def test_doubt_ends_with_a_proof_or_with_the_networks_word() -> None:
    channels = Channels((1, 2, 3))
    channels.doubt((1, 2))
    channels.take_out((2,))
    channels.prove((1, 2))
    assert channels.out_of_service == {2}
    channels.doubt((1,))
    channels.put_in((1, 2))
    assert channels.out_of_service == set()


def test_a_channel_under_restart_comes_after_the_others_and_one_out_of_service_last() -> None:
    channels = Channels((1, 2, 3))
    channels.restarting = frozenset({2})
    channels.doubt((3,))
    assert sorted(channels.all, key=channels.rank) == [1, 2, 3]
