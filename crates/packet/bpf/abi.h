/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 * What the program and user space share; src/abi.rs says the same, and a test compares the sizes. */
#pragma once

#define SIGNATURES_MAX 256
#define CLASSES_MAX 256
#define PORT_BUCKETS 256

/* Why a packet was passed, answered or dropped; the counters are indexed by it. */
enum reason {
  R_PASS,
  R_ALLOWED,
  R_CONTROL, /* not of the Internet protocol, neighbour discovery, path MTU, DHCP, groups */
  R_COOKIE_GOOD,
  R_NO_LISTENER,
  R_UNANSWERED, /* a cookie could not be made: the kernel decides */
  R_COOKIE_SENT, /* answered */
  R_MALFORMED, /* from here on: dropped */
  R_EXTENSIONS,
  R_LAND,
  R_BOGON,
  R_TCP_FLAGS,
  R_FRAGMENT,
  R_HOST,
  R_NET,
  R_CLASS,
  R_REFLECTOR,
  R_SIGNATURE,
  R_SIGNATURE_RATE,
  R_SOURCE_PACKETS,
  R_SOURCE_SYNS,
  R_COOKIE_BAD,
  R_UNSERVED,
  R_COUNT
};

/* Which stages act. Nothing is dropped without F_ARMED. */
enum flag {
  F_ARMED = 1,
  F_SANITY = 2,
  F_FRAGMENTS = 4,
  F_HOSTS = 8,
  F_NETS = 16,
  F_CLASSES = 32,
  F_REFLECTORS = 64,
  F_SIGNATURES = 128,
  F_SOURCES = 256,
  F_SOURCES_FROZEN = 512, /* sources look forged: no new ones are learned */
  F_COOKIES = 1024,
  F_SERVED = 2048,
  F_SAMPLES = 4096
};

enum port_set { P_REFLECTORS, P_COOKIES, P_SERVED_UDP, P_COUNT };
enum action { A_DROP, A_RATE, A_COUNT };

struct config {
  u32 flags, sample_every;
  u64 packet_ns, packet_burst_ns, syn_ns, syn_burst_ns;
  u32 half, reserved; /* which half of the signatures is in force */
  u64 dhcp_ns, dhcp_burst_ns; /* of all DHCP together; 0: it has no rate */
};
/* The last sign of life of user space; 0: it never dies. */
struct beat { u64 at_ns, stale_ns; };
struct entry { u64 expires_ns; }; /* 0: never */
struct counter { u64 packets, bytes; };
struct source { u64 packet_due_ns, syn_due_ns; };
struct range { u16 first, count; };
struct signature {
  u64 mask[4], value[4];
  u16 len_min, len_max;
  u8 ttl_min, ttl_max, action, reserved;
  u32 id, reserved2;
  u64 expires_ns, rate_ns, burst_ns;
};
/* Signatures in the order of their ranges: of any protocol, of one protocol, of a target's port, of a
 * source's port. */
struct signatures {
  struct range any, protocol[4], target[PORT_BUCKETS], source[PORT_BUCKETS];
  u32 count;
  struct signature list[SIGNATURES_MAX];
};
struct ports { u64 bits[1024]; };
struct page { u8 class[4096]; };
struct sample {
  u64 at_ns;
  u32 ifindex, signature;
  u16 len, captured;
  u8 verdict, reason, reserved[2];
  u8 head[128];
};
