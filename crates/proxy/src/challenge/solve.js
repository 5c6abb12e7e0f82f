(() => {
const main = document.querySelector("main"), data = main.dataset, form = document.forms[0];
const state = document.querySelector("[role=status]"), again = document.querySelector("button");
const desk = "/.well-known/seawall/answer";
const say = word => { state.textContent = data[word]; };
const stop = word => { say(word); main.className = "stopped"; again.hidden = false; };
const passed = async () => (await fetch(desk, {cache: "no-store"})).status == 204;
const work = () => { onmessage = message => {
let [salt, target, most] = message.data, first = [], primes = [], words = new Int32Array(64), n = 2;
const part = x => (x - Math.floor(x)) * 4294967296 | 0;
for (; primes.length < 64; n++) {
let prime = 1;
for (let d = 2; d * d <= n; d++) if (n % d == 0) prime = 0;
if (prime) { if (first.length < 8) first.push(part(Math.sqrt(n))); primes.push(part(Math.cbrt(n))); }
}
const wanted = [0, 8].map(at => parseInt(target.slice(at, at + 8), 16) | 0);
const found = text => {
let size = text.length, i = 0;
words.fill(0, 0, 16);
for (; i < size; i++) words[i >> 2] |= text.charCodeAt(i) << 24 - (i & 3) * 8;
words[size >> 2] |= 128 << 24 - (size & 3) * 8;
words[15] = size * 8;
for (i = 16; i < 64; i++) {
const x = words[i - 15], y = words[i - 2];
words[i] = words[i - 16] + words[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
}
let [a, b, c, d, e, f, g, h] = first;
for (i = 0; i < 64; i++) {
const s = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + primes[i] + words[i] | 0;
const t = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
h = g; g = f; f = e; e = d + s | 0; d = c; c = b; b = a; a = s + t | 0;
}
return (first[0] + a | 0) == wanted[0] && (first[1] + b | 0) == wanted[1];
};
for (n = 0; n <= most; n++) if (found(salt + n)) return postMessage(n);
postMessage(-1);
}; };
const solve = () => new Promise((done, fail) => {
const worker = new Worker(URL.createObjectURL(new Blob(["(" + work + ")()"])));
worker.onmessage = ({data: number}) => number < 0 ? fail() : done(number);
worker.onerror = fail;
worker.postMessage([data.salt, data.challenge, +data.most]);
});
let gone;
const go = () => {
if (gone) return;
gone = 1;
let times = [];
try { times = JSON.parse(sessionStorage.seawall || "[]").filter(time => time > Date.now() - 6e4); } catch {}
if (times.length > 2) return stop("stuck");
try { sessionStorage.seawall = JSON.stringify([...times, Date.now()]); } catch {}
if (data.kept == "no") return stop("lost");
say("passed");
form ? HTMLFormElement.prototype.submit.call(form) : location.reload();
};
let channel, began;
try { channel = new BroadcastChannel("seawall"); } catch {}
const run = async () => {
began = 1;
if (await passed()) return go();
const number = await solve(), {challenge, salt, signature} = data;
const body = btoa(JSON.stringify({algorithm: "SHA-256", challenge, number, salt, signature}));
if (!(await fetch(desk, {method: "POST", body})).ok) return stop("failed");
if (!await passed()) return stop("cookies");
if (channel) channel.postMessage(1);
go();
};
say("working");
again.onclick = () => location.reload();
if (channel) channel.onmessage = go;
(navigator.locks ? navigator.locks.request("seawall", run).catch(fault => { if (began) throw fault; return run(); }) : run()).catch(() => stop("failed"));
})();
