//! Why a packet was passed, answered or dropped: a closed list, in the order of the counters.

/// What happens to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PacketVerdict {
    /// It goes on.
    Pass,
    /// It was answered.
    Answer,
    /// It is dropped.
    Drop,
}

impl PacketVerdict {
    /// Its word in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Answer => "answer",
            Self::Drop => "drop",
        }
    }
}

macro_rules! reasons {
    ($($name:ident $word:literal $meaning:literal,)*) => {
        /// Why.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Reason {
            $(#[doc = $meaning] $name,)*
        }

        impl Reason {
            /// All of them, by their number.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            /// Its word in metrics.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Its meaning, for people.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

reasons! {
    Pass "pass" "nothing speaks against it",
    Allowed "allowed" "its source is on the allow list or the guard list",
    Control "control" "not of the Internet protocol, or neighbour discovery, path MTU, DHCP, groups",
    CookieGood "cookie-good" "it bears a cookie of ours",
    NoListener "no-listener" "nobody listens there: the kernel answers",
    Unanswered "unanswered" "no cookie could be made: the kernel decides",
    CookieSent "cookie-sent" "a SYN that was answered with a cookie",
    Malformed "malformed" "its lengths do not fit",
    Extensions "extensions" "extension headers that nobody should send",
    Land "land" "its source is its target",
    Bogon "bogon" "its source cannot be a source",
    TcpFlags "tcp-flags" "flags that no connection has",
    Fragment "fragment" "a piece of a packet",
    Host "host" "its source is blocked",
    Net "net" "the network of its source is blocked",
    Class "class" "the class of its source's network is blocked",
    Reflector "reflector" "it comes from a port that is used for reflection",
    Signature "signature" "it fits a signature",
    SignatureRate "signature-rate" "it fits a signature that is over its rate",
    SourcePackets "source-packets" "its source sends more packets than it may",
    SourceSyns "source-syns" "its source opens more connections than it may",
    CookieBad "cookie-bad" "it belongs to no connection and bears no cookie",
    Unserved "unserved" "a datagram to a port that is not served",
}

impl Reason {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The reason of a counter.
    pub fn of(index: u8) -> Option<Self> {
        Self::ALL.get(usize::from(index)).copied()
    }

    /// What happens to a packet for this reason, while the layer is armed.
    pub fn verdict(self) -> PacketVerdict {
        match self {
            Self::CookieSent => PacketVerdict::Answer,
            passed if passed < Self::CookieSent => PacketVerdict::Pass,
            _ => PacketVerdict::Drop,
        }
    }
}
