"""The ``edge.toml`` that the lab writes is one that the agent accepts, on every key."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from edge_agent.config import load
from lab.cloud.assembly import Addresses
from lab.cloud.identity import CertificateFiles
from lab.edge_process import CamaWiring, EdgeProcess, EdgeSettings, SpanWiring
from lab.phones.bulletin import Bulletin

IDENTITY = CertificateFiles(Path("/etc/e.pem"), Path("/etc/e.key"), Path("/etc/ca.pem"))
SPAN = SpanWiring("spf-pri", 6001, 6002, 6003, 6004)
SETTINGS = EdgeSettings(
    edge="edge-springfield",
    branch="springfield",
    sip_port=5070,
    rtp_first=20000,
    rtp_count=64,
    last_elin="4255550100",
    trunk="spf-pri",
    span=SPAN,
)


def test_an_edge_with_a_span(tmp_path: Path) -> None:
    edge = EdgeProcess(SETTINGS, tmp_path / "edge")
    edge.enrol(_cloud(), IDENTITY, "-----BEGIN PUBLIC KEY-----\n")
    config = load(tmp_path / "edge" / "edge.toml")
    assert config.edge.deployment == "lab"
    assert [(s.trunk, s.d_local, s.b_remote) for s in config.spans] == [("spf-pri", 6001, 6004)]
    assert config.sync is not None
    assert config.sync.thing == "edge-springfield"
    assert config.sync.trust == (tmp_path / "edge" / "signing-key.pem",)
    assert config.last_resort.elin.digits == "4255550100"
    assert not config.trace.numbers
    assert not edge.is_running


def test_an_edge_with_a_cama_trunk(tmp_path: Path) -> None:
    span = replace(SPAN, trunk="spf-cama", cama=CamaWiring("fgc", "425", "1-2"))
    settings = replace(SETTINGS, trunk="spf-cama", span=span)
    EdgeProcess(settings, tmp_path).enrol(_cloud(), IDENTITY, "")
    config = load(tmp_path / "edge.toml")
    assert [(s.trunk, s.signalling, s.line) for s in config.spans] == [("spf-cama", "em", "t1")]
    assert config.spans[0].channels == (1, 2)
    assert [(c.id, c.format, c.home_area) for c in config.camas] == [("spf-cama", "fgc", "425")]


def test_an_edge_with_a_sip_trunk(tmp_path: Path) -> None:
    settings = EdgeSettings(
        edge="edge-shelbyville",
        branch="shelbyville",
        sip_port=5080,
        rtp_first=21000,
        rtp_count=64,
        last_elin="3095550100",
        trunk="shb-sip",
        provider_port=5090,
    )
    EdgeProcess(settings, tmp_path).enrol(_cloud(), IDENTITY, "")
    config = load(tmp_path / "edge.toml")
    assert config.spans == ()
    assert (config.last_resort.host, config.last_resort.port) == ("127.0.0.1", 5090)


def test_journal_and_outbox_are_no_logs(tmp_path: Path) -> None:
    (tmp_path / "state" / "outbox").mkdir(parents=True)
    for name in ("edge.log", "stderr-1.log", "state/trace.jsonl", "state/journal", "edge.toml"):
        (tmp_path / name).write_text("x")
    names = [path.name for path in EdgeProcess(SETTINGS, tmp_path).logs()]
    assert names == ["edge.log", "stderr-1.log", "trace.jsonl"]


def test_a_process_that_has_ended_lets_go_of_its_cards_and_is_started_again(tmp_path: Path) -> None:
    async def story() -> None:
        news, edge = Bulletin(), EdgeProcess(SETTINGS, tmp_path)
        ended: list[int] = []

        def end() -> None:
            ended.append(edge.starts)
            news.post()

        edge.on_end = end
        edge.start()  # without edge.toml it ends at once
        supervisor = asyncio.create_task(edge.supervise(0.02))
        await news.until(lambda: len(ended) == 2, "two ends", 30.0)
        supervisor.cancel()
        edge.stop()
        assert ended == [1, 2]

    asyncio.run(story())


def _cloud() -> Addresses:
    return Addresses(
        http="http://127.0.0.1:8911",
        control="",
        moto="",
        s3="http://127.0.0.1:8912",
        credentials="https://127.0.0.1:8443",
        issuer="",
        audience="",
        role_aliases=["elingate-lab-edge"],
        ca="",
        folder="",
        logs="",
        functions=[],
        outputs={"BucketName": "elingate-lab"},
        resources={"Deployment": "lab"},
        root_key="",
        root_secret="",
        region="us-east-1",
        ready_s=0.0,
    )
