use super::End::{Left, LineFull, Lost, Refused, Served, TimedOut};
use super::*;
use proptest::prelude::*;
use seawall_types::Moment;

const CLIENTS_MAX: u32 = 64;

fn at(ms: u64) -> Moment {
    Moment(ms * 1_000_000)
}

fn plain(cost_ms: u64, bytes: u64) -> Work {
    Work { cost: Duration::from_millis(cost_ms), bytes, manner: Manner::Plain }
}

/// What is done to an origin, and when.
#[derive(Debug, Clone, Copy)]
enum Act {
    Offer(FlightId, Work),
    Gone(FlightId),
    Trouble(Trouble),
}

/// Plays acts and goes on until the origin is quiet or an hour is over: ends with their milliseconds.
fn play(spec: &OriginSpec, acts: &[(u64, Act)]) -> Vec<(u64, FlightId, End)> {
    let mut origin = Origin::new(spec);
    let mut ends = Vec::new();
    let mut acts = acts.iter().copied().peekable();
    let mut now = at(0);
    loop {
        let due = origin.next_deadline().map(|due| due.max(now));
        let next_act = acts.peek().map(|(ms, _)| at(*ms));
        let Some(next) = due.into_iter().chain(next_act).min().filter(|next| *next < at(3_600_000))
        else {
            break;
        };
        now = next;
        origin.on_deadline(now);
        if next_act == Some(next)
            && let Some((_, act)) = acts.next()
        {
            match act {
                Act::Offer(flight, work) => origin.offer(now, flight, work),
                Act::Gone(flight) => origin.left(now, flight),
                Act::Trouble(trouble) => origin.trouble(now, trouble),
            }
        }
        while let Some(Done { flight, end }) = origin.poll_done() {
            ends.push(((now.0 + 500_000) / 1_000_000, flight, end));
        }
    }
    if acts.peek().is_none() {
        assert_eq!((origin.present(), origin.in_line()), (0, 0));
    }
    ends
}

fn offers(work: Work, times_ms: &[u64]) -> Vec<(u64, Act)> {
    (0..).zip(times_ms).map(|(flight, ms)| (*ms, Act::Offer(flight, work))).collect()
}

fn spec(workers: u16, line: u32) -> OriginSpec {
    OriginSpec { workers, line, ..OriginSpec::default() }
}

#[test]
fn workers_take_requests_in_order_and_a_full_line_is_said_at_once() {
    let ends = play(&spec(1, 2), &offers(plain(10, 0), &[0, 1, 2, 3]));
    assert_eq!(ends, [(3, 3, LineFull), (10, 0, Served), (20, 1, Served), (30, 2, Served)]);
}

#[test]
fn requests_share_the_cores_evenly() {
    // One core: alone for 4 of 10 ms, then two at half speed until the second, of 3 ms, is done.
    let acts = [(0, Act::Offer(0, plain(10, 0))), (4, Act::Offer(1, plain(3, 0)))];
    let cores = OriginSpec { model: Model::Cores, ..spec(1, 8) };
    assert_eq!(play(&cores, &acts), [(10, 1, Served), (13, 0, Served)]);
    let two = OriginSpec { model: Model::Cores, ..spec(2, 8) };
    assert_eq!(play(&two, &acts), [(7, 1, Served), (10, 0, Served)]);
}

#[test]
fn half_the_speed_takes_twice_as_long_for_what_comes_after() {
    for model in [Model::Workers, Model::Cores] {
        let acts = [
            (0, Act::Trouble(Trouble::Speed(0.5))),
            (0, Act::Offer(0, plain(10, 0))),
            (50, Act::Trouble(Trouble::Speed(1.0))),
            (50, Act::Offer(1, plain(10, 0))),
        ];
        let ends = play(&OriginSpec { model, ..spec(1, 8) }, &acts);
        assert_eq!(ends, [(20, 0, Served), (60, 1, Served)], "{model:?}");
    }
}

#[test]
fn contention_makes_an_origin_do_less_the_more_it_is_asked() {
    let served = |contention: f64, every_ms: usize| {
        let times: Vec<u64> = (0..10_000).step_by(every_ms).collect();
        let ends = play(&OriginSpec { contention, ..spec(2, 64) }, &offers(plain(20, 0), &times));
        ends.iter().filter(|(ms, _, end)| *ms < 10_000 && *end == Served).count()
    };
    assert!(served(0.0, 2) > 990, "{}", served(0.0, 2));
    assert!(served(0.2, 10) > 950, "{}", served(0.2, 10));
    // 64 in line before two workers: work takes 1 + 0.2 · 64 / 2 = 7.4 times as long.
    assert!(served(0.2, 2) < 220, "{}", served(0.2, 2));
}

#[test]
fn a_request_that_takes_too_long_is_told_so_and_its_work_goes_on() {
    let one = OriginSpec { timeout_s: 0.1, ..spec(1, 8) };
    let acts = [(0, Act::Offer(0, plain(150, 0))), (40, Act::Offer(1, plain(10, 0)))];
    assert_eq!(play(&one, &acts), [(100, 0, TimedOut), (140, 1, TimedOut)]);
    let acts = [(0, Act::Offer(0, plain(150, 0))), (60, Act::Offer(1, plain(5, 0)))];
    assert_eq!(play(&one, &acts), [(100, 0, TimedOut), (155, 1, Served)]);
}

#[test]
fn answers_share_the_link_and_a_slow_reader_takes_no_more_than_it_reads() {
    let link = OriginSpec { link_bytes_per_s: Some(1_000.0), ..spec(8, 8) };
    let slow = Work { manner: Manner::SlowRead(100), ..plain(0, 1_000) };
    let acts = [
        (0, Act::Offer(0, slow)),
        (0, Act::Offer(1, plain(0, 900))),
        (0, Act::Offer(2, plain(0, 900))),
    ];
    // 100 for the slow one and 450 for each other, then 900 bytes a second go unused.
    let ends = play(&link, &acts);
    assert_eq!(ends, [(2_000, 1, Served), (2_000, 2, Served), (10_000, 0, Served)]);
}

#[test]
fn what_leaves_the_link_makes_room_for_others() {
    let link = OriginSpec { link_bytes_per_s: Some(1_000.0), ..spec(8, 8) };
    let acts = [
        (0, Act::Offer(0, plain(0, 10_000))),
        (0, Act::Offer(1, plain(0, 1_500))),
        (1_000, Act::Gone(0)),
    ];
    assert_eq!(play(&link, &acts), [(1_000, 0, Left), (2_000, 1, Served)]);
    let acts = [(0, Act::Offer(0, plain(0, 1_000))), (500, Act::Trouble(Trouble::Link(0.5)))];
    assert_eq!(play(&link, &acts), [(1_500, 0, Served)]);
}

#[test]
fn slow_senders_and_readers_hold_a_thread_but_not_an_event_loop() {
    let head = Manner::SlowHead(Duration::from_secs(5));
    for (slow, bytes) in [
        (head, 0),
        (Manner::SlowBody(Duration::from_secs(5)), 0),
        (Manner::SlowRead(1_000), 305_000),
        (Manner::Socket(Duration::from_secs(5)), 0),
    ] {
        let acts = [
            (0, Act::Offer(0, Work { manner: slow, ..plain(0, bytes) })),
            (10, Act::Offer(1, plain(10, 0))),
        ];
        let served_at = |holds, buffer_bytes| {
            let spec = OriginSpec { holds, buffer_bytes, timeout_s: 600.0, ..spec(1, 8) };
            let ends = play(&spec, &acts);
            ends.iter().find(|(_, flight, _)| *flight == 1).unwrap().0
        };
        assert_eq!(served_at(Holds::Connection, 300_000), 20, "{slow:?}");
        assert_eq!(served_at(Holds::Worker, 300_000), 5_010, "{slow:?}");
        if bytes > 0 {
            // What fits into the system's buffers holds nobody.
            assert_eq!(served_at(Holds::Worker, 400_000), 20, "{slow:?}");
        }
    }
}

#[test]
fn connections_are_bounded_even_where_they_hold_no_worker() {
    let slow = Work { manner: Manner::SlowHead(Duration::from_secs(5)), ..plain(1, 0) };
    let few = OriginSpec { connections: 2, ..spec(4, 8) };
    let mut acts = offers(slow, &[0, 1, 2]);
    acts.push((6_000, Act::Offer(3, plain(1, 0))));
    let ends = play(&few, &acts);
    assert_eq!(ends[0], (2, 2, Refused));
    assert_eq!(ends[3], (6_001, 3, Served));
}

#[test]
fn requests_of_a_server_that_dies_are_lost_and_the_others_take_the_rest() {
    let pair = OriginSpec { servers: 2, ..spec(1, 8) };
    let mut acts = offers(plain(100, 0), &[0, 1, 2, 3]);
    acts.push((50, Act::Trouble(Trouble::Dies(0))));
    acts.push((60, Act::Offer(4, plain(1, 0))));
    acts.push((400, Act::Trouble(Trouble::Dies(1))));
    acts.push((401, Act::Offer(5, plain(1, 0))));
    acts.push((402, Act::Trouble(Trouble::Returns(0))));
    acts.push((403, Act::Offer(6, plain(1, 0))));
    assert_eq!(
        play(&pair, &acts),
        [
            (50, 0, Lost),
            (50, 2, Lost),
            (101, 1, Served),
            (201, 3, Served),
            (202, 4, Served),
            (401, 5, Refused),
            (404, 6, Served),
        ]
    );
}

#[test]
fn a_server_that_hangs_is_passed_over_once_a_request_has_timed_out_there() {
    for model in [Model::Workers, Model::Cores] {
        let pair = OriginSpec { servers: 2, timeout_s: 1.0, model, ..spec(1, 8) };
        let mut acts = vec![(0, Act::Trouble(Trouble::Hangs(0)))];
        acts.extend(offers(plain(1, 0), &[10, 20, 30, 40, 1_100, 1_200]));
        acts.push((2_000, Act::Trouble(Trouble::Returns(0))));
        let ends = play(&pair, &acts);
        let of = |end: End| {
            let mut flights: Vec<_> = ends.iter().filter(|(_, _, e)| *e == end).collect();
            flights.sort_by_key(|(_, flight, _)| *flight);
            flights.into_iter().map(|(ms, flight, _)| (*ms, *flight)).collect::<Vec<_>>()
        };
        assert_eq!(of(TimedOut), [(1_010, 0), (1_030, 2)], "{model:?}");
        assert_eq!(of(Served), [(21, 1), (41, 3), (1_101, 4), (1_201, 5)], "{model:?}");
    }
}

#[test]
fn a_server_whose_line_stays_full_crashes_and_comes_back() {
    let crash = Some(Crash { after_s: 1.0, restart_s: 5.0 });
    let times: Vec<u64> = (0..10_000).step_by(10).collect();
    let ends = play(&OriginSpec { crash, ..spec(1, 4) }, &offers(plain(100, 0), &times));
    let lost: Vec<_> = ends.iter().filter(|(_, _, end)| *end == Lost).collect();
    assert_eq!(lost.first().map(|(ms, _, _)| *ms), Some(1_050));
    let refused = |(ms, _, end): &(u64, FlightId, End)| *end == Refused && *ms < 6_500;
    let refused: Vec<_> = ends.iter().filter(|row| refused(row)).map(|(ms, _, _)| *ms).collect();
    assert_eq!((refused.first(), refused.last(), refused.len()), (Some(&1_060), Some(&6_040), 499));
    assert!(ends.iter().any(|(ms, _, end)| *ms > 6_100 && *end == Served));
    // A line that is full for a moment only is no reason.
    let bursts: Vec<u64> = (0..5).flat_map(|burst| vec![burst * 2_000; 8]).collect();
    let ends = play(&OriginSpec { crash, ..spec(1, 4) }, &offers(plain(100, 0), &bursts));
    assert!(ends.iter().all(|(_, _, end)| *end != Lost));
}

fn manners() -> impl Strategy<Value = Manner> {
    prop_oneof![
        4 => Just(Manner::Plain),
        1 => (1_u64..3_000).prop_map(|ms| Manner::SlowHead(Duration::from_millis(ms))),
        1 => (1_u64..3_000).prop_map(|ms| Manner::SlowBody(Duration::from_millis(ms))),
        1 => (100_u32..5_000).prop_map(Manner::SlowRead),
        1 => (1_u64..3_000).prop_map(|ms| Manner::Socket(Duration::from_millis(ms))),
    ]
}

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let one = prop_oneof![
        12 => (manners(), 0_u64..300, 0_u64..20_000).prop_map(|(manner, cost, bytes)| {
            Act::Offer(0, Work { manner, ..plain(cost, bytes) })
        }),
        3 => (0..CLIENTS_MAX).prop_map(Act::Gone),
        1 => (0_u16..3).prop_map(|server| Act::Trouble(Trouble::Dies(server))),
        1 => (0_u16..3).prop_map(|server| Act::Trouble(Trouble::Hangs(server))),
        3 => (0_u16..3).prop_map(|server| Act::Trouble(Trouble::Returns(server))),
        1 => (0.1_f64..2.0).prop_map(|share| Act::Trouble(Trouble::Speed(share))),
        1 => (0.1_f64..2.0).prop_map(|share| Act::Trouble(Trouble::Link(share))),
    ];
    proptest::collection::vec((0_u64..40, one), 1..CLIENTS_MAX as usize).prop_map(|steps| {
        let (mut now, mut flights) = (0, 0..);
        let timed = steps.into_iter().map(|(wait, act)| {
            now += wait;
            match act {
                Act::Offer(_, work) => (now, Act::Offer(flights.next().unwrap_or(0), work)),
                act => (now, act),
            }
        });
        timed.collect()
    })
}

fn origins() -> impl Strategy<Value = OriginSpec> {
    (1_u16..4, 1_u16..4, 0_u32..8, any::<[bool; 4]>()).prop_map(
        |(servers, workers, line, [cores, threads, link, crash])| OriginSpec {
            servers,
            workers,
            line,
            model: if cores { Model::Cores } else { Model::Workers },
            holds: if threads { Holds::Worker } else { Holds::Connection },
            link_bytes_per_s: link.then_some(20_000.0),
            crash: crash.then_some(Crash { after_s: 0.05, restart_s: 0.3 }),
            contention: 0.1,
            connections: 32,
            timeout_s: 1.5,
            buffer_bytes: 4_000,
            ..OriginSpec::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_request_ends_once_whatever_happens(spec in origins(), mut acts in acts()) {
        // Whoever hung comes back, so that nothing hangs for ever.
        let end = acts.last().map_or(0, |(ms, _)| ms + 5_000);
        acts.extend((0..3).map(|server| (end, Act::Trouble(Trouble::Returns(server)))));
        let ends = play(&spec, &acts);
        let mut flights: Vec<_> = ends.iter().map(|(_, flight, _)| *flight).collect();
        flights.sort_unstable();
        let offered = acts.iter().filter(|(_, act)| matches!(act, Act::Offer(..))).count();
        prop_assert_eq!(flights, (0..u32::try_from(offered).unwrap()).collect::<Vec<_>>());
    }
}
