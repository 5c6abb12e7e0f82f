"""A WebSocket client. Usage: client.py URL HOST ADDRESS PORT ROOTS MESSAGES SILENCE

Sends that many messages of every kind and reads each echo; then is silent, but for pings that many
seconds apart; prints how many messages came back.
"""

import asyncio
import ssl
import sys

import websockets

url, host, address, port, roots, messages, silence = sys.argv[1:8]
# Messages that are sent before the first echo is read: fewer than the library queues, which reads no
# pong while its queue is full.
AHEAD = 16


def message(nth):
    """The nth message, as it is sent and as it must come back."""
    if nth % 500 == 250:
        whole = bytes([nth % 251]) * (1 << 20)
        return whole, whole
    if nth % 10 == 3:
        parts = [f"part {nth} {part}" for part in range(5)]
        return parts, "".join(parts)
    if nth % 10 == 7:
        parts = [bytes([part]) * (nth % 4096) for part in range(3)]
        return parts, b"".join(parts)
    if nth % 100 == 50:
        return f"ping {nth}", f"ping {nth}"
    text = f"message {nth} \u00e4\u20ac " + "x" * (nth % 200)
    return text, text


async def talk(socket, count):
    room = asyncio.Semaphore(AHEAD)

    async def say():
        for nth in range(count):
            await room.acquire()
            await socket.send(message(nth)[0])
            if nth % 100 == 0:
                await (await socket.ping(str(nth).encode()))

    saying = asyncio.create_task(say())
    for nth in range(count):
        echo = await socket.recv()
        assert echo == message(nth)[1], f"message {nth} came back as {echo[:80]!r}"
        room.release()
    await saying


async def main():
    options = {"max_size": 4 << 20, "ping_interval": None, "compression": None}
    if url.startswith("wss"):
        options["ssl"] = ssl.create_default_context(cafile=roots)
        options["server_hostname"] = host
    async with websockets.connect(url, host=address, port=int(port), **options) as socket:
        await talk(socket, int(messages))
        for _ in range(3):
            await asyncio.sleep(float(silence))
            await (await socket.ping())
        await asyncio.sleep(float(silence))
        await talk(socket, 10)
    print(int(messages))


asyncio.run(main())
