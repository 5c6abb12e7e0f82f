use super::*;
use seawall_types::PlatformId;

/// A shield that started at noon of 2026-03-01.
pub(crate) fn identity() -> Identity {
    Identity {
        node: "a".to_owned(),
        version: "0.1.0".to_owned(),
        started: Instant::now(),
        started_wall: WallTime(1_772_366_400_000),
    }
}

/// The same, with no connections.
pub(crate) fn shared() -> (Arc<Shared>, mpsc::Receiver<Command>) {
    Shared::new(identity(), Arc::new(Vec::new))
}

/// An effect that readers are told of.
pub(crate) fn relieved(at: Moment) -> Effect {
    Effect::Relieved(seawall_engine::effect::Relieved {
        platform: PlatformId(0),
        at,
        began_at: Moment(0),
        pressure: 0.5,
    })
}

#[test]
fn a_command_too_many_is_told_so_at_once() {
    let (shared, mut taken) = shared();
    for _ in 0..COMMANDS_MAX {
        let (reply, _) = oneshot::channel();
        shared.command(Command::Reload { reply });
    }
    let (reply, mut answer) = oneshot::channel();
    shared.command(Command::Reload { reply });
    assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed));

    assert!(taken.try_recv().is_ok());
    let (reply, mut answer) = oneshot::channel();
    shared.command(Command::Reload { reply });
    assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty));
}

#[test]
fn announcing_without_readers_keeps_nothing() {
    let (shared, _taken) = shared();
    shared.announce(&relieved(Moment(0)));
    let mut reader = shared.subscribe();
    assert!(reader.try_recv().is_err());
}
