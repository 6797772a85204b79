"""systemd hears what it asked for, on the socket that it named."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from edge_agent.ops.systemd import Systemd


def test_states_go_to_the_socket_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "10000000")
        systemd = Systemd()
        systemd.say("READY=1", "STATUS=takes calls")
        assert manager.recv(100) == b"READY=1\nSTATUS=takes calls"
    assert systemd.watchdog_s == 5.0
    systemd.say("WATCHDOG=1")  # nobody listens any more, and that is nobody's business


def test_an_abstract_name_begins_with_a_zero_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0elingate-test-notify")
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@elingate-test-notify")
        Systemd().say("READY=1")
        assert manager.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    systemd = Systemd()
    systemd.say("READY=1")
    assert systemd.watchdog_s == 0.0
