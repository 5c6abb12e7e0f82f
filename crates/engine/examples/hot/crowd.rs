//! A table of many sources under rules that limit each, and an order in which to visit them.
//!
//! Visited at random, hardly any source lies where the one before did.

use seawall_engine::policy::{
    AddressSet, AtAccept, Judge, OverRate, Rules, SourceBudget, SourceTable, Standing,
};
use seawall_types::{Mode, Moment, RequestRate};
use std::net::{IpAddr, Ipv4Addr};

/// Sources that hold a connection: two in five of what the table takes.
const SOURCES: u32 = 100_000;

/// Many sources with a connection each.
pub(crate) struct Crowd {
    rules: Rules,
    table: SourceTable,
    members: Vec<(IpAddr, Standing)>,
    /// Of a xorshift generator (Marsaglia 2003); never zero.
    random: u32,
}

impl Crowd {
    /// Every source accepted once.
    pub(crate) fn gather() -> Self {
        let rate = RequestRate::new(100.0).expect("a hundred is a rate");
        let rules = Rules {
            allow: AddressSet::new(&["192.0.2.0/24".parse().expect("a network")]),
            source_budget: Some(SourceBudget::new(rate, 200, OverRate::Limit)),
            source_connections: 8_192,
            modes: vec![Mode::Protect],
        };
        let table = SourceTable::new([1, 2]);
        let judge = Judge { rules: &rules, table: &table };
        let members = (0..SOURCES).map(|index| {
            let address = IpAddr::V4(Ipv4Addr::from((10 << 24) + index));
            match judge.at_accept(Moment(0), address) {
                AtAccept::Serve(standing) => (address, standing),
                AtAccept::Reset(reason) => panic!("{address} was reset: {reason}"),
            }
        });
        let members = members.collect();
        Self { rules, table, members, random: 1 }
    }

    /// The next source of the order, with the standing of its first connection.
    pub(crate) fn next(&mut self) -> (IpAddr, Standing) {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.members[(self.random % SOURCES) as usize]
    }

    /// Who judges the crowd.
    pub(crate) fn judge(&self) -> Judge<'_> {
        Judge { rules: &self.rules, table: &self.table }
    }
}
