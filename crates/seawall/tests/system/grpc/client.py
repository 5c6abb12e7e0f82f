"""A gRPC client: asks the origin in all four kinds of call. Usage: client.py ADDRESS HOST ROOTS

Prints one line for each kind of call and for each thing beside it that held.
"""

import sys
import threading
import time

import grpc

address, host, roots = sys.argv[1:4]
with open(roots, "rb") as file:
    trusted = grpc.ssl_channel_credentials(file.read())
channel = grpc.secure_channel(
    address,
    trusted,
    options=(
        ("grpc.ssl_target_name_override", host),
        ("grpc.max_receive_message_length", 16 << 20),
        ("grpc.max_send_message_length", 16 << 20),
    ),
)
SOON = 30
unary = channel.unary_unary("/seawall.Echo/Unary")
server_stream = channel.unary_stream("/seawall.Echo/ServerStream")
client_stream = channel.stream_unary("/seawall.Echo/ClientStream")
both = channel.stream_stream("/seawall.Echo/Both")
forever = channel.unary_stream("/seawall.Echo/Forever")
cancelled = channel.unary_unary("/seawall.Echo/Cancelled")


def held(what):
    print(what, flush=True)


# Kinds of call.
answer, call = unary.with_call(b"hello", metadata=(("x-ask", "me"),), timeout=SOON)
assert answer == b"hello"
held("kind unary")
assert dict(call.initial_metadata())["x-initial"] == "me"
assert dict(call.trailing_metadata())["x-trailing-bin"] == b"\x00\xffme"
assert call.code() == grpc.StatusCode.OK
held("metadata")

got = [int(part) for part in server_stream(b"1000", timeout=SOON)]
assert got == list(range(1000))
assert list(server_stream(b"0", timeout=SOON)) == []
held("kind server stream")

parts = (b"x" * size for size in range(500))
assert client_stream(parts, timeout=SOON) == str(sum(range(500))).encode()
assert client_stream(iter(()), timeout=SOON) == b"0"
held("kind client stream")

# A conversation: each part is said only once the last was answered, with a silence longer than
# the shield grants a body that is due.
turn = threading.Semaphore(1)


def say():
    for nth in range(200):
        turn.acquire()
        if nth == 100:
            time.sleep(1.5)
        yield str(nth).encode()


heard = 0
for nth, part in enumerate(both(say(), timeout=SOON)):
    assert part == str(nth).encode()
    heard += 1
    turn.release()
assert heard == 200
held("kind both streams")

# Everything is said before anything is heard: more than every window on the way.
said = threading.Event()


def pour():
    for _ in range(64):
        yield b"y" * 65536
    said.set()


answers = both(pour(), timeout=SOON)
assert sum(len(part) for part in answers) == 64 * 65536 and said.is_set()
held("poured")

# Errors, deadlines, size, cancellation.
try:
    unary(b"", metadata=(("x-fail", "1"), ("x-ask", "me")), timeout=SOON)
    raise AssertionError("it was told to fail")
except grpc.RpcError as fault:
    assert fault.code() == grpc.StatusCode.FAILED_PRECONDITION, fault
    assert fault.details() == "as asked: \u00e4", fault.details()
    assert dict(fault.trailing_metadata())["x-trailing-bin"] == b"\x00\xffme"
held("status")

try:
    unary(b"", metadata=(("x-sleep", "5"),), timeout=0.5)
    raise AssertionError("its deadline was half a second")
except grpc.RpcError as fault:
    assert fault.code() == grpc.StatusCode.DEADLINE_EXCEEDED, fault
held("deadline")

large = bytes(range(256)) * (4 << 12)
assert len(large) == 4 << 20
assert unary(large, timeout=SOON) == large
held("large")

before = int(cancelled(b"", timeout=SOON))
calls = [forever(b"", timeout=SOON) for _ in range(3)]
for call in calls:
    assert next(call) == b"begun"
    call.cancel()
give_up = time.monotonic() + SOON
while int(cancelled(b"", timeout=SOON)) < before + 3:
    assert time.monotonic() < give_up, "the origin does not know that its client is gone"
    time.sleep(0.05)
held("cancel")

at_once = [unary.future(str(nth).encode(), metadata=(("x-sleep", "0.3"),), timeout=SOON) for nth in range(100)]
assert [int(call.result()) for call in at_once] == list(range(100))
held("at once")
