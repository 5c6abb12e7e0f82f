//! What stands before the story: what is where, and what is about to happen.

use super::addresses::Addresses;
use super::cast::{Cast, FLOODED, Part, SOURCE_BURST, SOURCE_RPS};
use super::schedule::Cue;
use super::words::seconds;
use std::net::Ipv4Addr;
use std::path::Path;

/// What the header tells of.
pub(super) struct Header<'a> {
    pub(super) cast: &'a Cast,
    pub(super) addresses: &'a Addresses,
    /// The state folder.
    pub(super) folder: &'a Path,
    /// Where the bearer token is.
    pub(super) token_file: &'a Path,
    /// The first flood, if there is to be one.
    pub(super) flood: Option<Cue>,
}

impl Header<'_> {
    /// Everything but `ready`.
    pub(super) fn text(&self) -> String {
        let (intent, places) = (self.intent(), self.places());
        format!(
            "{intent}{places}\nEach line: seconds since ready, what it is about, and who counted: shield, visitors, \
             origins and flood, each for itself.\nrps: requests a second. p99: 99 of 100 were done \
             within this time. Capacity: what an origin's workers can do.\n\n",
        )
    }

    fn intent(&self) -> String {
        let names = self.cast.parts.each_ref().map(|part| part.name).join(", ");
        let (people, flood) = (self.cast.people, self.of_flood());
        format!(
            "Three platforms ({names}) with a server each, {people} synthetic visitors, and the \
             shield between them.\nEverything runs in this process and stays on this machine.\n\
             {flood}\n"
        )
    }

    fn of_flood(&self) -> String {
        let Some(Cue { at, lasting }) = self.flood else {
            return "There will be no flood.".to_owned();
        };
        let Cast { parts, sources, cut_by, .. } = self.cast;
        let cut_by = cut_by.map_or_else(String::new, |descriptors| {
            format!(
                "\nThere are no more sources because this process may open only {descriptors} files \
                 (ulimit -Hn)."
            )
        });
        format!(
            "After {} a flood from {sources} sources sends the form of {} for {}, more often than its \
             server can answer.\nThe shield lets each source send {SOURCE_RPS} requests a second, \
             {SOURCE_BURST} at once.{cut_by}",
            seconds(at),
            parts[FLOODED].name,
            seconds(lasting),
        )
    }

    fn places(&self) -> String {
        let Addresses { plain, tls, control } = self.addresses;
        let (folder, token) = (self.folder.display(), self.token_file.display());
        let (tls_port, ip) = (tls.address().port(), plain.address().ip());
        // Names of localhost lead to one address only.
        let tls_host =
            if ip == Ipv4Addr::LOCALHOST { "localhost".to_owned() } else { ip.to_string() };
        let [_, donate, events] = self.cast.parts.each_ref().map(|part| self.way_to(part));
        format!(
            "\n  www       http://{plain}/   https://{tls_host}:{tls_port}/ (self-signed)\n  \
             donate    {donate}\n  \
             events    {events}\n  \
             status    http://{control}/   token in {token}\n  \
             state     {folder}\n\n  \
             seawall status --control http://{control} --token-file {token}\n"
        )
    }

    /// What to click or to paste for one part.
    fn way_to(&self, part: &Part) -> String {
        let plain = self.addresses.plain.address();
        if plain.ip() == Ipv4Addr::LOCALHOST {
            format!("http://{}.localhost:{}/", part.name, plain.port())
        } else {
            format!("curl -H 'Host: {}' http://{plain}/", part.hosts[0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn text(descriptors: u64, flood: Option<Cue>) -> String {
        text_at("127.0.0.1", descriptors, flood)
    }

    fn text_at(ip: &str, descriptors: u64, flood: Option<Cue>) -> String {
        let addresses = Addresses {
            plain: format!("{ip}:8080").parse().unwrap(),
            tls: format!("{ip}:8443").parse().unwrap(),
            control: "127.0.0.1:9180".parse().unwrap(),
        };
        let header = Header {
            cast: &Cast::fitting(descriptors).unwrap(),
            addresses: &addresses,
            folder: Path::new("/tmp/seawall-demo-1"),
            token_file: Path::new("/tmp/seawall-demo-1/control.token"),
            flood,
        };
        header.text()
    }

    #[test]
    fn a_flood_is_announced_and_a_smaller_one_says_why() {
        let cue = Cue { at: Duration::from_secs(15), lasting: Duration::from_secs(25) };
        let whole = text(20_000, Some(cue));
        assert!(whole.contains("After 15.0 s a flood from 200 sources"));
        assert!(!whole.contains("ulimit"), "{whole}");
        let cut = text(1_024, Some(cue));
        assert!(cut.contains("from 54 sources") && cut.contains("only 1024 files"), "{cut}");
        let none = text(1_024, None);
        assert!(none.contains("no flood") && !none.contains("ulimit"), "{none}");
    }

    #[test]
    fn every_place_is_one_to_click_or_to_paste() {
        let text = text(20_000, None);
        for place in [
            " http://127.0.0.1:8080/ ",
            " https://localhost:8443/ ",
            " http://donate.localhost:8080/\n",
            " http://127.0.0.1:9180/ ",
            " /tmp/seawall-demo-1\n",
            "--token-file /tmp/seawall-demo-1/control.token\n",
        ] {
            assert!(text.contains(place), "{place:?} is missing from\n{text}");
        }
    }

    #[test]
    fn names_of_localhost_are_not_offered_where_they_do_not_lead() {
        let text = text_at("127.0.0.2", 20_000, None);
        assert!(!text.contains("localhost"), "{text}");
        assert!(text.contains(" curl -H 'Host: donate.example.org' http://127.0.0.2:8080/\n"));
    }
}
