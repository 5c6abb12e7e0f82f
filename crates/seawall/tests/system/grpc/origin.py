"""A gRPC origin: echoes bytes in all four kinds of call. Usage: origin.py ADDRESS [CHAIN KEY]"""

import sys
import threading
import time
from concurrent import futures

import grpc

cancelled_total = 0
lock = threading.Lock()


def note_cancel():
    global cancelled_total
    with lock:
        cancelled_total += 1


def unary(request, context):
    told = dict(context.invocation_metadata())
    context.send_initial_metadata((("x-initial", told.get("x-ask", "none")),))
    context.set_trailing_metadata((("x-trailing-bin", b"\x00\xff" + told.get("x-ask", "").encode()),))
    if "x-fail" in told:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "as asked: \u00e4")
    if "x-sleep" in told:
        time.sleep(float(told["x-sleep"]))
    return request


def server_stream(request, context):
    for nth in range(int(request)):
        yield str(nth).encode()


def client_stream(requests, context):
    return str(sum(len(request) for request in requests)).encode()


def both(requests, context):
    for request in requests:
        yield request


def forever(request, context):
    context.add_callback(note_cancel)
    yield b"begun"
    while context.is_active():
        time.sleep(0.02)


def count(request, context):
    with lock:
        return str(cancelled_total).encode()


handlers = grpc.method_handlers_generic_handler(
    "seawall.Echo",
    {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream),
        "ClientStream": grpc.stream_unary_rpc_method_handler(client_stream),
        "Both": grpc.stream_stream_rpc_method_handler(both),
        "Forever": grpc.unary_stream_rpc_method_handler(forever),
        "Cancelled": grpc.unary_unary_rpc_method_handler(count),
    },
)
server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=128),
    handlers=(handlers,),
    options=(
        ("grpc.max_receive_message_length", 16 << 20),
        ("grpc.max_send_message_length", 16 << 20),
        ("grpc.so_reuseport", 0),
    ),
)
address = sys.argv[1]
if len(sys.argv) > 2:
    with open(sys.argv[3], "rb") as key, open(sys.argv[2], "rb") as chain:
        own = grpc.ssl_server_credentials(((key.read(), chain.read()),))
    server.add_secure_port(address, own)
else:
    server.add_insecure_port(address)
server.start()
server.wait_for_termination()
