//! What comes out of the engine, handed to the control plane, the evidence and whoever started the node.

use super::OnEffect;
use crate::engine_thread::Outlet;
use crate::evidence_thread::Teller;
use crate::packet_thread::PacketFeed;
use seawall_control as control;
use seawall_engine::policy::{Measure, Measures};
use seawall_engine::{Effect, IntegritySeen, RingSeen, Snapshot, SourcesSeen};
use seawall_evidence::Chronicle;
use seawall_proxy::Shield;
use std::sync::{Arc, Weak};

/// To the control plane, the evidence and whoever started the node.
pub(super) struct ToOthers {
    shield: Weak<Shield>,
    /// Version of the measures that the cores were given.
    published: u64,
    control: Arc<control::Shared>,
    chronicle: Chronicle,
    evidence: Teller,
    packet: PacketFeed,
    on_effect: OnEffect,
}

impl ToOthers {
    pub(super) fn new(
        shield: &Arc<Shield>,
        control: &Arc<control::Shared>,
        (evidence, packet): (Teller, PacketFeed),
        on_effect: OnEffect,
    ) -> Self {
        Self {
            shield: Arc::downgrade(shield),
            published: 0,
            chronicle: Chronicle::new(control.identity().started_wall),
            control: control.clone(),
            evidence,
            packet,
            on_effect,
        }
    }
}

impl Outlet for ToOthers {
    fn publish(&mut self, snapshot: Snapshot) {
        let facts = self.chronicle.see(&snapshot);
        self.packet.look(&snapshot);
        self.control.publish(snapshot);
        for fact in facts {
            self.evidence.tell(fact);
        }
    }

    fn announce(&mut self, effect: &Effect) {
        self.control.announce(effect);
        let snapshot = self.control.snapshot();
        let fact = self.chronicle.hear(effect, &snapshot);
        (self.on_effect)(effect, &snapshot, fact.as_ref());
        if let Some(fact) = fact {
            self.evidence.tell(fact);
        }
    }

    fn measures(&mut self, compiled: &Arc<Measures>, standing: &[Measure]) {
        if compiled.version() != self.published
            && let Some(shield) = self.shield.upgrade()
        {
            self.published = compiled.version();
            shield.publish(compiled.clone());
        }
        self.control.publish_standing(standing);
    }

    fn ring(&mut self, ring: &RingSeen) {
        self.chronicle.ring(ring).into_iter().for_each(|fact| self.evidence.tell(fact));
    }

    fn integrity(&mut self, seen: &IntegritySeen) {
        let snapshot = self.control.snapshot();
        self.evidence.integrity(self.chronicle.integrity(seen, &snapshot));
    }

    fn sources(&mut self, seen: SourcesSeen) {
        if let Some(counted) = self.chronicle.sources(seen) {
            self.evidence.sources(counted);
        }
    }

    fn end(&mut self) {
        self.chronicle.end().into_iter().for_each(|fact| self.evidence.tell(fact));
    }
}
