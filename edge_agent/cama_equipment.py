"""What the CAMA core is told of a trunk: its carrier's interface sheet, in the core's own terms."""

from __future__ import annotations

from edge_agent.cama.config import (
    Answering,
    CamaSpan,
    CamaTrunkConfig,
    Start,
    Supervising,
)
from edge_agent.cama.digits import LONGEST_MS, NotCarried, longest_ms, spell
from edge_agent.cama.signals import Tones
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.config import Config, Fault
from edge_agent.equipment import channels_of, law_of, span_faults, spans_of
from edge_agent.sections import CamaSection, SpanSection


def cama_trunks(config: Config) -> dict[str, CamaTrunk]:
    """The CAMA trunks by name, each with its spans."""
    return {
        cama.id: CamaTrunk(cama_config(cama, spans_of(config, cama.id))) for cama in config.camas
    }


def cama_config(cama: CamaSection, spans: list[SpanSection]) -> CamaTrunkConfig:
    """One trunk: what its lines are, and what its carrier wants.

    Raises:
        ValueError: something that only the core can say is out of its limits.
    """
    return CamaTrunkConfig(
        trunk=cama.id,
        spans=tuple(
            CamaSpan(span.id, channels_of(span), Supervising(span.signalling), law_of(span))
            for span in spans
        ),
        format=cama.format,
        called=cama.called,
        ani_digits=cama.ani_digits,
        info=cama.info,
        info_failed=cama.info_failed,
        terminator=cama.terminator,
        called_terminator=cama.called_terminator,
        home_area=cama.home_area,
        npd=cama.npd,
        start=Start(cama.start),
        answer=Answering(cama.answer) if cama.answer else None,
        answer_delay_ms=cama.answer_delay_ms,
        tones=Tones(cama.kp_ms, cama.digit_ms, cama.st_ms, cama.gap_ms, cama.level_dbm0),
        wink_least_ms=cama.wink_least_ms,
        wink_most_ms=cama.wink_most_ms,
        flash_least_ms=cama.flash_least_ms,
        flash_most_ms=cama.flash_most_ms,
        timers=cama.timers,
    )


def trunk_faults(config: Config) -> tuple[Fault, ...]:
    """What the cores will not take of the spans and trunks of a file, ISDN or CAMA."""
    found = list(span_faults(config))
    for n, cama in enumerate(config.camas):
        try:
            told = cama_config(cama, spans_of(config, cama.id))
        except ValueError as error:
            found.append(Fault(f"cama[{n}]", str(error)))
            continue
        if longest_ms(told) > LONGEST_MS:
            reason = f"the digits would take {longest_ms(told)} ms; a channel holds {LONGEST_MS}"
            found.append(Fault(f"cama[{n}]", reason))
        found += _last_resort_faults(config, told)
    return tuple(found)


def _last_resort_faults(config: Config, told: CamaTrunkConfig) -> list[Fault]:
    """What of the last resort a CAMA trunk cannot do: say its ELIN (R1, R2), or ring its desk, for
    whatever it seizes is a PSAP."""
    last, found = config.last_resort, []
    if last.trunk == told.trunk:
        spelled = spell(told, last.elin.digits, last.called)
        if isinstance(spelled, NotCarried):
            found.append(Fault("last_resort.elin", f"trunk {told.trunk}: {spelled.why}"))
    if last.desk.startswith("tel:") and last.desk.partition(";trunk=")[2] == told.trunk:
        reason = f"is rung over {told.trunk}, a [[cama]] trunk: a PSAP would answer"
        found.append(Fault("last_resort.desk", reason))
    return found


def callback_note(config: Config) -> str:
    """What a file says of callbacks that an operator should know; empty where it has a trunk that
    can bring them."""
    if config.last_resort.host or any(config.cama(span.trunk) is None for span in config.spans):
        return ""
    return (
        "no trunk here can bring a PSAP's callback (CAMA carries calls out only): the snapshot "
        "needs a sip trunk or a peer with delivers_callbacks, or nobody answers a PSAP that calls"
    )
