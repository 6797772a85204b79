"""A small enterprise: Springfield with two floors, Shelbyville with one, each with its edge."""

from __future__ import annotations

from typing import Any

BRANCH = {
    "name": "Springfield",
    "zone": "America/Chicago",
    "main_number": "2175550100",
    "default_erl": "spf-1",
    "desk": ["sip:desk@springfield.example"],
}
FLOOR: dict[str, Any] = {
    "branch": "springfield",
    "name": "Floor 1",
    "civic": {
        "A1": "IL",
        "A3": "SPRINGFIELD",
        "RD": "EVERGREEN",
        "STS": "TER",
        "HNO": "742",
        "LOC": "FLR 1",
        "PC": "62704",
    },
    "building": "spf",
}
POLICY = {"scope": "branch", "branch": "springfield", "usage": "spf-911", "targets": ["spf-desk"]}

DRAFTS: dict[tuple[str, str], dict[str, Any]] = {
    ("branch", "springfield"): BRANCH,
    ("branch", "shelbyville"): {
        **BRANCH,
        "name": "Shelbyville",
        "main_number": "2175550200",
        "default_erl": "shv-1",
    },
    ("erl", "spf-1"): FLOOR,
    ("erl", "spf-2"): {
        **FLOOR,
        "name": "Floor 2",
        "civic": {**FLOOR["civic"], "LOC": "FLR 2"},
    },
    ("erl", "shv-1"): {
        **FLOOR,
        "branch": "shelbyville",
        "building": "shv",
        "civic": {
            "A1": "IL",
            "A3": "SHELBYVILLE",
            "RD": "MAIN",
            "STS": "ST",
            "HNO": "1",
            "LOC": "FLR 1",
            "PC": "62565",
        },
    },
    ("elin", "2175550111"): {"branch": "springfield", "erl": "spf-1", "rank": 0},
    ("elin", "2175550121"): {"branch": "springfield", "erl": "spf-2", "rank": 1},
    ("elin", "2175550122"): {"branch": "springfield", "erl": "spf-2", "rank": 0},
    ("elin", "2175550211"): {"branch": "shelbyville", "erl": "shv-1", "rank": 0},
    ("element", "spf-net"): {
        "branch": "springfield",
        "element": "subnet",
        "value": "10.1.0.0/16",
        "erl": "spf-1",
    },
    ("element", "spf-net2"): {
        "branch": "springfield",
        "element": "subnet",
        "value": "10.1.2.0/24",
        "erl": "spf-2",
    },
    ("element", "spf-v6"): {
        "branch": "springfield",
        "element": "subnet",
        "value": "2001:db8:1::/48",
        "erl": "spf-2",
    },
    ("element", "spf-ap"): {
        "branch": "springfield",
        "element": "bssid",
        "value": "00:11:22:33:44:55",
        "erl": "spf-1",
    },
    ("element", "spf-port"): {
        "branch": "springfield",
        "element": "port",
        "value": "aabbccddeeff|Gi1/0/7",
        "erl": "spf-2",
    },
    ("element", "spf-switch"): {
        "branch": "springfield",
        "element": "switch",
        "value": "aabbccddeeff",
        "erl": "spf-1",
    },
    ("trunk", "spf-pri"): {"branch": "springfield", "trunk": "isdn"},
    ("trunk", "shv-sip"): {"branch": "shelbyville", "trunk": "sip", "host": "192.0.2.10"},
    ("route", "spf-911"): {"branch": "springfield", "steps": [{"trunk": "spf-pri"}]},
    ("route", "shv-911"): {"branch": "shelbyville", "steps": [{"trunk": "shv-sip"}]},
    ("policy", "spf"): POLICY,
    ("policy", "shv"): {
        **POLICY,
        "branch": "shelbyville",
        "usage": "shv-911",
        "targets": ["shv-desk"],
    },
    ("peer", "spf-pbx"): {"branch": "springfield", "host": "192.0.2.20"},
    ("target", "spf-desk"): {
        "branch": "springfield",
        "target": "webhook",
        "address": "https://desk.example/hook",
    },
    ("target", "shv-desk"): {
        "branch": "shelbyville",
        "target": "webhook",
        "address": "https://desk.example/shv",
    },
    ("edge", "edge-springfield"): {"branch": "springfield"},
    ("edge", "edge-shelbyville"): {"branch": "shelbyville", "poll_s": 30},
}
"""Every draft by kind and id, as the API takes it."""
