//! Finding the running shield.

use super::files;
use crate::cli::Running;
use crate::failure::Failure;
use seawall_control::client::ClientFault;
use seawall_control::{Client, token};

/// A client of the running shield that the command line names.
///
/// # Errors
/// It is not named, or its token cannot be read.
pub(crate) fn client(running: &Running) -> Result<Client, Failure> {
    let (control, token_file) = match (&running.config, &running.control) {
        (Some(path), _) => {
            let config = files::read(path)?;
            let token_file = running.token_file.clone().unwrap_or(config.control.token_file);
            (format!("http://{}", config.control.listen), token_file)
        }
        (None, Some(control)) => match &running.token_file {
            Some(token_file) => (control.clone(), token_file.clone()),
            None => {
                return Err(Failure::wrong(vec![
                    "say where the token is: --token-file FILE or SEAWALL_TOKEN_FILE".to_owned(),
                ]));
            }
        },
        (None, None) => {
            return Err(Failure::wrong(vec![
                "say which shield: -c FILE, or --control URL with --token-file FILE".to_owned(),
            ]));
        }
    };
    let token = token::load(&token_file).map_err(|fault| Failure::caused_by(&fault))?;
    Client::new(&control, token).map_err(|fault| Failure::caused_by(&fault))
}

/// What a shield that does not answer as asked says; faults of its configuration are told as such.
pub(crate) fn failure(fault: &ClientFault) -> Failure {
    match fault {
        ClientFault::Problem(problem) if !problem.faults.is_empty() => {
            Failure::wrong(problem.faults.clone())
        }
        other => Failure::caused_by(other),
    }
}
