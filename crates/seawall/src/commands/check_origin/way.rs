//! Kinds of way around the shield, and one that was found.

use serde_json::{Value, json};

/// A kind of way around the shield.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The origin answers whoever asks it.
    Direct,
    /// The origin looks for the secret, and takes any.
    HeaderNotChecked,
    /// The origin asks for a client certificate, and answers without one.
    CertificateNotChecked,
    /// The origin's certificate names the platform, so that catalogues of certificates and scans
    /// lead from the name to the address.
    CertificateNames,
    /// A public name resolves to the origin's address.
    NameLeads,
    /// What the origin answers tells its address, or to a scan whose address it is.
    AnswerTells,
}

impl Way {
    /// The word for programs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::HeaderNotChecked => "header",
            Self::CertificateNotChecked => "client-certificate",
            Self::CertificateNames => "certificate-names",
            Self::NameLeads => "dns",
            Self::AnswerTells => "answer-tells",
        }
    }

    /// What it is, behind the place where it was found.
    pub(super) const fn says(self) -> &'static str {
        match self {
            Self::Direct => "answers others directly",
            Self::HeaderNotChecked => "header not checked: any secret will do",
            Self::CertificateNotChecked => "certificate lock not checked: none is needed",
            Self::CertificateNames => "the certificate gives the address away",
            Self::NameLeads => "a public name leads to the address",
            Self::AnswerTells => "the answer gives the address away",
        }
    }
}

/// From where a finding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// From anywhere.
    Everywhere,
    /// From this machine; a firewall may shut others out.
    FromHere,
}

/// A way around the shield that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) way: Way,
    pub(super) platform: String,
    /// The origin, as an URL with its address.
    pub(super) place: String,
    pub(super) asked: String,
    pub(super) answered: String,
    pub(super) remedy: String,
    pub(super) sight: Sight,
}

impl Finding {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "way": self.way.word(),
            "platform": self.platform,
            "origin": self.place,
            "asked": self.asked,
            "answered": self.answered,
            "remedy": self.remedy,
            "look_from_elsewhere": self.sight == Sight::FromHere,
        })
    }
}
