use super::*;

const SETTINGS_OF_OURS: [u8; 6] = [0, 3, 0, 0, 0, 100];

fn reset(code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, 1, &code.to_be_bytes())
}

#[test]
fn resets_that_a_client_provoked_have_a_budget() {
    for code in [0x1, 0x3, 0x5, 0x6, 0x9, 0xb] {
        let mut resets = OutboundResets::default();
        assert_eq!(resets.feed(&frame(SETTINGS, 0, 0, &SETTINGS_OF_OURS)), Ok(()));
        for _ in 0..PROVOKED_RESETS_MAX {
            assert_eq!(resets.feed(&reset(code)), Ok(()));
            assert_eq!(resets.feed(&frame(DATA, 0, 3, &[3; 50])), Ok(()));
        }
        assert_eq!(resets.feed(&reset(code)), Err(FrameFault::ProvokedResets));
        assert_eq!(resets.feed(&[]), Err(FrameFault::ProvokedResets), "a fault stays");
    }
}

#[test]
fn resets_of_our_own_making_are_counted_and_borne() {
    let mut resets = OutboundResets::default();
    for code in [0x0, 0x2, 0x7, 0x8, 0xd, 0x100] {
        assert_eq!(resets.feed(&reset(code).repeat(50)), Ok(()));
    }
    assert_eq!((resets.sent(), resets.provoked()), (300, 0));
}

#[test]
fn a_reset_is_counted_when_its_last_byte_is_sent() {
    let bytes = [frame(DATA, 1, 1, b"x"), reset(0x3)].concat();
    let mut resets = OutboundResets::new(0);
    let (last, before) = bytes.split_last().unwrap();
    for byte in before {
        assert_eq!(resets.feed(&[*byte]), Ok(()));
    }
    assert_eq!(resets.feed(&[*last]), Err(FrameFault::ProvokedResets));
}
