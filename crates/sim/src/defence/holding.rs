//! What a defence keeps from the origins of requests that come or are read slowly.

use std::time::Duration;

/// What a defence keeps from the origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// It takes heads to their end before it asks the origin, but waits no longer than this.
    pub head_max: Option<Duration>,
    /// How long it lets a body trickle in.
    pub body_max: Option<Duration>,
    /// When the origin gets to see a body.
    pub bodies: Passing,
    /// When a client gets to see an answer.
    pub answers: Passing,
    /// It cuts readers off that take fewer bytes a second, after [`Self::SLOW_READ_GRACE`].
    pub reads_per_s_min: u32,
    /// The same while it hurries readers, after [`Self::HURRIED_GRACE`].
    pub hurried_per_s_min: u32,
    /// Who ends TLS.
    pub tls: EndsTls,
}

/// When something is passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// As it comes: who sends or reads slowly is slow to the other side too.
    AsItComes,
    /// Once it is there whole: the other side never meets a slow one.
    Whole,
    /// Once it is there whole, or after a while where a place can be spared for it; only of bodies.
    Ahead,
}

/// Who ends TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndsTls {
    /// The origin.
    Origin,
    /// The defence.
    Defence,
}

impl Holding {
    /// How long a reader may be too slow.
    pub const SLOW_READ_GRACE: Duration = Duration::from_secs(10);
    /// The same while it hurries readers, and those that send.
    pub const HURRIED_GRACE: Duration = Duration::from_secs(2);
    /// How long a body is waited for where a place can be spared.
    pub const AHEAD_PATIENCE: Duration = Duration::from_millis(20);
    /// How often it is looked whether one can by now.
    pub const AHEAD_LOOK: Duration = Duration::from_millis(500);

    /// Nothing at all.
    pub const NOTHING: Self = Self {
        head_max: None,
        body_max: None,
        bodies: Passing::AsItComes,
        answers: Passing::AsItComes,
        reads_per_s_min: 0,
        hurried_per_s_min: 0,
        tls: EndsTls::Origin,
    };

    /// A proxy as it is usually set: nginx by its defaults.
    ///
    /// Heads and bodies are read whole within a minute before the origin is asked, answers are taken
    /// off it whole, and a reader that takes anything at all is not cut off.
    /// Source: nginx's documentation of `client_header_timeout`, `client_body_timeout`,
    /// `proxy_request_buffering`, `proxy_buffering` and `send_timeout`.
    pub const PROXY: Self = Self {
        head_max: Some(Duration::from_mins(1)),
        body_max: Some(Duration::from_mins(1)),
        bodies: Passing::Whole,
        answers: Passing::Whole,
        reads_per_s_min: 0,
        hurried_per_s_min: 0,
        tls: EndsTls::Defence,
    };

    /// The shield by its defaults: `timeouts.header` and `timeouts.body` of 10 s; an answer moves at
    /// least 4 KiB in the 10 s of `timeouts.send`, and in 2 s while others need its place; bodies are read ahead and
    /// answers stream.
    pub const SHIELD: Self = Self {
        head_max: Some(Duration::from_secs(10)),
        body_max: Some(Duration::from_secs(10)),
        bodies: Passing::Ahead,
        answers: Passing::AsItComes,
        reads_per_s_min: 410,
        hurried_per_s_min: 2_048,
        tls: EndsTls::Defence,
    };
}
