//! Where tables place addresses: facts about tables, not about people.
//!
//! Takes the bytes of tables in the MMDB format, as their makers hand them out; gives a [`Place`] of
//! an address.
//! Knows the fields that the common tables have, and says nothing of an address for which they have
//! none.
//! Never opens a file or asks anyone, and never gives more than two letters of a country, a number
//! of a network and a word for its kind.
//! Bounds: [`TABLE_BYTES_MAX`] bytes of a table.
//!
//! Source: `MaxMind` DB File Format Specification 2.0; the field names are those of the makers' own
//! documentation.

use maxminddb::{LookupResult, PathElement, Reader};
use seawall_types::SourceKey;
use seawall_types::evidence::PlaceTable;
use std::fmt;
use std::net::IpAddr;
use thiserror::Error;

/// Bytes of one table: four times the largest that is in common use.
pub const TABLE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Which key of the configuration names a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// `geo.country`.
    Country,
    /// `geo.network`.
    Network,
}

impl TableKind {
    /// The key of the configuration.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Country => "geo.country",
            Self::Network => "geo.network",
        }
    }
}

/// Why bytes are no table.
#[derive(Debug, Error)]
#[error("not a table in the MMDB format")]
pub struct NoTable(#[from] maxminddb::MaxMindDbError);

/// What tables say of one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The country that the first table names, else the other's.
    pub country: Option<[u8; 2]>,
    /// The country that the other table names as well, where both do.
    pub second_country: Option<[u8; 2]>,
    /// Number of the network.
    pub network: Option<u32>,
    /// Its kind.
    pub class: Option<NetworkClass>,
}

/// What kind of network a table says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkClass {
    /// Lines to homes.
    Residential,
    /// Telephones.
    Mobile,
    /// Machines that are rented.
    Hosting,
    /// Relays that hide who uses them.
    Proxy,
}

impl NetworkClass {
    /// The word of records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Residential => "residential",
            Self::Mobile => "mobile",
            Self::Hosting => "hosting",
            Self::Proxy => "proxy",
        }
    }

    fn read(word: &str) -> Option<Self> {
        match word {
            "residential" | "isp" | "cable/dsl" | "dialup" | "consumer_broadband" => {
                Some(Self::Residential)
            }
            "mobile" | "cellular" | "mob" => Some(Self::Mobile),
            "hosting" | "dch" | "corporate_hosting" | "content_delivery_network" => {
                Some(Self::Hosting)
            }
            "proxy" | "vpn" | "tor" | "residential_proxy" => Some(Self::Proxy),
            _ => None,
        }
    }
}

/// The tables that are configured.
#[derive(Debug, Default)]
pub struct Tables {
    country: Option<Table>,
    network: Option<Table>,
}

/// One table.
struct Table {
    reader: Reader<Vec<u8>>,
    about: PlaceTable,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.about.fmt(f)
    }
}

impl Tables {
    /// Takes the bytes of a table.
    ///
    /// # Errors
    /// They are none.
    pub fn add(&mut self, kind: TableKind, bytes: Vec<u8>) -> Result<(), NoTable> {
        let digest = crate::digest(&bytes);
        let reader = Reader::from_source(bytes)?;
        let about = PlaceTable {
            key: kind.key().to_owned(),
            name: reader.metadata().database_type.clone(),
            built_s: reader.metadata().build_epoch,
            digest,
        };
        let place = match kind {
            TableKind::Country => &mut self.country,
            TableKind::Network => &mut self.network,
        };
        *place = Some(Table { reader, about });
        Ok(())
    }

    /// What the tables are.
    pub fn about(&self) -> Vec<PlaceTable> {
        [&self.country, &self.network].into_iter().flatten().map(|one| one.about.clone()).collect()
    }

    /// Whether any table could name a country, or a network.
    pub(crate) const fn kinds(&self) -> (bool, bool) {
        (self.country.is_some(), self.network.is_some())
    }

    /// The country and the number of the network of an address: the same as [`Tables::place`] tells,
    /// by fewer looks.
    pub fn country_and_network(&self, address: IpAddr) -> (Option<[u8; 2]>, Option<u32>) {
        let look = |table: &Option<Table>| {
            let found = table.as_ref()?.reader.lookup(address).ok();
            found.filter(LookupResult::has_data).map(|found| (country(&found), network(&found)))
        };
        let first = look(&self.country).unwrap_or_default();
        let other = look(&self.network).unwrap_or_default();
        (first.0.or(other.0), other.1.or(first.1))
    }

    /// What they say of a source.
    pub fn place(&self, source: SourceKey) -> Place {
        let address = source.network().address();
        let look = |table: &Option<Table>| table.as_ref().map(|table| look(table, address));
        let first = look(&self.country).unwrap_or_default();
        let other = look(&self.network).unwrap_or_default();
        Place {
            country: first.country.or(other.country),
            second_country: first.country.and(other.country),
            network: other.network.or(first.network),
            class: other.class.or(first.class),
        }
    }
}

/// What one table says; what cannot be read says nothing.
fn look(table: &Table, address: IpAddr) -> Place {
    let Ok(found) = table.reader.lookup(address) else { return Place::default() };
    if !found.has_data() {
        return Place::default();
    }
    Place {
        country: country(&found),
        second_country: None,
        network: network(&found),
        class: class(&found),
    }
}

type Found<'a> = LookupResult<'a, Vec<u8>>;

fn text<'a>(found: &Found<'a>, path: &[PathElement<'_>]) -> Option<&'a str> {
    found.decode_path(path).ok().flatten()
}

fn key(name: &str) -> PathElement<'_> {
    PathElement::Key(name)
}

fn country(found: &Found<'_>) -> Option<[u8; 2]> {
    let read = |text: &str| {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(letters)
    };
    let paths: [&[PathElement<'_>]; 4] = [
        &[key("country"), key("iso_code")],
        &[key("country_code")],
        &[key("country")],
        &[key("registered_country"), key("iso_code")],
    ];
    paths.into_iter().find_map(|path| text(found, path).and_then(read))
}

fn network(found: &Found<'_>) -> Option<u32> {
    for name in ["autonomous_system_number", "asn"] {
        if let Ok(Some(number)) = found.decode_path::<u32>(&[key(name)]) {
            return Some(number);
        }
    }
    let text = text(found, &[key("asn")])?;
    text.strip_prefix("AS").unwrap_or(text).parse().ok()
}

fn class(found: &Found<'_>) -> Option<NetworkClass> {
    let flags: [(&[PathElement<'_>], NetworkClass); 5] = [
        (&[key("is_residential_proxy")], NetworkClass::Proxy),
        (&[key("is_anonymous_vpn")], NetworkClass::Proxy),
        (&[key("is_public_proxy")], NetworkClass::Proxy),
        (&[key("is_tor_exit_node")], NetworkClass::Proxy),
        (&[key("is_hosting_provider")], NetworkClass::Hosting),
    ];
    let is_set = |path: &[PathElement<'_>]| matches!(found.decode_path(path), Ok(Some(true)));
    if let Some((_, class)) = flags.into_iter().find(|(path, _)| is_set(path)) {
        return Some(class);
    }
    let words: [&[PathElement<'_>]; 5] = [
        &[key("traits"), key("user_type")],
        &[key("user_type")],
        &[key("connection_type")],
        &[key("as_type")],
        &[key("usage_type")],
    ];
    let read = |word: &str| NetworkClass::read(&word.to_ascii_lowercase());
    words.into_iter().find_map(|path| text(found, path).and_then(read))
}

#[cfg(test)]
pub(crate) mod made;
#[cfg(test)]
mod tests;
