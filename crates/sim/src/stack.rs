//! What client stacks look like from outside: user agent, TLS, HTTP/2, header order, SYN.
//!
//! A stack is a row of a table; a sender that forges its looks adds a [`Look::variation`], from which
//! the forged texts follow, so that a million looks need no million rows.
//! Bounds: [`STACKS_MAX`] rows.

pub mod profiles;

/// Rows of one table.
pub const STACKS_MAX: usize = 4_096;

/// Which protocol a stack speaks to the shield.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP/1.1 in the clear or over TLS.
    H1,
    /// HTTP/2 over TLS.
    H2,
}

impl Protocol {
    /// The word of the record format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::H1 => "h1",
            Self::H2 => "h2",
        }
    }
}

/// One client stack, as texts of the record format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// `User-Agent`.
    pub user_agent: String,
    /// TLS client fingerprint; empty in the clear.
    pub ja4: String,
    /// HTTP/2 settings fingerprint; empty for HTTP/1.
    pub h2: String,
    /// Header names in order, comma separated.
    pub headers: String,
    /// SYN fingerprint.
    pub tcp: String,
    /// What it speaks.
    pub protocol: Protocol,
}

/// Row of a [`Stacks`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackId(pub u16);

/// What one request shows: a row, or a forgery that starts from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Look {
    /// The row.
    pub stack: StackId,
    /// 0 for the row as it is; else what its forged texts follow from.
    pub variation: u32,
}

impl Look {
    /// The row as it is.
    pub fn of(stack: StackId) -> Self {
        Self { stack, variation: 0 }
    }

    /// One number for the whole look.
    pub fn bits(self) -> u64 {
        u64::from(self.stack.0) << 32 | u64::from(self.variation)
    }
}

/// All stacks of a world.
#[derive(Debug, Clone, Default)]
pub struct Stacks {
    rows: Vec<Stack>,
}

impl Stacks {
    /// The row's number; the same stack gets the same row. A full table gives its last row.
    pub fn intern(&mut self, stack: Stack) -> StackId {
        let at = self.rows.iter().position(|row| *row == stack).unwrap_or_else(|| {
            if self.rows.len() < STACKS_MAX {
                self.rows.push(stack);
            }
            self.rows.len() - 1
        });
        StackId(u16::try_from(at).unwrap_or(u16::MAX))
    }

    /// A row; none when the number is of another table.
    pub fn row(&self, id: StackId) -> Option<&Stack> {
        self.rows.get(usize::from(id.0))
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
