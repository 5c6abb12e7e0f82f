#!/usr/bin/env python3
"""Prints the JA4 of each ClientHello named on the command line.

An independent second opinion for the Rust implementation: written from the description of the
format, in another language, and sharing no table with it.

    ./reference.py *.bin > expected.txt
"""

import hashlib
import struct
import sys

VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
GREASE = {n * 0x1010 + 0x0A0A for n in range(16)}


def words(data):
    return [word for (word,) in struct.iter_unpack(">H", data) if word not in GREASE]


def vector(data, size):
    length = int.from_bytes(data[:size], "big")
    return data[size : size + length], data[size + length :]


def message(stream):
    joined = b""
    while stream:
        fragment, stream = vector(stream[3:], 2)
        joined += fragment
    return vector(joined[1:], 3)[0]


def short_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "0" * 12


def listed(values):
    return ",".join(f"{value:04x}" for value in values)


def ja4(stream):
    body = message(stream)
    version = int.from_bytes(body[:2], "big")
    _session, rest = vector(body[34:], 1)
    suites, rest = vector(rest, 2)
    _compression, rest = vector(rest, 1)
    extensions, data = [], {}
    rest, _ = vector(rest, 2)
    while rest:
        kind = int.from_bytes(rest[:2], "big")
        data[kind], rest = vector(rest[2:], 2)
        extensions.append(kind)
    extensions = [kind for kind in extensions if kind not in GREASE]
    if 43 in data:
        version = max(words(vector(data[43], 1)[0]))
    protocol = vector(vector(data[16], 2)[0], 1)[0] if 16 in data else b""
    if not protocol:
        ends = "00"
    elif all(chr(end).isalnum() and end < 128 for end in (protocol[0], protocol[-1])):
        ends = chr(protocol[0]) + chr(protocol[-1])
    else:
        ends = protocol.hex()[0] + protocol.hex()[-1]
    algorithms = words(vector(data[13], 2)[0]) if 13 in data else []
    suites = words(suites)
    tail = listed(sorted(kind for kind in extensions if kind not in (0, 16)))
    if algorithms:
        tail += "_" + listed(algorithms)
    name = "d" if 0 in extensions else "i"
    counts = f"{min(len(suites), 99):02}{min(len(extensions), 99):02}"
    head = f"t{VERSIONS.get(version, '00')}{name}{counts}{ends}"
    return f"{head}_{short_hash(listed(sorted(suites)))}_{short_hash(tail)}"


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        print(path.rsplit("/", 1)[-1].removesuffix(".bin"), ja4(file.read()))
