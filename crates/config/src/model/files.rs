//! Every file and folder that a configuration names.

use super::{Config, Lane, OriginProof, Platform};
use std::path::{Path, PathBuf};

impl Config {
    /// Every file and folder that it names, whether it is there or not.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let tables = [&self.geo.country, &self.geo.network].into_iter().flatten();
        [&self.state_dir, &self.control.token_file]
            .into_iter()
            .chain(tables)
            .map(PathBuf::as_path)
            .chain(self.platforms.iter().flat_map(of_platform))
            .chain(self.lanes.iter().flat_map(of_lane))
    }
}

fn of_platform(platform: &Platform) -> impl Iterator<Item = &Path> {
    let tls = platform.origin_tls.as_ref();
    let bundle = tls.and_then(|tls| match &tls.proof {
        OriginProof::Bundle(path) => Some(path),
        OriginProof::System | OriginProof::Nothing => None,
    });
    let shown = tls.and_then(|tls| tls.certificate.as_ref());
    let pairs = [platform.certificate.as_ref(), shown].into_iter().flatten();
    let own = [&platform.own_answers.error_page, &platform.own_answers.maintenance];
    pairs
        .flat_map(|pair| [&pair.chain, &pair.key])
        .chain(bundle)
        .chain(platform.origin_secret.iter().map(|secret| &secret.file))
        .chain(own.into_iter().flatten().map(|page| &page.path))
        .map(PathBuf::as_path)
}

fn of_lane(lane: &Lane) -> impl Iterator<Item = &Path> {
    let ranges = lane.crawler.as_ref().and_then(|crawler| crawler.ranges.as_ref());
    [&lane.client_ca, &lane.bot_keys]
        .into_iter()
        .flatten()
        .chain(lane.keys.iter().map(|keys| &keys.file))
        .chain(lane.webhook.iter().map(|webhook| &webhook.secret))
        .chain(ranges)
        .map(PathBuf::as_path)
}
