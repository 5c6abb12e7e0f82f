//! Whose hands do what needs rights: this process's own, or a helper's.
//!
//! A helper that is gone stays gone: this process has no right to start another.

use super::works::{Bounds, Works};
use crate::privileged::{Helper, Request, Told};
use std::io;
use std::os::fd::OwnedFd;
use std::process::Command;

/// Whoever does what needs rights.
pub struct Hands(Whose);

enum Whose {
    Own(Box<Works>),
    Helper(Helper),
    /// Nobody's, for this reason.
    Nobody(String),
}

impl Hands {
    /// This process's own.
    pub fn own(bounds: Bounds) -> Self {
        Self(Whose::Own(Box::new(Works::new(bounds))))
    }

    /// Those of a helper that `command` starts; where it cannot be, the layer says why.
    pub fn of_helper(command: &mut Command, bounds: &Bounds) -> Self {
        Self(match Helper::start(command, bounds) {
            Ok(helper) => Whose::Helper(helper),
            Err(cause) => Whose::Nobody(format!(
                "the helper that holds the rights cannot be started: {cause}"
            )),
        })
    }

    /// Nobody's.
    pub fn nobody(why: &str) -> Self {
        Self(Whose::Nobody(why.to_owned()))
    }

    /// Has something done.
    ///
    /// # Errors
    /// Nobody is there, and why.
    pub(super) fn ask(&mut self, request: Request) -> Result<(Told, Vec<OwnedFd>), String> {
        let cause = match &mut self.0 {
            Whose::Own(works) => return Ok(works.obey(request)),
            Whose::Nobody(why) => return Err(why.clone()),
            Whose::Helper(helper) => match helper.ask(&request) {
                Ok(done) => return Ok(done),
                Err(cause) => cause,
            },
        };
        Err(self.lose(&cause))
    }

    /// Why nobody is there any more; nothing as long as somebody is.
    pub(super) fn missing(&mut self) -> Option<String> {
        match &self.0 {
            Whose::Helper(helper) if !helper.lives() => {
                Some(self.lose(&io::ErrorKind::UnexpectedEof.into()))
            }
            Whose::Nobody(why) => Some(why.clone()),
            Whose::Own(_) | Whose::Helper(_) => None,
        }
    }

    fn lose(&mut self, cause: &io::Error) -> String {
        let why = format!(
            "the helper that holds the rights is gone ({cause}): the packet layer is off until the \
             shield is started anew"
        );
        self.0 = Whose::Nobody(why.clone());
        why
    }
}
