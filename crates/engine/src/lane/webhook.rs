//! Whether a webhook is from whom it says: what its sender signs, in three forms that are in use.
//!
//! | form | fields | signed |
//! | --- | --- | --- |
//! | standard | `webhook-id`, `webhook-timestamp`, `webhook-signature` (`v1,` and base64) | `id.time.body` |
//! | stripe | `stripe-signature` (`t=…,v1=…` in hexadecimal) | `time.body` |
//! | github | `x-hub-signature-256` (`sha256=` in hexadecimal) | the body |
//!
//! Gives a number by which the same message is known again; whoever asks remembers it.
//! Bounds: [`SIGNATURES_MAX`] signatures of one message, for senders that change their secret.

use crate::challenge::mac::{Mac, same};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use std::time::Duration;

/// Signatures of one message that are looked at.
pub const SIGNATURES_MAX: usize = 4;

/// How a sender signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Standard Webhooks.
    Standard,
    /// `Stripe-Signature`.
    Stripe,
    /// `X-Hub-Signature-256`.
    Github,
}

/// A sender's secret, ready.
#[derive(Debug, Clone)]
pub struct Sender {
    form: Form,
    mac: Mac,
    window_secs: u64,
}

/// A message that is from whom it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// The same for the same message.
    pub mark: u64,
}

/// Why it is not known from whom a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// It does not bear the fields of its form.
    Form,
    /// Its time is too far from ours.
    Time,
    /// No signature on it is the sender's.
    Forged,
}

impl Form {
    /// The field that holds the signature: without it there is nothing to look at.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Standard => "webhook-signature",
            Self::Stripe => "stripe-signature",
            Self::Github => "x-hub-signature-256",
        }
    }
}

impl Sender {
    /// A sender with the secret that it handed out, as text.
    ///
    /// Standard Webhooks hand it out as base64 behind `whsec_`.
    pub fn new((form, window): (Form, Duration), secret: &str) -> Self {
        let packed = secret.strip_prefix("whsec_").filter(|_| form == Form::Standard);
        let packed = packed.and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let mac = Mac::of(packed.as_deref().unwrap_or(secret.as_bytes()));
        Self { form, mac, window_secs: window.as_secs() }
    }

    /// How it signs.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Whether a message is its own; `field` gives the values of a message's fields.
    ///
    /// # Errors
    /// It is not, or not any more.
    pub fn check<'a>(
        &self,
        now_secs: u32,
        field: impl Fn(&str) -> Option<&'a [u8]>,
        body: &[u8],
    ) -> Result<Signed, Unsigned> {
        let shown = field(self.form.field()).ok_or(Unsigned::Form)?;
        let shown = str::from_utf8(shown).map_err(|_| Unsigned::Form)?;
        let (tag, signatures) = match self.form {
            Form::Standard => {
                let id = field("webhook-id").ok_or(Unsigned::Form)?;
                let time = field("webhook-timestamp").ok_or(Unsigned::Form)?;
                self.in_time(now_secs, time)?;
                let tag = self.mac.tag(&[id, b".", time, b".", body]);
                let parts = shown.split(' ').filter_map(|one| one.strip_prefix("v1,"));
                (tag, decoded(parts, |text| BASE64.decode(text).ok()))
            }
            Form::Stripe => {
                let part = |name: &'static str| {
                    let parts = shown.split(',').filter_map(|one| one.trim().split_once('='));
                    parts.filter(move |(known, _)| *known == name).map(|(_, value)| value)
                };
                let time = part("t").next().ok_or(Unsigned::Form)?.as_bytes();
                self.in_time(now_secs, time)?;
                let tag = self.mac.tag(&[time, b".", body]);
                (tag, decoded(part("v1"), |text| HEXLOWER_PERMISSIVE.decode(text).ok()))
            }
            Form::Github => {
                let parts = shown.strip_prefix("sha256=").into_iter();
                let tag = self.mac.tag(&[body]);
                (tag, decoded(parts, |text| HEXLOWER_PERMISSIVE.decode(text).ok()))
            }
        };
        if !signatures.iter().any(|one| same(one, &tag)) {
            return Err(Unsigned::Forged);
        }
        let mut first = [0; 8];
        first.copy_from_slice(&tag[..8]);
        Ok(Signed { mark: u64::from_be_bytes(first) })
    }

    fn in_time(&self, now_secs: u32, time: &[u8]) -> Result<(), Unsigned> {
        let time: u64 =
            str::from_utf8(time).ok().and_then(|text| text.parse().ok()).ok_or(Unsigned::Form)?;
        let is_near = u64::from(now_secs).abs_diff(time) <= self.window_secs;
        is_near.then_some(()).ok_or(Unsigned::Time)
    }
}

fn decoded<'a>(
    texts: impl Iterator<Item = &'a str>,
    decode: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Vec<Vec<u8>> {
    texts.take(SIGNATURES_MAX).filter_map(|text| decode(text.as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(5);
    const NOW: u32 = 1_614_265_330;

    fn check(
        sender: &Sender,
        now_secs: u32,
        (fields, body): (&[(&str, &str)], &str),
    ) -> Result<Signed, Unsigned> {
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_bytes())
        };
        sender.check(now_secs, field, body.as_bytes())
    }

    #[test]
    fn a_standard_webhook_is_known_by_the_example_of_the_standard() {
        // From the specification's reference test: secret, id, time, body and signature.
        let sender =
            Sender::new((Form::Standard, WINDOW), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let fields = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        let body = "{\"test\": 2432232314}";
        let signed = check(&sender, NOW + 299, (&fields, body)).unwrap();
        assert_eq!(check(&sender, NOW - 300, (&fields, body)), Ok(signed));
        assert_eq!(check(&sender, NOW + 301, (&fields, body)), Err(Unsigned::Time));
        assert_eq!(check(&sender, NOW, (&fields, "{}")), Err(Unsigned::Forged));
        assert_eq!(check(&sender, NOW, (&fields[1..], body)), Err(Unsigned::Form));
        let other = Sender::new((Form::Standard, WINDOW), "whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(check(&other, NOW, (&fields, body)), Err(Unsigned::Forged));
    }

    #[test]
    fn stripes_form_takes_any_of_the_signatures_and_its_time_is_signed() {
        let sender = Sender::new((Form::Stripe, WINDOW), "whsec_test_secret");
        let good = HEXLOWER_PERMISSIVE
            .encode(&Mac::of(b"whsec_test_secret").tag(&[b"1614265330.{\"id\":1}"]));
        let shown = |time: u32| format!("t={time},v1={},v0=abc,v1={good}", "0".repeat(64));
        let asked = |time, body: &str| {
            let shown = shown(time);
            check(&sender, NOW, (&[("stripe-signature", &shown)], body))
        };
        assert!(asked(NOW, "{\"id\":1}").is_ok());
        assert_eq!(asked(NOW + 1, "{\"id\":1}"), Err(Unsigned::Forged));
        assert_eq!(asked(NOW - 400, "{\"id\":1}"), Err(Unsigned::Time));
    }

    #[test]
    fn githubs_form_is_known_by_the_example_of_its_manual() {
        // Secret, body and signature as its documentation gives them for testing.
        let sender = Sender::new((Form::Github, WINDOW), "It's a Secret to Everybody");
        let tag = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let fields = [("x-hub-signature-256", tag)];
        assert!(check(&sender, NOW, (&fields, "Hello, World!")).is_ok());
        assert_eq!(check(&sender, NOW, (&fields, "Hello, World")), Err(Unsigned::Forged));
        assert_eq!(check(&sender, NOW, (&[], "Hello, World!")), Err(Unsigned::Form));
    }

    #[test]
    fn the_same_message_is_known_again_and_another_is_not_taken_for_it() {
        let sender = Sender::new((Form::Github, WINDOW), "s");
        let mark = |body: &str| {
            let tag = HEXLOWER_PERMISSIVE.encode(&Mac::of(b"s").tag(&[body.as_bytes()]));
            let shown = format!("sha256={tag}");
            check(&sender, NOW, (&[("x-hub-signature-256", &shown)], body)).unwrap().mark
        };
        assert_eq!(mark("a"), mark("a"));
        assert_ne!(mark("a"), mark("b"));
    }
}
