/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 * Decides about each packet before the kernel spends anything on it.
 *
 * Takes the bytes of one frame and tables that user space fills; gives pass, drop, or a SYN cookie.
 * The order of the stages is their rank: what must always pass, the allow list, then what drops.
 * Never drops without F_ARMED, nor when user space has shown no life for as long as it said, nor when
 * something unforeseen happens; expiry is read from the program's own clock.
 * Bounds: every table's are declared here; two VLAN tags, four extension headers of IPv6.
 * src/model.rs is the same program in Rust, and a test compares the two. */
#include "kernel.h"
#include "abi.h"

struct lpm4 { u32 bits, address; };
/* What `generate` sends. */
struct frame { u16 words[32]; };
struct lpm6 { u32 bits, address[4]; };
/* A place of FRONT4: 17 bits of an address that do not tell its line, 19 of LIFTS, 28 of the time it ends at.
 * Before LIFTS comes round, and halfway there, user space empties the table. */
enum { FRONT_WAYS = 8, LINE_BITS = 15, LIFT_BITS = 19, UNTIL_BITS = 28, FRONT_UNIT = 28, };
#define FRONT_NS (1ull << 32)
struct front_line { u64 place[FRONT_WAYS]; };
/* What `walk` finds behind the header of a datagram: sources from `first` on, `step` apart. */
struct walk { u32 first, step, spread, last, at; };

struct { __uint(type, MAP_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct config); } CONFIG SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct frame); } FRAME SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct beat); } BEAT SEC(".maps");
struct { __uint(type, MAP_LPM_TRIE); __uint(map_flags, NO_PREALLOC); __uint(max_entries, 65536); __type(key, struct lpm4); __type(value, struct entry); } ALLOW4 SEC(".maps");
struct { __uint(type, MAP_LPM_TRIE); __uint(map_flags, NO_PREALLOC); __uint(max_entries, 65536); __type(key, struct lpm6); __type(value, struct entry); } ALLOW6 SEC(".maps");
/* Made at once, each entry in one cache line: one that is allocated alone lies across two, and a drop waits for both. */
struct { __uint(type, MAP_HASH); __uint(max_entries, 1048576); __type(key, u32); __type(value, struct entry); } HOST4 SEC(".maps");
struct { __uint(type, MAP_HASH); __uint(max_entries, 262144); __type(key, u64); __type(value, struct entry); } HOST6 SEC(".maps");
/* Hosts that were found blocked a moment ago, in one line of memory, where HOST4 takes two; lines begin with a page. */
struct { __uint(type, MAP_ARRAY); __uint(map_flags, MMAPABLE); __uint(max_entries, 1 << LINE_BITS); __type(key, u32); __type(value, struct front_line); } FRONT4 SEC(".maps");
/* So often somebody was let go: what FRONT4 knows of before holds no more. */
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } LIFTS SEC(".maps");
struct { __uint(type, MAP_LPM_TRIE); __uint(map_flags, NO_PREALLOC); __uint(max_entries, 131072); __type(key, struct lpm4); __type(value, struct entry); } NET4 SEC(".maps");
struct { __uint(type, MAP_LPM_TRIE); __uint(map_flags, NO_PREALLOC); __uint(max_entries, 131072); __type(key, struct lpm6); __type(value, struct entry); } NET6 SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 4096); __type(key, u32); __type(value, struct page); } CLASS4 SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, CLASSES_MAX); __type(key, u32); __type(value, u64); } CLASS_UNTIL SEC(".maps");
struct { __uint(type, MAP_LRU_HASH); __uint(max_entries, 262144); __type(key, u64); __type(value, struct source); } SOURCES SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 2); __type(key, u32); __type(value, struct signatures); } SIGNATURES SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 2 * SIGNATURES_MAX); __type(key, u32); __type(value, u64); } SIGNATURE_DUE SEC(".maps");
struct { __uint(type, MAP_PERCPU_ARRAY); __uint(max_entries, 2 * SIGNATURES_MAX); __type(key, u32); __type(value, struct counter); } SIGNATURE_HITS SEC(".maps");
struct { __uint(type, MAP_PERCPU_ARRAY); __uint(max_entries, R_COUNT); __type(key, u32); __type(value, struct counter); } COUNTS SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, P_COUNT); __type(key, u32); __type(value, struct ports); } PORTS SEC(".maps");
struct { __uint(type, MAP_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } TURN SEC(".maps");
struct { __uint(type, MAP_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, u64); } DHCP_DUE SEC(".maps");
struct { __uint(type, MAP_RINGBUF); __uint(max_entries, 1 << 20); } SAMPLES SEC(".maps");

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };
enum { ICMP = 1, IGMP = 2, TCP = 6, UDP = 17, ICMP6 = 58, HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };
enum { WHOLE, FIRST_PIECE, LATER_PIECE };
/* A datagram's header, the fixed part of DHCP, and the four bytes that name it. */
enum { DHCP_LEN = 8 + 236 + 4 };

/* One packet as numbers, so that it can go through functions that are verified by themselves. */
struct packet {
  u64 begin[2]; /* first bytes of what it carries; of a SYN, of its options */
  u32 source[4], target[4];
  u32 frame_len, len, signature;
  u16 source_port, target_port, id, window, carried_len, ip_at, carried_at;
  u8 family, protocol, ttl, tos, flags, offset, piece, ihl;
};

INLINE int is_extension(u8 next) { return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == DESTINATION; }

GLOBAL int parse(struct xdp_md *ctx, struct packet *p) {
  if (!p) return R_UNANSWERED;
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  struct eth *eth = data;
  p->frame_len = end - data;
  if ((void *)(eth + 1) > end) return R_MALFORMED;
  u16 kind = eth->proto;
  void *at = eth + 1;
#pragma unroll
  for (int i = 0; i < 2; i++)
    if (kind == swap16(0x8100) || kind == swap16(0x88a8)) {
      struct vlan *vlan = at;
      if ((void *)(vlan + 1) > end) return R_MALFORMED;
      kind = vlan->proto;
      at = vlan + 1;
    }
  p->ip_at = at - data;
  u8 next;
  if (kind == swap16(0x0800)) {
    struct ip4 *ip = at;
    if ((void *)(ip + 1) > end) return R_MALFORMED;
    u32 ihl = (ip->version_ihl & 15) * 4, len = swap16(ip->len);
    /* Numbers are compared, not pointers: kernels up to 6.1 do not bound a swapped number. */
    if (ip->version_ihl >> 4 != 4 || ihl < 20 || len < ihl || len > (u64)(end - at)) return R_MALFORMED;
    p->family = 4; p->ttl = ip->ttl; p->tos = ip->tos; p->id = swap16(ip->id); p->ihl = ihl / 4;
    p->source[0] = ip->source; p->target[0] = ip->target;
    u32 piece = swap16(ip->frag), place = (piece & 0x1fff) * 8;
    if (piece & 0x3fff) p->piece = place ? LATER_PIECE : FIRST_PIECE;
    if (place + len - ihl > 65535) return R_MALFORMED;
    next = ip->proto; p->len = len; p->carried_len = len - ihl;
    at += ihl;
  } else if (kind == swap16(0x86dd)) {
    struct ip6 *ip = at;
    if ((void *)(ip + 1) > end) return R_MALFORMED;
    u32 left = swap16(ip->payload_len);
    if ((*(u8 *)at) >> 4 != 6 || 40 + left > (u64)(end - at)) return R_MALFORMED;
    p->family = 6; p->ttl = ip->hop_limit; p->tos = (swap32(ip->version_class_flow) >> 20) & 255;
    for (int i = 0; i < 4; i++) { p->source[i] = ip->source[i]; p->target[i] = ip->target[i]; }
    p->len = 40 + left;
    next = ip->next;
    at += 40;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (!is_extension(next) || p->piece == LATER_PIECE) break;
      u8 *x = at;
      if ((void *)(x + 8) > end) return R_MALFORMED;
      u32 len = 8;
      if (next == FRAGMENT) {
        u16 piece = swap16(*(u16 *)(x + 2));
        /* A fragment header around a whole packet is no piece (RFC 6946). */
        if (piece & 0xfff9) p->piece = piece & 0xfff8 ? LATER_PIECE : FIRST_PIECE;
      } else
        len += x[1] * 8;
      if (next == ROUTING && x[2] == 0) return R_EXTENSIONS;
      if (len > left) return R_MALFORMED;
      left -= len;
      next = x[0];
      at += len;
    }
    if (is_extension(next) && p->piece != LATER_PIECE) return R_EXTENSIONS;
    p->carried_len = left;
  } else
    return R_CONTROL;
  p->protocol = next;
  p->carried_at = at - data;
  if (p->piece == LATER_PIECE) return R_PASS;
  u32 begin = 0;
  if (next == TCP) {
    struct tcp *tcp = at;
    if ((void *)(tcp + 1) > end || p->carried_len < 20) return R_MALFORMED;
    p->offset = tcp->offset >> 4;
    if (p->offset < 5 || p->offset * 4 > p->carried_len) return R_MALFORMED;
    p->source_port = swap16(tcp->source); p->target_port = swap16(tcp->target);
    p->flags = tcp->flags; p->window = swap16(tcp->window);
    begin = p->flags & SYN ? 20 : p->offset * 4;
  } else if (next == UDP) {
    struct udp *udp = at;
    if ((void *)(udp + 1) > end || p->carried_len < 8) return R_MALFORMED;
    u16 len = swap16(udp->len);
    if (p->piece == WHOLE && (len < 8 || len > p->carried_len)) return R_MALFORMED;
    p->source_port = swap16(udp->source); p->target_port = swap16(udp->target);
    begin = 8;
  } else if (next == ICMP || next == ICMP6) {
    u8 *icmp = at;
    if ((void *)(icmp + 8) > end || p->carried_len < 8) return R_MALFORMED;
    p->source_port = icmp[0]; p->target_port = icmp[1]; /* type and code stand for ports */
    begin = 8;
  }
  PIN(begin);
  begin &= 63;
  if (begin) {
    void *first = at + begin;
    if (first + 16 <= end) __builtin_memcpy(p->begin, first, 16);
    else if (first + 8 <= end) __builtin_memcpy(p->begin, first, 8);
  }
  return R_PASS;
}

/* Of this link: routers pass nothing on that bears such an address (RFC 4291 §2.5.6). */
INLINE int is_of_link(u32 first) { return (swap32(first) & 0xffc00000) == 0xfe800000; }
/* What this machine's own address depends on. An answer may come from any address, so that only its shape
 * tells it: its ports, its direction, and not shorter than its fixed part (RFC 2131 §2). */
INLINE int is_dhcp(struct packet *p) {
  u32 ports = (u32)p->source_port << 16 | p->target_port, direction = p->begin[0] & 255;
  if (p->family == 6) return (p->target_port == 546 || p->target_port == 547) && (is_of_link(p->source[0]) || is_of_link(p->target[0]));
  return p->carried_len >= DHCP_LEN && ((ports == (68 << 16 | 67) && direction == 1) || (ports == (67 << 16 | 68) && direction == 2));
}

/* Without these an address is unreachable or lost or a connection hangs, so nothing may drop them. */
INLINE int is_control(struct packet *p) {
  if (p->piece != WHOLE) return 0;
  if (p->protocol == UDP) return is_dhcp(p);
  /* Who asks for groups may have no address yet, and is on this link (RFC 3376 §4.2.13). */
  if (p->family == 4 && p->protocol == IGMP) return swap32(p->target[0]) >> 28 == 14;
  if (p->family == 4) return p->protocol == ICMP && p->source_port == 3 && p->target_port == 4;
  if (p->protocol != ICMP6) return 0;
  /* Neighbour discovery comes from this link, which its hop limit proves (RFC 4861 §11.2). */
  return p->source_port == 2 || (p->source_port >= 133 && p->source_port <= 137 && p->ttl == 255);
}

INLINE int sanity(struct packet *p) {
  if (p->ttl == 0) return R_MALFORMED;
  u32 first = swap32(p->source[0]);
  if (p->family == 4) {
    if (p->source[0] == p->target[0]) return R_LAND;
    if (first >> 24 == 0 || first >> 24 == 127 || first >= 0xe0000000) return R_BOGON;
  } else {
    u32 differs = 0;
    for (int i = 0; i < 4; i++) differs |= p->source[i] ^ p->target[i];
    if (!differs) return R_LAND;
    if (first >> 24 == 0xff) return R_BOGON;
    if (!(p->source[0] | p->source[1] | p->source[2]) && p->source[3] == swap32(1)) return R_BOGON;
  }
  if (p->piece != LATER_PIECE && p->protocol == TCP) {
    u8 f = p->flags & 0x3f;
    if (f == 0 || (f & (SYN | FIN)) == (SYN | FIN) || (f & (SYN | RST)) == (SYN | RST)) return R_TCP_FLAGS;
    if ((f & (FIN | ACK)) == FIN || (f & (FIN | PSH | URG)) == (FIN | PSH | URG)) return R_TCP_FLAGS;
    if (!p->source_port || !p->target_port) return R_MALFORMED;
  }
  return R_PASS;
}

INLINE u64 clock(u64 *now) {
  if (!*now) *now = coarse_ns();
  return *now;
}
INLINE int is_live(struct entry *entry, u64 *now) { return entry && (!entry->expires_ns || clock(now) < entry->expires_ns); }
/* 1: over its rate. */
INLINE int is_over(u64 *due, u64 now, u64 cost, u64 burst) {
  u64 then = *due;
  if (then < now) then = now;
  if (then - now > burst) return 1;
  *due = then + cost;
  return 0;
}
/* Its shape is all that tells DHCP, and anybody can forge that: what is over its rate is a datagram as others. */
INLINE int is_dhcp_over(struct config *c, u64 *now) {
  u32 zero = 0;
  u64 *due = map_lookup(&DHCP_DUE, &zero);
  return c->dhcp_ns && due && is_over(due, clock(now), c->dhcp_ns, c->dhcp_burst_ns);
}
INLINE int holds_port(u32 set, u16 port) {
  struct ports *ports = map_lookup(&PORTS, &set);
  return ports && (ports->bits[(port >> 6) & 1023] >> (port & 63)) & 1;
}
/* What is counted as one party: an IPv4 address, or an IPv6 /64. */
INLINE u64 party(struct packet *p) { return p->family == 4 ? p->source[0] : (u64)p->source[1] << 32 | p->source[0]; }

INLINE struct entry *find_net(void *four, void *six, struct packet *p) {
  if (p->family == 4) {
    struct lpm4 key = { 32, p->source[0] };
    return map_lookup(four, &key);
  }
  struct lpm6 key = { 128, { p->source[0], p->source[1], p->source[2], p->source[3] } };
  return map_lookup(six, &key);
}

INLINE int is_blocked_class(struct packet *p, u64 *now) {
  if (p->family != 4) return 0;
  u32 net = swap32(p->source[0]) >> 8, at = net >> 12;
  struct page *page = map_lookup(&CLASS4, &at);
  if (!page) return 0;
  u32 class = page->class[net & 4095];
  if (!class) return 0;
  u64 *until = map_lookup(&CLASS_UNTIL, &class);
  return until && clock(now) < *until;
}

struct front { struct front_line *line; u64 mark; };
/* The line of an address, and what stands in a place of it above the time: an odd factor loses no bit, so that two
 * addresses may share a line and never a mark. */
INLINE struct front front_of(u32 address) {
  u32 zero = 0, mixed = address * 0x9e3779b1, at = mixed >> (32 - LINE_BITS);
  u32 *lifts = map_lookup(&LIFTS, &zero);
  u64 rest = mixed & ((1 << (32 - LINE_BITS)) - 1), since = lifts ? *lifts & ((1 << LIFT_BITS) - 1) : 0;
  struct front front = { map_lookup(&FRONT4, &at), rest << (LIFT_BITS + UNTIL_BITS) | since << UNTIL_BITS };
  return front;
}
/* Until when its line knows an address, in its unit; 0 where it does not. */
INLINE u64 front_until(struct front *front) {
  u64 until = 0;
  if (!front->line) return 0;
#pragma unroll
  for (int i = 0; i < FRONT_WAYS; i++) {
    u64 known = front->line->place[i] ^ front->mark;
    until = known >> UNTIL_BITS ? until : known;
  }
  return until;
}
/* Knows a host until its block ends, and for four seconds at most; whoever is known there is not driven out. */
INLINE void front_put(struct front *front, struct entry *host, u64 now) {
  u64 end = now + FRONT_NS, lifts = ((1ull << LIFT_BITS) - 1) << UNTIL_BITS, span = (1ull << UNTIL_BITS) - 1;
  if (host->expires_ns && host->expires_ns < end) end = host->expires_ns;
  end >>= FRONT_UNIT;
  if (!front->line || end > span) return;
#pragma unroll
  for (int i = 0; i < FRONT_WAYS; i++) {
    u64 other = front->line->place[i];
    if ((other ^ front->mark) & lifts || (other & span) <= now >> FRONT_UNIT) {
      front->line->place[i] = front->mark | end;
      return;
    }
  }
}

struct question {
  u64 word[4], now;
  u32 half, hit, source_at, target_at;
  u16 len;
  u8 ttl, protocol;
};

INLINE u32 bucket(u32 protocol, u32 port) { return (port ^ port >> 8 ^ protocol) & (PORT_BUCKETS - 1); }
INLINE u32 protocol_at(u32 protocol) { return protocol == TCP ? 0 : protocol == UDP ? 1 : protocol == ICMP || protocol == ICMP6 ? 2 : 3; }

/* The first signature of a range that fits, from 1; 0 for none. */
GLOBAL int find_in(struct question *q, u32 first, u32 count) {
  if (!q) return 0;
  u32 half = q->half & 1;
  struct signatures *table = map_lookup(&SIGNATURES, &half);
  if (!table) return 0;
  u64 w0 = q->word[0], w1 = q->word[1], w2 = q->word[2], w3 = q->word[3], len = q->len, ttl = q->ttl, now = q->now;
  for (u32 i = 0; i < SIGNATURES_MAX; i++) {
    if (i >= count) break;
    u32 at = first + i;
    if (at >= SIGNATURES_MAX) break;
    struct signature *s = &table->list[at];
    u64 differs = ((w0 & s->mask[0]) ^ s->value[0]) | ((w1 & s->mask[1]) ^ s->value[1]);
    differs |= ((w2 & s->mask[2]) ^ s->value[2]) | ((w3 & s->mask[3]) ^ s->value[3]);
    /* Without branches, or the verifier follows each way: the sign says that a bound is passed. */
    differs |= ((len - s->len_min) | (s->len_max - len) | (ttl - s->ttl_min) | (s->ttl_max - ttl)) >> 63;
    differs |= (s->expires_ns - 1 - now) >> 63;
    if (!differs) return at + 1;
  }
  return 0;
}

GLOBAL int match(struct question *q) {
  if (!q) return R_PASS;
  u32 half = q->half & 1;
  struct signatures *table = map_lookup(&SIGNATURES, &half);
  if (!table) return R_PASS;
  u32 hit = 0;
  if (table->any.count) hit = find_in(q, table->any.first, table->any.count);
  struct range *r = &table->protocol[protocol_at(q->protocol) & 3];
  if (!hit && r->count) hit = find_in(q, r->first, r->count);
  r = &table->target[q->target_at & (PORT_BUCKETS - 1)];
  if (!hit && r->count) hit = find_in(q, r->first, r->count);
  r = &table->source[q->source_at & (PORT_BUCKETS - 1)];
  if (!hit && r->count) hit = find_in(q, r->first, r->count);
  if (!hit || hit > SIGNATURES_MAX) return R_PASS;
  q->hit = hit;
  u32 at = hit - 1, key = half * SIGNATURES_MAX + at;
  struct counter *hits = map_lookup(&SIGNATURE_HITS, &key);
  if (hits) { hits->packets++; hits->bytes += q->len; }
  struct signature *s = &table->list[at & (SIGNATURES_MAX - 1)];
  if (s->action == A_DROP) return R_SIGNATURE;
  if (s->action == A_COUNT) return R_PASS;
  u64 *due = map_lookup(&SIGNATURE_DUE, &key);
  return due && is_over(due, q->now, s->rate_ns, s->burst_ns) ? R_SIGNATURE_RATE : R_PASS;
}

INLINE int signatures(struct packet *p, u32 half, u64 *now) {
  struct question q = { .half = half, .len = p->len, .ttl = p->ttl, .protocol = p->protocol, .now = clock(now) };
  q.target_at = bucket(p->protocol, p->target_port);
  q.source_at = bucket(p->protocol, p->source_port);
  q.word[0] = (u64)p->protocol << 56 | (u64)p->flags << 48 | (u64)p->ttl << 40 | (u64)p->tos << 32 | (u64)p->source_port << 16 | p->target_port;
  q.word[1] = (u64)p->id << 48 | (u64)p->window << 32 | (u64)p->piece << 24 | (u64)p->offset << 16 | (u64)p->ihl << 8 | p->family;
  q.word[2] = p->begin[0];
  q.word[3] = p->begin[1];
  int reason = match(&q);
  p->signature = q.hit;
  return reason;
}

INLINE int source_budget(struct packet *p, struct config *c, u64 *now) {
  u64 key = party(p), at = clock(now);
  /* A piece belongs to no connection before it is whole. */
  int is_tcp = p->protocol == TCP && p->piece == WHOLE, is_syn = is_tcp && (p->flags & (SYN | ACK)) == SYN;
  /* Whoever a forger names must not pay for him: what belongs to a connection has no budget. */
  if (is_tcp && !is_syn) return R_PASS;
  struct source *known = map_lookup(&SOURCES, &key);
  if (known) {
    if (!is_tcp && c->packet_ns && is_over(&known->packet_due_ns, at, c->packet_ns, c->packet_burst_ns)) return R_SOURCE_PACKETS;
    if (is_syn && c->syn_ns && is_over(&known->syn_due_ns, at, c->syn_ns, c->syn_burst_ns)) return R_SOURCE_SYNS;
  } else if (!(c->flags & F_SOURCES_FROZEN)) {
    struct source new = { at + c->packet_ns, at + (is_syn ? c->syn_ns : 0) };
    map_update(&SOURCES, &key, &new, 0);
  }
  return R_PASS;
}

INLINE u16 fold(u64 sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (u16)~sum;
}

/* Answers a SYN in the name of a listener of this host by the kernel's own cookie, and lets only such
 * acknowledgements pass that belong to a connection or bear a cookie. */
GLOBAL int cookies(struct xdp_md *ctx, struct packet *p) {
  if (!p) return R_UNANSWERED;
  u8 f = p->flags & 0x3f;
  int is_syn = (f & (SYN | ACK | RST)) == SYN;
  if (!is_syn && f & (SYN | RST)) return R_PASS;
  if (!holds_port(P_COOKIES, p->target_port)) return R_PASS;
  union sock_tuple tuple = {};
  struct bpf_sock *sk;
  /* The verifier wants lengths that it knows: one call for each family. */
  if (p->family == 4) {
    tuple.v4.source = p->source[0]; tuple.v4.target = p->target[0];
    tuple.v4.source_port = swap16(p->source_port); tuple.v4.target_port = swap16(p->target_port);
    sk = skc_lookup_tcp(ctx, &tuple, sizeof(tuple.v4), -1, 0);
  } else {
    for (int i = 0; i < 4; i++) { tuple.v6.source[i] = p->source[i]; tuple.v6.target[i] = p->target[i]; }
    tuple.v6.source_port = swap16(p->source_port); tuple.v6.target_port = swap16(p->target_port);
    sk = skc_lookup_tcp(ctx, &tuple, sizeof(tuple.v6), -1, 0);
  }
  if (!sk) return R_NO_LISTENER;
  if (sk->state != TCP_LISTEN) { sk_release(sk); return R_PASS; }
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  u32 ip_at = p->ip_at, tcp_len = p->offset * 4;
  PIN(ip_at);
  if (ip_at > 22 || tcp_len < 20 || tcp_len > 60) { sk_release(sk); return R_UNANSWERED; }
  void *ip_head = data + ip_at;
  struct tcp *tcp;
  /* Copies of the headers: the helpers want memory of a known size. */
  u32 ip[10] = {}, segment[15] = {};
  if (p->family == 4) {
    struct ip4 *h = ip_head;
    if ((void *)(h + 1) > end || p->ihl != 5) { sk_release(sk); return R_UNANSWERED; }
    __builtin_memcpy(ip, h, 20);
    tcp = (void *)(h + 1);
  } else {
    struct ip6 *h = ip_head;
    if ((void *)(h + 1) > end || p->carried_at != ip_at + 40) { sk_release(sk); return R_UNANSWERED; }
    __builtin_memcpy(ip, h, 40);
    tcp = (void *)(h + 1);
  }
  if ((void *)(tcp + 1) > end) { sk_release(sk); return R_UNANSWERED; }
  __builtin_memcpy(segment, tcp, 20);
  if (!is_syn) {
    long checked = p->family == 4 ? check_cookie(sk, ip, 20, segment, 20) : check_cookie(sk, ip, 40, segment, 20);
    sk_release(sk);
    return checked == 0 ? R_COOKIE_GOOD : checked == -ENOENT ? R_COOKIE_BAD : R_UNANSWERED;
  }
#pragma unroll
  for (int i = 5; i < 15; i++) {
    void *option = (void *)tcp + i * 4;
    if (i >= p->offset || option + 4 > end) break;
    __builtin_memcpy(&segment[i], option, 4);
  }
  s64 cookie = p->family == 4 ? gen_cookie(sk, ip, 20, segment, tcp_len) : gen_cookie(sk, ip, 40, segment, tcp_len);
  sk_release(sk);
  if (cookie < 0) return R_UNANSWERED;
  u32 answer[6] = {};
  struct tcp *syn_ack = (void *)answer;
  syn_ack->source = swap16(p->target_port); syn_ack->target = swap16(p->source_port);
  syn_ack->seq = swap32((u32)cookie); syn_ack->ack = swap32(swap32(((struct tcp *)segment)->seq) + 1);
  syn_ack->offset = 6 << 4; syn_ack->flags = SYN | ACK; syn_ack->window = 0xffff;
  /* The segment size alone: scale and SACK would need timestamps that the kernel does not offset. */
  answer[5] = swap32(0x02040000 | ((cookie >> 32) & 0xffff));
  s64 sum = csum_diff(0, 0, answer, 24, 0);
  if (p->family == 4) sum += (u64)ip[3] + ip[4];
  else for (int i = 2; i < 10; i++) sum += ip[i];
  sum += swap16(TCP) + swap16(24);
  syn_ack->csum = fold(sum);
  u32 ip_len = p->family == 4 ? 20 : 40;
  if (adjust_tail(ctx, (int)(ip_at + ip_len + 24 - p->frame_len))) return R_UNANSWERED;
  data = (void *)(long)ctx->data;
  end = (void *)(long)ctx->data_end;
  struct eth *eth = data;
  if ((void *)(eth + 1) > end) return R_UNANSWERED;
  u8 mac[6];
  __builtin_memcpy(mac, eth->target, 6);
  __builtin_memcpy(eth->target, eth->source, 6);
  __builtin_memcpy(eth->source, mac, 6);
  if (p->family == 4) {
    struct ip4 *h = data + ip_at;
    if ((void *)(h + 1) + 24 > end) return R_UNANSWERED;
    u32 head[5] = {};
    struct ip4 *own = (void *)head;
    own->version_ihl = 0x45; own->len = swap16(44); own->frag = swap16(0x4000); own->ttl = 64; own->proto = TCP;
    own->source = ip[4]; own->target = ip[3];
    own->csum = fold(csum_diff(0, 0, head, 20, 0));
    __builtin_memcpy(h, head, 20);
    __builtin_memcpy(h + 1, answer, 24);
  } else {
    struct ip6 *h = data + ip_at;
    if ((void *)(h + 1) + 24 > end) return R_UNANSWERED;
    h->version_class_flow = swap32(0x60000000); h->payload_len = swap16(24); h->next = TCP; h->hop_limit = 64;
    for (int i = 0; i < 4; i++) { h->source[i] = ip[6 + i]; h->target[i] = ip[2 + i]; }
    __builtin_memcpy(h + 1, answer, 24);
  }
  return R_COOKIE_SENT;
}

INLINE void sample(struct xdp_md *ctx, struct packet *p, u32 every, u8 verdict, u8 reason) {
  u32 zero = 0, *turn = map_lookup(&TURN, &zero);
  if (!turn || ++*turn < every) return;
  *turn = 0;
  struct sample *s = ring_reserve(&SAMPLES, sizeof(*s), 0);
  if (!s) return;
  s->at_ns = coarse_ns(); s->ifindex = ctx->ingress_ifindex; s->signature = p->signature; s->len = p->frame_len;
  s->verdict = verdict; s->reason = reason; s->reserved[0] = s->reserved[1] = 0;
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  u32 captured = 0;
#pragma unroll
  for (int i = 0; i < 16; i++) {
    if (data + i * 8 + 8 > end) break;
    __builtin_memcpy(&s->head[i * 8], data + i * 8, 8);
    captured = i * 8 + 8;
  }
  s->captured = captured;
  ring_submit(s, 0);
}

/* Whether drops count: armed, and user space alive. */
INLINE int is_armed(u32 flags, u64 *now) {
  if (!(flags & F_ARMED)) return 0;
  u32 zero = 0;
  struct beat *beat = map_lookup(&BEAT, &zero);
  return beat && (!beat->at_ns || clock(now) < beat->at_ns + beat->stale_ns);
}

INLINE int decide(struct xdp_md *ctx) {
  struct packet p = {};
  u32 zero = 0;
  u64 now = 0;
  struct config *c = map_lookup(&CONFIG, &zero);
  if (!c) return XDP_PASS;
  u32 flags = c->flags;
  int reason = parse(ctx, &p), armed = -1;
  if (reason == R_CONTROL) goto out;
  if (reason != R_PASS) {
    /* What cannot be read may be the operator's: its address decides, where it has one. */
    if (p.family && is_live(find_net(&ALLOW4, &ALLOW6, &p), &now)) reason = R_ALLOWED;
    else if (!(flags & F_SANITY)) reason = R_PASS;
    goto out;
  }
  if (is_control(&p) && !(p.protocol == UDP && is_dhcp_over(c, &now))) { reason = R_CONTROL; goto out; }
  struct front front = {};
  if (flags & F_HOSTS && p.family == 4) {
    /* Known there is who was not allowed when he was found. */
    front = front_of(p.source[0]);
    u64 until = front_until(&front);
    if (until && until > clock(&now) >> FRONT_UNIT) { reason = R_HOST; goto out; }
  }
  if (is_live(find_net(&ALLOW4, &ALLOW6, &p), &now)) { reason = R_ALLOWED; goto out; }
  if (flags & F_HOSTS) {
    u64 key = party(&p);
    struct entry *host = p.family == 4 ? map_lookup(&HOST4, &p.source[0]) : map_lookup(&HOST6, &key);
    if (is_live(host, &now)) {
      if (p.family == 4) front_put(&front, host, clock(&now));
      reason = R_HOST;
      goto out;
    }
  }
  if (flags & F_NETS && is_live(find_net(&NET4, &NET6, &p), &now)) { reason = R_NET; goto out; }
  if (flags & F_CLASSES && is_blocked_class(&p, &now)) { reason = R_CLASS; goto out; }
  if (flags & F_SANITY) { reason = sanity(&p); if (reason) goto out; }
  if (flags & F_FRAGMENTS && p.piece) { reason = R_FRAGMENT; goto out; }
  if (p.protocol == UDP && p.piece != LATER_PIECE) {
    if (flags & F_REFLECTORS && holds_port(P_REFLECTORS, p.source_port)) { reason = R_REFLECTOR; goto out; }
    if (flags & F_SERVED && !holds_port(P_SERVED_UDP, p.target_port)) { reason = R_UNSERVED; goto out; }
  }
  if (flags & F_SIGNATURES) { reason = signatures(&p, c->half, &now); if (reason) goto out; }
  if (flags & F_SOURCES) { reason = source_budget(&p, c, &now); if (reason) goto out; }
  if (flags & F_COOKIES && p.protocol == TCP && !p.piece) {
    armed = is_armed(flags, &now);
    /* An answer cannot be tried without being given. */
    if (armed) reason = cookies(ctx, &p);
  }
out:;
  u8 verdict = reason < R_COOKIE_SENT ? XDP_PASS : reason == R_COOKIE_SENT ? XDP_TX : XDP_DROP;
  if (verdict == XDP_DROP) {
    if (armed < 0) armed = is_armed(flags, &now);
    if (!armed) verdict = XDP_PASS;
  }
  u32 key = reason;
  struct counter *count = map_lookup(&COUNTS, &key);
  if (count) { count->packets++; count->bytes += p.frame_len; }
  if (flags & F_SAMPLES) sample(ctx, &p, c->sample_every, verdict, reason);
  return verdict;
}

SEC("xdp") int seawall(struct xdp_md *ctx) { return decide(ctx); }

/* The same for measurements, over one source after the other: the frame of a test
 * run is as the run before left it, so that what it carries says which source is next. */
SEC("xdp") int walk(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  struct walk w;
  if (data + 42 + sizeof(w) > end) return XDP_ABORTED;
  __builtin_memcpy(&w, data + 42, sizeof(w));
  u32 source = swap32(w.first + ((w.at * w.step) & w.spread));
  w.at = (w.at + 1) & w.last;
  __builtin_memcpy(data + 26, &source, 4);
  __builtin_memcpy(data + 42, &w, sizeof(w));
  return decide(ctx);
}

/* What tests and measurements attach instead: everything passes, and everything is dropped. */
SEC("xdp") int pass_all(struct xdp_md *ctx) { return XDP_PASS; }
SEC("xdp") int drop_all(struct xdp_md *ctx) { return XDP_DROP; }
/* The same after the headers were read, which an empty program never fetches. */
SEC("xdp") int drop_read(struct xdp_md *ctx) {
  struct packet p = {};
  return parse(ctx, &p) == R_PASS ? XDP_DROP : XDP_PASS;
}

/* A checksum once one address became another (RFC 1624). */
INLINE void refit(u16 *check, u32 old, u32 new) {
  u32 sum = (u16)~*check + (u16)~old + (u16)~(old >> 16) + (u16)new + (u16)(new >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  *check = ~sum;
}

/* A source of traffic for tests: an IPv4 frame with a random source inside reserved networks, redirected.
 * The frame is written anew each time: a page that comes back holds what its receiver made of it. */
SEC("xdp") int generate(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  u32 zero = 0, old, source;
  struct config *c = map_lookup(&CONFIG, &zero);
  struct frame *frame = map_lookup(&FRAME, &zero);
  if (!c || !frame || data + sizeof(*frame) > end) return XDP_DROP;
  __builtin_memcpy(data, frame, sizeof(*frame));
  if (c->sample_every) {
    __builtin_memcpy(&old, data + 26, 4);
    /* 198.18.0.0/15 is set aside for benchmarks (RFC 2544). */
    source = swap32(0xc6120000 | (random32() & 0x1ffff & c->sample_every));
    __builtin_memcpy(data + 26, &source, 4);
    refit(data + 24, old, source);
    if (*(u8 *)(data + 23) == TCP) refit(data + 50, old, source);
  }
  return redirect(c->half, 0);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
