//! The keys of a log: the node's own, and those of others that are known.
//!
//! Source: C2SP signed-note (names, key identifiers, text form of verifier keys).

use crate::note::Signature;
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use seawall_types::evidence::NodeName;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What the node's secret is bound to, so that its other uses share no key with this one.
const DERIVATION: &[u8] = b"seawall evidence signing key, version 1\0";

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// The text of a note: a log's own signature.
    Note,
    /// The text of a checkpoint and a time: a witness's `cosignature/v1`.
    Cosignature,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Note => 1,
            Self::Cosignature => 4,
        }
    }
}

/// Key identifier of a signature line.
pub type KeyId = [u8; 4];

/// A public key with its name and what it signs; as text `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    name: String,
    kind: KeyKind,
    key: VerifyingKey,
}

/// The text is no verifier key of a signed note.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{text:?} is no key; a key is name+identifier+base64, as a signed note's verifier prints it"
)]
pub struct BadKey {
    text: String,
}

impl KnownKey {
    /// A key of that name; `None` when the name may not be one, or the bytes are no public key.
    pub fn new(name: &str, kind: KeyKind, key: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(key).ok().filter(|_| is_key_name(name))?;
        Some(Self { name: name.to_owned(), kind, key })
    }

    /// Whose.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The first four bytes of SHA-256 over name, line feed, kind and key.
    pub fn id(&self) -> KeyId {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', self.kind.byte()])
            .chain_update(self.key.as_bytes())
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Whether `signature` is its own, and of this text.
    pub fn vouches(&self, text: &str, signature: &Signature) -> bool {
        let bytes: Result<&[u8; 64], _> = signature.bytes.as_slice().try_into();
        self.kind == KeyKind::Note
            && signature.is_of(&self.name, self.id())
            && bytes.is_ok_and(|bytes| self.signed(text.as_bytes(), bytes))
    }

    /// Whether it made this Ed25519 signature of `message`; refuses keys and signatures that more
    /// than one message fits.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.key.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for KnownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.kind.byte()];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, HEXLOWER.encode(&self.id()), BASE64.encode(&key))
    }
}

impl FromStr for KnownKey {
    type Err = BadKey;
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = || BadKey { text: text.chars().take(200).collect() };
        // The key may hold plus signs itself; name and identifier may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad());
        };
        let key = BASE64.decode(key.as_bytes()).map_err(|_| bad())?;
        let (kind, key) = match key.split_first() {
            Some((1, key)) => (KeyKind::Note, key),
            Some((4, key)) => (KeyKind::Cosignature, key),
            _ => return Err(bad()),
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| bad())?;
        let known = Self::new(name, kind, key).filter(|key| HEXLOWER.encode(&key.id()) == id);
        known.ok_or_else(bad)
    }
}

/// Whether a text may name a key: not empty, no space of any kind, no plus.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The key with which a node signs its log.
#[derive(Clone)]
pub struct NodeKey {
    node: NodeName,
    secret: SigningKey,
    known: KnownKey,
}

impl NodeKey {
    /// The log's key of a node, derived from the secret of its `node.key`.
    ///
    /// The name of the log holds eight digits of the key, so that two nodes of one name are two
    /// logs to a witness.
    pub fn of_node(node: NodeName, secret: &[u8; 32]) -> Self {
        let seed = Sha256::new().chain_update(DERIVATION).chain_update(secret).finalize();
        let secret = SigningKey::from_bytes(&seed.into());
        let public = secret.verifying_key();
        let digits = HEXLOWER.encode(&Sha256::digest(public.as_bytes())[..4]);
        let name = format!("seawall/{node}/{digits}");
        Self { node, secret, known: KnownKey { name, kind: KeyKind::Note, key: public } }
    }

    /// Whose.
    pub fn node(&self) -> &NodeName {
        &self.node
    }

    /// What others need to check its signatures.
    pub fn known(&self) -> &KnownKey {
        &self.known
    }

    /// The signature line of a note's text.
    pub fn sign(&self, text: &str) -> Signature {
        let bytes = self.secret.sign(text.as_bytes()).to_bytes().to_vec();
        Signature { name: self.known.name.clone(), id: self.known.id(), bytes }
    }
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKey({})", self.known)
    }
}
