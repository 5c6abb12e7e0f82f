"""A program at the page of a check: how far it comes as it is, and by doing the sum.

Words: the client, the port, how often it asks, for how many seconds it asks once it has a token.
Prints one line of JSON.
"""

import asyncio
import base64
import hashlib
import html
import json
import re
import socket
import ssl
import sys
import time
import warnings

warnings.simplefilter("ignore")
HOST = "www.example.org"
KIND, PORT, TIMES, SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
SITE = f"https://{HOST}:{PORT}"
# Said by programs that have nothing of their own to say; what imitates a browser says it by itself.
SAID = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.9",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Site": "none",
}

ask_the_system = socket.getaddrinfo


def here(host, *rest, **named):
    return ask_the_system("127.0.0.1" if host == HOST else host, *rest, **named)


socket.getaddrinfo = here


class Requests:
    def __init__(self):
        import requests

        self.session = requests.Session()
        # Or the environment says whom to trust.
        self.session.verify, self.session.trust_env = False, False
        self.session.headers.update(SAID)

    def ask(self, path, body=None):
        method = "GET" if body is None else "POST"
        answer = self.session.request(method, SITE + path, data=body, timeout=20)
        return answer.status_code, answer.text


class Aiohttp:
    def __init__(self):
        import aiohttp

        self.loop = asyncio.new_event_loop()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

        async def made():
            connector = aiohttp.TCPConnector(ssl=context, resolver=aiohttp.ThreadedResolver())
            return aiohttp.ClientSession(connector=connector, headers=SAID)

        self.session = self.loop.run_until_complete(made())

    def ask(self, path, body=None):
        async def asked():
            method = "GET" if body is None else "POST"
            async with self.session.request(method, SITE + path, data=body) as answer:
                return answer.status, await answer.text()

        return self.loop.run_until_complete(asked())


class Impersonates:
    def __init__(self):
        from curl_cffi import CurlOpt, requests

        resolve = [f"{HOST}:{PORT}:127.0.0.1"]
        self.session = requests.Session(
            impersonate="chrome", verify=False, curl_options={CurlOpt.RESOLVE: resolve}
        )

    def ask(self, path, body=None):
        method = "GET" if body is None else "POST"
        answer = self.session.request(method, SITE + path, data=body, timeout=20)
        return answer.status_code, answer.text


client = {"requests": Requests, "aiohttp": Aiohttp, "curl_cffi": Impersonates}[KIND]()
served = sum(client.ask(f"/as-it-is?{nth}")[0] == 200 for nth in range(TIMES))

_, page = client.ask("/solved")
began = time.process_time()
of = {name: html.unescape(re.search(f'data-{name}="([^"]*)"', page)[1])
      for name in ("challenge", "salt", "signature", "most")}
salt = hashlib.sha256(of["salt"].encode())
for number in range(int(of["most"]) + 1):
    tried = salt.copy()
    tried.update(str(number).encode())
    if tried.hexdigest() == of["challenge"]:
        break
solving_ms = (time.process_time() - began) * 1000
told = {"algorithm": "SHA-256", "challenge": of["challenge"], "number": number,
        "salt": of["salt"], "signature": of["signature"]}
status, _ = client.ask("/.well-known/seawall/answer",
                       base64.b64encode(json.dumps(told).encode()).decode())
assert status == 204, status
asked, got, until = 0, 0, time.monotonic() + SECONDS
while time.monotonic() < until:
    asked += 1
    got += client.ask(f"/with-token?{asked}")[0] == 200
print(json.dumps({"served": served, "solving_ms": solving_ms, "asked": asked, "got": got}))
