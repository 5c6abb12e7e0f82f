#!/usr/bin/env python3
"""Prints fingerprint and header names of each HTTP/2 first flight named on the command line.

An independent second opinion for the Rust implementation; it decodes header blocks with the
`hpack` package of the python-hyper project.

    ./reference.py *.bin > expected.txt
"""

import struct
import sys

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, PRIORITY, SETTINGS, WINDOW_UPDATE = 1, 2, 4, 8


def frames(stream):
    assert stream.startswith(PREFACE)
    stream = stream[len(PREFACE) :]
    while stream:
        length = int.from_bytes(stream[:3], "big")
        kind, flags, number = struct.unpack(">BBI", stream[3:9])
        yield kind, flags, number, stream[9 : 9 + length]
        stream = stream[9 + length :]


def traits(stream):
    settings, window_update, priorities = "", 0, []
    for kind, flags, number, payload in frames(stream):
        if kind == SETTINGS and not flags & 1 and not settings:
            pairs = struct.iter_unpack(">HI", payload)
            settings = ";".join(f"{key}:{value}" for key, value in pairs)
        elif kind == WINDOW_UPDATE and number == 0 and not window_update:
            window_update = int.from_bytes(payload, "big")
        elif kind == PRIORITY:
            parent, weight = struct.unpack(">IB", payload)
            priorities.append(f"{number}:{parent >> 31}:{parent & 0x7FFFFFFF}:{weight + 1}")
        elif kind == HEADERS:
            padding = payload[0] if flags & 8 else 0
            start = (1 if flags & 8 else 0) + (5 if flags & 0x20 else 0)
            block = payload[start : len(payload) - padding]
            names = [name for name, _ in hpack.Decoder().decode(block)]
            order = ",".join(name[1] for name in names if name.startswith(":"))
            listed = ",".join(priorities) or "0"
            return f"{settings}|{window_update}|{listed}|{order} {','.join(names)}"


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        print(path.rsplit("/", 1)[-1].removesuffix(".bin"), traits(file.read()))
