//! Secrets towards origins: made when the file that a configuration names is not there yet.

use crate::failure::Failure;
use crate::state::{random, write_whole};
use data_encoding::BASE64URL_NOPAD;
use seawall_config::Config;

/// Random bytes of a secret that is made here.
const RANDOM_BYTES: usize = 32;

/// Makes every secret that `config` names and that is missing, each with mode 0600.
///
/// # Errors
/// One cannot be written.
pub(crate) fn make_missing(config: &Config) -> Result<(), Failure> {
    for platform in &config.platforms {
        let Some(secret) = platform.origin_secret.as_ref().filter(|s| !s.file.exists()) else {
            continue;
        };
        let bytes = random::<RANDOM_BYTES>().map_err(|fault| Failure::caused_by(&fault))?;
        let word = BASE64URL_NOPAD.encode(&bytes) + "\n";
        let place = secret.file.display();
        write_whole(&secret.file, word.as_bytes()).map_err(|cause| {
            Failure::failed(format!(
                "cannot make the secret {place} (platform.origin_secret_file of {}): {cause}; make \
                 its folder, or write the file yourself",
                platform.name
            ))
        })?;
        tracing::warn!(
            "made the secret {place}: have the origins of {} refuse requests whose header {} does \
             not hold it",
            platform.name,
            secret.header
        );
    }
    Ok(())
}
