//! What a shield needs on paper: a certificate for the demo's names, and a configuration.
//!
//! The configuration is a text that is parsed like any other, so that the demo goes the way of
//! `seawall run`; both lie in the state folder afterwards.

use super::addresses::Addresses;
use super::cast::{Cast, Part, SOURCE_BURST, SOURCE_RPS};
use super::folder::Folder;
use crate::commands::files;
use crate::failure::Failure;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use seawall_config::Config;
use seawall_stage::Trust;
use std::fmt::Write as _;
use std::net::SocketAddr;

const CONFIG: &str = "demo.toml";
const CERTIFICATE: &str = "demo.pem";
const KEY: &str = "demo.key";

/// A checked configuration, and the certificate that it serves.
#[derive(Debug)]
pub(super) struct Papers {
    pub(super) config: Config,
    /// Digest of its text.
    pub(super) digest: String,
    pub(super) trust: Trust,
}

impl Papers {
    /// Writes certificate, key and configuration into `folder`, and reads them as `run` does.
    ///
    /// # Errors
    /// They cannot be written, or have a fault.
    pub(super) fn write(
        folder: &Folder,
        cast: &Cast,
        addresses: &Addresses,
        origins: &[SocketAddr],
    ) -> Result<Self, Failure> {
        let put = |name: &str, content: &str| {
            let written = folder.write(name, content);
            written.map_err(|cause| {
                let place = folder.path().join(name);
                Failure::failed(format!("cannot write {}: {cause}", place.display()))
            })
        };
        let names: Vec<_> = cast.parts.iter().flat_map(|part| hosts(part, addresses)).collect();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).map_err(|cause| Failure::caused_by(&cause))?;
        put(CERTIFICATE, &cert.pem())?;
        put(KEY, &signing_key.serialize_pem())?;
        let text = configuration(cast, addresses, origins);
        put(CONFIG, &text)?;
        let config = files::parse(&text, &folder.path().join(CONFIG));
        Ok(Self {
            config: config.map_err(|faults| Failure::wrong(files::sentences(&faults)))?,
            digest: seawall_evidence::digest(text.as_bytes()),
            trust: Trust::Exactly(cert.der().clone()),
        })
    }
}

/// The names of a part; whoever types the address of the demo gets the first one.
fn hosts(part: &Part, addresses: &Addresses) -> Vec<String> {
    let mut hosts: Vec<_> = part.hosts.iter().map(|host| (*host).to_owned()).collect();
    let address = addresses.plain.address().ip().to_string();
    if hosts.iter().any(|host| host == "localhost") && !hosts.contains(&address) {
        hosts.push(address);
    }
    hosts
}

fn configuration(cast: &Cast, addresses: &Addresses, origins: &[SocketAddr]) -> String {
    let Addresses { plain, tls, control } = addresses;
    let mut text = format!(
        "# What `seawall demo` wrote for itself; its origins are gone once it has ended.\n\
         state_dir = \".\"\ndrain = \"2s\"\n\n\
         [control]\nlisten = \"{control}\"\n\n\
         [[listener]]\naddress = \"{plain}\"\n\n\
         [[listener]]\naddress = \"{tls}\"\ntls = true\n\n\
         [limits]\nsource_rps = \"{SOURCE_RPS} rps\"\nsource_burst = {SOURCE_BURST}\n\n\
         [log]\nrequests = \"all\"\n"
    );
    for (part, origin) in cast.parts.iter().zip(origins) {
        let capacity = u32::from(part.origin.workers) * 1_000;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[[platform]]\nname = \"{}\"\nhosts = {:?}\norigins = [\"http://{origin}\"]\n\
             certificate = \"{CERTIFICATE}\"\nkey = \"{KEY}\"\ncapacity = \"{capacity} ms/s\"\n",
            part.name,
            hosts(part, addresses),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Demo;

    #[test]
    fn the_written_configuration_has_no_fault_and_says_what_the_cast_says() {
        let cast = Cast::fitting(20_000).unwrap();
        let arguments = Demo {
            lasting: None,
            no_attack: false,
            listen: "127.0.0.9:8080".parse().unwrap(),
            control: "127.0.0.1:9180".parse().unwrap(),
        };
        let addresses = Addresses::of(&arguments).unwrap();
        let origins = [1, 2, 3].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let folder = Folder::fresh().unwrap();
        let papers = Papers::write(&folder, &cast, &addresses, &origins).unwrap();
        let config = papers.config;
        assert_eq!(config.listeners.len(), 2);
        assert_eq!(config.listeners[1].address, addresses.tls.address());
        let rate = config.limits.rate.unwrap();
        assert_eq!((rate.rate.per_second(), rate.burst), (2.0, 20));
        let names: Vec<_> = config.platforms.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["www", "donate", "events"]);
        let hosts = &config.platforms[0].hosts;
        assert!(hosts.iter().any(|host| host.to_string() == "127.0.0.9"));
        let seawall_config::Capacity::Told(capacity) = config.platforms[1].capacity else {
            panic!("the capacity is told");
        };
        let workers = f64::from(cast.parts[1].origin.workers);
        assert!((capacity.ms_per_second() - workers * 1e3).abs() < 1e-9);
    }
}
