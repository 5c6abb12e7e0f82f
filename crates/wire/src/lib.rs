//! Hostile bytes to meaning.
