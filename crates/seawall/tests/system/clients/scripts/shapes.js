// Every shape of request, by one client of Node: CLIENT BASE; prints "ok SHAPE".
const dns = require("dns");
const real = dns.lookup;
dns.lookup = (host, options, done) =>
  real(host === "www.example.org" ? "127.0.0.1" : host, options, done);

const [client, base] = process.argv.slice(1);
const PAGE = "seawall ".repeat(256);
const COOKIE = "session=" + "c".repeat(7000);
const FILE = Buffer.from("\0\u0001binary\r\n--content".repeat(40));
const PIECES = ["one ", "two ", "three".repeat(500)];
const PLAIN = {
  get: ["GET", "/page", {}],
  head: ["HEAD", "/page", {}],
  range: ["GET", "/page", { range: "bytes=100-199" }],
  conditional: ["GET", "/page", { "if-none-match": '"seawall"' }],
  cookies: ["GET", "/cookie", { cookie: COOKIE }],
  keepalive: ["GET", "/page", {}],
};
const FORM = new URLSearchParams({ a: "1", b: "two words" });
const DATA = JSON.stringify({ name: "value" });

const EXPECTED = {
  get: (a) => a.status === 200 && a.body === PAGE,
  head: (a) => a.status === 200 && a.body === "" && a.fields["content-length"] === "2048",
  range: (a) => a.status === 206 && a.body === PAGE.slice(100, 200),
  conditional: (a) => a.status === 304 && a.body === "",
  cookies: (a) => a.status === 200 && a.body === String(COOKIE.length),
  keepalive: (a) => a.status === 200 && a.body === PAGE,
  form: (a) => a.body === FORM.toString() && a.fields["x-type"].startsWith("application/x-www-form-urlencoded"),
  json: (a) => a.body === DATA,
  multipart: (a) => a.body.includes(FILE.toString("latin1")) && a.fields["x-type"].startsWith("multipart/form-data; boundary="),
  chunked: (a) => a.body === PIECES.join(""),
};

function byModule() {
  const module = require(base.startsWith("https") ? "https" : "http");
  const agent = new module.Agent({ keepAlive: true, maxSockets: 1 });
  return (shape) =>
    new Promise((good, bad) => {
      const boundary = "a-boundary-of-ours";
      const open = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n`;
      const multipart = Buffer.concat([Buffer.from(open), FILE, Buffer.from(`\r\n--${boundary}--\r\n`)]);
      const bodies = {
        form: [FORM.toString(), "application/x-www-form-urlencoded"],
        json: [DATA, "application/json"],
        multipart: [multipart, `multipart/form-data; boundary=${boundary}`],
        chunked: [null, "application/octet-stream"],
      };
      const [method, path, headers] = PLAIN[shape] ?? ["POST", "/echo", { "content-type": bodies[shape][1] }];
      const request = module.request(base + path, { method, headers, agent }, (answer) => {
        const pieces = [];
        answer.on("data", (piece) => pieces.push(piece));
        answer.on("end", () => {
          const body = Buffer.concat(pieces).toString("latin1");
          good({ status: answer.statusCode, fields: answer.headers, body });
        });
      });
      request.on("error", bad);
      if (shape === "chunked") PIECES.forEach((piece) => request.write(piece));
      request.end(bodies[shape]?.[0] ?? undefined);
    });
}

function byFetch() {
  return async (shape) => {
    const multipart = new FormData();
    multipart.append("file", new Blob([FILE]), "f");
    const stream = new ReadableStream({
      start(sink) {
        PIECES.forEach((piece) => sink.enqueue(Buffer.from(piece)));
        sink.close();
      },
    });
    const bodies = {
      form: { body: FORM },
      json: { body: DATA, headers: { "content-type": "application/json" } },
      multipart: { body: multipart },
      chunked: { body: stream, duplex: "half" },
    };
    const [method, path, headers] = PLAIN[shape] ?? ["POST", "/echo", {}];
    const answer = await fetch(base + path, { method, headers, ...bodies[shape] });
    const body = Buffer.from(await answer.arrayBuffer()).toString("latin1");
    return { status: answer.status, fields: Object.fromEntries(answer.headers), body };
  };
}

(async () => {
  const ask = client === "http" ? byModule() : byFetch();
  for (const [shape, isGood] of Object.entries(EXPECTED)) {
    const answer = await ask(shape);
    const good = isGood(answer);
    console.log(good ? "ok" : "WRONG", shape, good ? "" : JSON.stringify(answer).slice(0, 300));
  }
  process.exit(0);
})();
