"""Our numbers and layouts are those of the packaged header: a C program says what those are."""

from __future__ import annotations

import errno
import subprocess
from enum import IntEnum, IntFlag
from pathlib import Path

import pytest

from edge_agent.drivers.dahdi import (
    BUFFER_INFO,
    DIAL,
    DIAL_PARAMS,
    DYNAMIC_SPAN,
    ELAST,
    IMMEDIATE,
    INT,
    LAW_A,
    LAW_MU,
    MOST_CHANNELS,
    MOST_EVENTS,
    NO_WAIT,
    PARAMS,
    REPLACE,
    SPAN_INFO,
    VERSION,
    WHEN_FULL,
    WRITE_EMPTY,
    Alarm,
    Event,
    Flush,
    Hook,
    Layout,
    Request,
    Sig,
    reason,
)
from edge_agent.drivers.dahdi_spill import MOST_SPACE

HEADER = Path("/usr/include/dahdi/user.h")

STRUCTURES = {
    "dahdi_params": PARAMS,
    "dahdi_spaninfo": SPAN_INFO,
    "dahdi_bufferinfo": BUFFER_INFO,
    "dahdi_dialparams": DIAL_PARAMS,
    "dahdi_dialoperation": DIAL,
    "dahdi_dynamic_span": DYNAMIC_SPAN,
    "dahdi_versioninfo": VERSION,
}

WORDS: dict[str, type[IntEnum | IntFlag]] = {
    "DAHDI_": Request,
    "DAHDI_EVENT_": Event,
    "DAHDI_SIG_": Sig,
    "DAHDI_ALARM_": Alarm,
}

NUMBERS = {
    "ELAST": ELAST,
    "DAHDI_MAX_CHANNELS": MOST_CHANNELS,
    "DAHDI_MAX_EVENTSIZE": MOST_EVENTS,
    "DAHDI_POLICY_IMMEDIATE": IMMEDIATE,
    "DAHDI_POLICY_WHEN_FULL": WHEN_FULL,
    "DAHDI_IOMUX_WRITEEMPTY": WRITE_EMPTY,
    "DAHDI_IOMUX_NOWAIT": NO_WAIT,
    "DAHDI_LAW_MULAW": LAW_MU,
    "DAHDI_LAW_ALAW": LAW_A,
    "DAHDI_DIAL_OP_REPLACE": REPLACE,
    "DAHDI_MAX_BUF_SPACE": MOST_SPACE,
    **{f"DAHDI_{hook.name}": hook.value for hook in Hook},
    **{f"DAHDI_FLUSH_{flush.name}": flush.value for flush in Flush},
    **{f"{prefix}{word.name}": word.value for prefix, kind in WORDS.items() for word in kind},
}


def test_every_number_and_every_layout_is_that_of_the_packaged_header(tmp_path: Path) -> None:
    assert HEADER.exists(), "apt-get install dahdi-source brings the header"
    expected = {name: value & 0xFFFFFFFF for name, value in NUMBERS.items()}
    for name, layout in STRUCTURES.items():
        expected[name] = layout.size
        expected |= {f"{name}.{field}": at for field, at in layout.offsets().items()}
    assert said_by_c(tmp_path) == expected


def test_a_field_keeps_its_value_in_its_place() -> None:
    layout = Layout("first name:4s last:I")
    data = layout.buffer(first=-2, name=b"ab", last=0xFFFFFFFF)
    assert data == b"\xfe\xff\xff\xff" + b"ab\0\0" + b"\xff\xff\xff\xff"
    assert layout.numbers(data) == {"first": -2, "last": 0xFFFFFFFF}
    assert layout.texts(data) == {"name": "ab"}
    assert layout.offsets() == {"first": 0, "name": 4, "last": 8}
    assert INT.buffer() == bytes(4)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (500, "ELAST"),
        (errno.EBUSY, "somebody else has it open"),
        (errno.ENXIO, "dahdi_cfg"),
        (errno.ENOENT, "not loaded"),
        (errno.EIO, "I/O error"),
        (777, "errno 777"),
    ],
)
def test_an_errno_is_told_in_the_drivers_meaning(number: int, said: str) -> None:
    assert said in reason(OSError(number, "I/O error" if number == errno.EIO else ""))


def said_by_c(folder: Path) -> dict[str, int]:
    """The same table, computed by the compiler from the header."""
    lines = [f'printf("{name} %u\\n", (unsigned) {name});' for name in NUMBERS]
    for name, layout in STRUCTURES.items():
        lines.append(f'printf("{name} %u\\n", (unsigned) sizeof(struct {name}));')
        lines += [
            f'printf("{name}.{field} %u\\n", (unsigned) offsetof(struct {name}, {field}));'
            for field in layout.codes
        ]
    source = folder / "said.c"
    source.write_text(
        "#include <stddef.h>\n#include <stdio.h>\n#include <sys/ioctl.h>\n#include <dahdi/user.h>\n"
        "int main(void) {\n" + "\n".join(lines) + "\nreturn 0; }\n"
    )
    program = folder / "said"
    subprocess.run(["gcc", "-Wall", "-Werror", "-o", program, source], check=True)
    said = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return {name: int(value) for name, value in (line.split() for line in said.splitlines())}
