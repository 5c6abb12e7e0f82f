/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 * What the program uses of the kernel's stable BPF interface, and nothing else.
 * Numbers and layouts are those of that interface, so that clang alone builds the program. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define INLINE static __attribute__((always_inline)) inline
/* A function that the verifier checks once, by itself, instead of once for each way to it. */
#define GLOBAL __attribute__((noinline))
/* Keeps the compiler from moving a bound away from the value that it bounds. */
#define PIN(x) asm volatile("" : "+r"(x))
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name
#define swap16 __builtin_bswap16
#define swap32 __builtin_bswap32

enum { MAP_HASH = 1, MAP_ARRAY = 2, MAP_PERCPU_ARRAY = 6, MAP_LRU_HASH = 9, MAP_LPM_TRIE = 11, MAP_RINGBUF = 27 };
enum { NO_PREALLOC = 1, MMAPABLE = 1024 };
enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };
enum { TCP_LISTEN = 10 };
#define ENOENT 2

struct xdp_md { u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
struct bpf_sock {
  u32 bound_dev_if, family, type, protocol, mark, priority, src_ip4, src_ip6[4], src_port;
  u16 dst_port, padding;
  u32 dst_ip4, dst_ip6[4], state;
  s32 rx_queue_mapping;
};
union sock_tuple {
  struct { u32 source, target; u16 source_port, target_port; } v4;
  struct { u32 source[4], target[4]; u16 source_port, target_port; } v6;
};

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u32 (*random32)(void) = (void *)7;
static long (*redirect)(u32 ifindex, u64 flags) = (void *)23;
static s64 (*csum_diff)(u32 *from, u32 from_size, u32 *to, u32 to_size, u32 seed) = (void *)28;
static long (*adjust_tail)(struct xdp_md *ctx, int delta) = (void *)65;
static long (*sk_release)(void *sk) = (void *)86;
static struct bpf_sock *(*skc_lookup_tcp)(void *ctx, void *tuple, u32 size, u64 netns, u64 flags) = (void *)99;
static long (*check_cookie)(void *sk, void *ip, u32 ip_size, void *tcp, u32 tcp_size) = (void *)100;
static s64 (*gen_cookie)(void *sk, void *ip, u32 ip_size, void *tcp, u32 tcp_size) = (void *)110;
static void *(*ring_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*ring_submit)(void *data, u64 flags) = (void *)132;
/* The monotonic clock to a tick of the scheduler: a quarter of the price of the exact one. */
static u64 (*coarse_ns)(void) = (void *)160;

struct eth { u8 target[6], source[6]; u16 proto; } __attribute__((packed));
struct vlan { u16 tag, proto; } __attribute__((packed));
struct ip4 { u8 version_ihl, tos; u16 len, id, frag; u8 ttl, proto; u16 csum; u32 source, target; } __attribute__((packed, aligned(2)));
struct ip6 { u32 version_class_flow; u16 payload_len; u8 next, hop_limit; u32 source[4], target[4]; } __attribute__((packed, aligned(2)));
struct tcp { u16 source, target; u32 seq, ack; u8 offset, flags; u16 window, csum, urgent; } __attribute__((packed, aligned(2)));
struct udp { u16 source, target, len, csum; } __attribute__((packed, aligned(2)));
