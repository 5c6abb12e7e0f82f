//! What a shield of a trial needs on paper: a certificate, and a configuration.

use super::{ShieldFault, TrialPlatform, host_of, ports};
use crate::{LoopbackTarget, Trust};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::fmt::Write as _;

/// The texts of one shield, and the addresses that they name.
#[derive(Debug)]
pub(super) struct Papers {
    pub(super) plain: LoopbackTarget,
    pub(super) tls: LoopbackTarget,
    pub(super) trust: Trust,
    /// Name and content.
    pub(super) files: [(&'static str, String); 3],
}

/// The file among [`Papers::files`] that says where the others are.
pub(super) const CONFIGURATION: &str = "seawall.toml";

/// What a shield is told of its origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing, and nothing is learned: origins are not bounded.
    Nothing,
    Capacities,
}

impl Papers {
    pub(super) fn of(
        platforms: &[TrialPlatform],
        origins: &[LoopbackTarget],
        (limits, told): (&str, Told),
    ) -> Result<Self, ShieldFault> {
        let (plain, tls, control) = (ports::free()?, ports::free()?, ports::free()?);
        let names: Vec<_> = platforms.iter().map(host_of).collect();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).map_err(ShieldFault::Certificate)?;
        let mut text = format!(
            // On one core, as the simulator plays it.
            "state_dir = \"state\"\ndrain = \"1s\"\nworkers = 1\n\n[control]\nlisten = \"{control}\"\n\n\
             [[listener]]\naddress = \"{plain}\"\n\n\
             [[listener]]\naddress = \"{tls}\"\ntls = true\n\n[limits]\n{limits}"
        );
        for (platform, origin) in platforms.iter().zip(origins) {
            let capacity = match told {
                Told::Nothing => "learn_capacity = false".to_owned(),
                Told::Capacities => {
                    format!("capacity = \"{} ms/s\"", platform.origin.told_ms_per_s())
                }
            };
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n[[platform]]\nname = \"{}\"\nhosts = [\"{}\"]\norigins = [\"http://{origin}\"]\n\
                 certificate = \"shield.pem\"\nkey = \"shield.key\"\n{capacity}\n",
                platform.name,
                host_of(platform),
            );
        }
        let trust = Trust::Exactly(cert.der().clone());
        let files = [
            (CONFIGURATION, text),
            ("shield.pem", cert.pem()),
            ("shield.key", signing_key.serialize_pem()),
        ];
        Ok(Self { plain, tls, trust, files })
    }
}
