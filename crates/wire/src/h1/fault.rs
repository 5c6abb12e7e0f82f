//! Why a request was not let through.

use seawall_types::Reason;
use std::fmt;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident: $reason:ident, $status:literal, $sentence:literal;)+) => {
        /// The closed list of what the gate refuses.
        ///
        /// After any of them the connection cannot be read on: nobody knows where its next request begins.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum HeadFault { $($(#[doc = $doc])+ $name,)+ }

        impl HeadFault {
            /// Every fault, in the order of its declaration.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word for metrics and records.
            pub const fn reason(self) -> Reason {
                match self { $(Self::$name => Reason::$reason,)+ }
            }

            /// Status of the answer: 400, 414, 417 or 431.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// What was wrong, for the person who sent it.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

faults! {
    /// A line ends in LF alone, which some parsers take and others do not (RFC 9112 §2.2).
    BareLf: Ambiguous, 400, "A line ends without a carriage return.";
    /// A CR that no LF follows (RFC 9112 §2.2).
    BareCr: Ambiguous, 400, "A carriage return stands inside a line.";
    /// NUL, DEL or another control byte in a head, a chunk extension or a trailer.
    Control: Malformed, 400, "The head holds a control byte.";
    /// More than one empty line before the request line, or a request line without its parts.
    RequestLine: Malformed, 400, "The request line is not method, target and version.";
    /// Not upper-case letters and hyphens, or longer than the limit.
    Method: Malformed, 400, "The method is not a word in upper case of at most 24 bytes.";
    /// CONNECT, which asks for a tunnel that this shield is not.
    Connect: Malformed, 400, "This is no forward proxy: CONNECT is not served.";
    /// A byte outside visible ASCII in the target.
    Target: Malformed, 400, "The target holds a byte that must be percent-encoded.";
    /// `#` in the target: a fragment is never sent (RFC 9112 §3.2).
    Fragment: Ambiguous, 400, "The target holds a fragment.";
    /// A target in a form that its method does not take (RFC 9112 §3.2).
    TargetForm: Malformed, 400, "The target is neither a path nor an address of this service.";
    /// Not exactly `HTTP/1.1` or `HTTP/1.0`.
    Version: Malformed, 400, "The version is not HTTP/1.1 or HTTP/1.0.";
    /// A field name that is empty or not a token.
    FieldName: Malformed, 400, "A header name is empty or holds a byte that names may not hold.";
    /// An underscore in a field name, which gateways read as a hyphen.
    Underscore: Ambiguous, 400, "A header name holds an underscore.";
    /// White space between a field name and its colon (RFC 9112 §5.1).
    SpaceBeforeColon: Ambiguous, 400, "White space stands before the colon of a header.";
    /// A line that begins with white space: folding, or a trick before the first field (RFC 9112 §5.2).
    Folded: Ambiguous, 400, "A header line begins with white space.";
    /// No `Host`: nothing to route by, in HTTP/1.0 as well.
    HostMissing: Malformed, 400, "The Host header is missing.";
    /// Two `Host` fields.
    HostRepeated: Ambiguous, 400, "There is more than one Host header.";
    /// A `Host` or an authority that is no name or address with an optional port.
    HostInvalid: Malformed, 400, "The host is not a name or address with an optional port.";
    /// An absolute target for another host than `Host` says.
    HostDiffers: Ambiguous, 400, "The target and the Host header name different hosts.";
    /// `Content-Length` is not one decimal number below 10^18.
    Length: Malformed, 400, "The Content-Length is not a decimal number.";
    /// Two `Content-Length` fields, even when equal.
    LengthRepeated: Ambiguous, 400, "There is more than one Content-Length.";
    /// Both `Content-Length` and `Transfer-Encoding`.
    LengthAndCoding: Ambiguous, 400, "Content-Length and Transfer-Encoding are both present.";
    /// `Transfer-Encoding` is not exactly `chunked`.
    Coding: Ambiguous, 400, "The Transfer-Encoding is not chunked alone.";
    /// Two `Transfer-Encoding` fields.
    CodingRepeated: Ambiguous, 400, "There is more than one Transfer-Encoding.";
    /// `Transfer-Encoding` in HTTP/1.0, which does not know it (RFC 9112 §6.1).
    CodingInOld: Ambiguous, 400, "HTTP/1.0 has no Transfer-Encoding.";
    /// GET, HEAD or TRACE with a body, which origins and caches read differently.
    BodyUnexpected: Ambiguous, 400, "A GET, HEAD or TRACE request has a body.";
    /// A request to change the protocol that has a body.
    UpgradeWithBody: Ambiguous, 400, "A request to change the protocol has a body.";
    /// `Connection` names a field that decides framing, routing or identity.
    ConnectionNames: Ambiguous, 400, "The Connection header names a header that must not be dropped.";
    /// `Expect` is not `100-continue` once.
    Expect: Malformed, 417, "The Expect header asks for something else than 100-continue.";
    /// The head is longer than [`head_bytes`](super::HeadLimits::head_bytes).
    HeadTooLong: Oversize, 431, "The head is too long.";
    /// One field line is longer than [`line_bytes`](super::HeadLimits::line_bytes).
    LineTooLong: Oversize, 431, "A header is too long.";
    /// The target is longer than [`target_bytes`](super::HeadLimits::target_bytes).
    TargetTooLong: Oversize, 414, "The target is too long.";
    /// There are more fields than [`fields`](super::HeadLimits::fields).
    TooManyFields: Oversize, 431, "There are too many headers.";
    /// A chunk size that is not 1 to 16 hexadecimal digits.
    ChunkSize: Malformed, 400, "A chunk size is not a hexadecimal number of at most 16 digits.";
    /// A chunk, its size line or the body does not end in CRLF where it must.
    ChunkEnd: Ambiguous, 400, "A chunk does not end where it should.";
    /// Chunk extensions of one message beyond [`EXTENSION_BYTES_MAX`](super::EXTENSION_BYTES_MAX).
    ExtensionsTooLong: Oversize, 400, "The chunk extensions are too long.";
    /// Trailers beyond [`TRAILER_BYTES_MAX`](super::TRAILER_BYTES_MAX) or
    /// [`TRAILER_FIELDS_MAX`](super::TRAILER_FIELDS_MAX).
    TrailersTooLong: Oversize, 431, "The trailers are too long or too many.";
    /// A trailer that decides framing, routing or identity (RFC 9110 §6.5.1).
    TrailerName: Ambiguous, 400, "A trailer bears a name that belongs in the head.";
}

impl fmt::Display for HeadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for HeadFault {}
