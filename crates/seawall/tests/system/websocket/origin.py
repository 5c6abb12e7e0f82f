"""A WebSocket origin that echoes. Usage: origin.py HOST PORT [CHAIN KEY]"""

import asyncio
import ssl
import sys

import websockets

host, port = sys.argv[1], int(sys.argv[2])
context = None
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    context.set_alpn_protocols(["http/1.1"])


async def echo(socket):
    async for message in socket:
        if isinstance(message, str) and message.startswith("ping "):
            await (await socket.ping(message.encode()))
        await socket.send(message)


async def main():
    options = {"ssl": context, "max_size": 4 << 20, "ping_interval": None, "compression": None}
    async with websockets.serve(echo, host, port, **options):
        await asyncio.Future()


asyncio.run(main())
