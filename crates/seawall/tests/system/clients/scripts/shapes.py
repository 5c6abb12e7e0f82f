# Every shape of request, by one library of Python: LIBRARY BASE AUTHORITY; prints "ok SHAPE".
import asyncio, http.client, json, socket, ssl, sys, urllib.parse, urllib.request

library, base, authority = sys.argv[1:4]
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: real(
    "127.0.0.1" if host in ("www.example.org", b"www.example.org") else host, *rest, **named)

PAGE = b"seawall " * 256
FORM = {"a": "1", "b": "two words"}
DATA = {"name": "value", "list": [1, 2]}
FILE = b"\x00\x01binary\r\n--content" * 40
PIECES = [b"one ", b"two ", b"three" * 500]
COOKIE = "session=" + "c" * 7000


def judge(shape, good, told):
    print("ok" if good else "WRONG", shape, "" if good else repr(told)[:300])


def judge_all(ask):
    """ask(shape) gives status, fields (names in lower case) and body."""
    status, fields, body = ask("get")
    judge("get", status == 200 and body == PAGE, (status, body))
    status, fields, body = ask("head")
    judge("head", status == 200 and body == b"" and fields["content-length"] == "2048", (status, fields))
    status, fields, body = ask("range")
    judge("range", status == 206 and body == PAGE[100:200], (status, body))
    status, fields, body = ask("conditional")
    judge("conditional", status == 304 and body == b"", (status, body))
    status, fields, body = ask("cookies")
    judge("cookies", status == 200 and body == str(len(COOKIE)).encode(), (status, body))
    status, fields, body = ask("form")
    judge("form", status == 200 and urllib.parse.parse_qs(body.decode()) == {k: [v] for k, v in FORM.items()}
          and fields["x-type"].startswith("application/x-www-form-urlencoded"), (status, fields, body))
    status, fields, body = ask("json")
    judge("json", status == 200 and json.loads(body) == DATA, (status, body))
    status, fields, body = ask("multipart")
    judge("multipart", status == 200 and FILE in body and fields["x-type"].startswith("multipart/form-data; boundary="),
          (status, fields))
    status, fields, body = ask("chunked")
    judge("chunked", status == 200 and body == b"".join(PIECES), (status, body[:50]))


GETS = {
    "get": ("GET", "/page", {}),
    "head": ("HEAD", "/page", {}),
    "range": ("GET", "/page", {"Range": "bytes=100-199"}),
    "conditional": ("GET", "/page", {"If-None-Match": '"seawall"'}),
    "cookies": ("GET", "/cookie", {"Cookie": COOKIE}),
}


def by_hand():
    boundary = "a-boundary-of-ours"
    lines = [f"--{boundary}", 'Content-Disposition: form-data; name="file"; filename="f"', "", ""]
    return "\r\n".join(lines).encode() + FILE + f"\r\n--{boundary}--\r\n".encode(), boundary


def with_urllib():
    context = ssl.create_default_context(cafile=authority) if base.startswith("https") else None

    def ask(shape):
        if shape in GETS:
            method, path, fields = GETS[shape]
            data = None
        else:
            method, path = "POST", "/echo"
            body, boundary = by_hand()
            data, kind = {
                "form": (urllib.parse.urlencode(FORM).encode(), "application/x-www-form-urlencoded"),
                "json": (json.dumps(DATA).encode(), "application/json"),
                "multipart": (body, f"multipart/form-data; boundary={boundary}"),
                "chunked": (iter(PIECES), "application/octet-stream"),
            }[shape]
            fields = {"Content-Type": kind}
        request = urllib.request.Request(base + path, data=data, headers=fields, method=method)
        try:
            answer = urllib.request.urlopen(request, context=context, timeout=10)
        except urllib.error.HTTPError as refused:
            answer = refused
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()

    judge_all(ask)
    place = urllib.parse.urlsplit(base)
    kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
    named = {"context": context} if context else {}
    connection = kind(place.hostname, place.port, timeout=10, **named)
    bodies = set()
    for _ in range(5):
        connection.request("GET", "/page")
        bodies.add(connection.getresponse().read())
        sock = connection.sock
    judge("keepalive", bodies == {PAGE} and sock is not None, bodies)


def with_session(session, posts):
    def ask(shape):
        if shape in GETS:
            method, path, fields = GETS[shape]
            answer = session.request(method, base + path, headers=fields)
        else:
            answer = session.request("POST", base + "/echo", **posts(shape))
        return answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content

    judge_all(ask)
    bodies = {session.get(base + "/page").content for _ in range(5)}
    judge("keepalive", bodies == {PAGE}, bodies)


def posts(chunks):
    return lambda shape: {
        "form": {"data": FORM},
        "json": {"json": DATA},
        "multipart": {"files": {"file": ("f", FILE)}},
        "chunked": {chunks: iter(PIECES)},
    }[shape]


def with_requests():
    import requests
    session = requests.Session()
    # Else the environment would say whom to trust.
    session.verify, session.trust_env = authority, False
    with_session(session, posts("data"))


def with_httpx():
    import httpx
    with_session(httpx.Client(verify=authority, http2=base.startswith("https"), timeout=10), posts("content"))


async def with_aiohttp():
    import aiohttp
    context = ssl.create_default_context(cafile=authority)
    told = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        async def pieces():
            for piece in PIECES:
                yield piece
        form = aiohttp.FormData()
        form.add_field("file", FILE, filename="f")
        bodies = {"form": {"data": FORM}, "json": {"json": DATA}, "multipart": {"data": form}, "chunked": {"data": pieces()}}
        for shape in [*GETS, *bodies]:
            method, path, fields = GETS.get(shape, ("POST", "/echo", {}))
            async with session.request(method, base + path, headers=fields, **bodies.get(shape, {})) as answer:
                named = {k.lower(): v for k, v in answer.headers.items()}
                told[shape] = (answer.status, named, await answer.read())
        kept = set()
        for _ in range(5):
            async with session.get(base + "/page") as answer:
                kept.add(await answer.read())
    judge_all(told.__getitem__)
    judge("keepalive", kept == {PAGE}, kept)


{"urllib": with_urllib, "requests": with_requests, "httpx": with_httpx,
 "aiohttp": lambda: asyncio.run(with_aiohttp())}[library]()
