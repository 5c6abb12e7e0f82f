//! What went wrong with TLS towards an origin, as a sentence with its remedy.

use rustls::{AlertDescription, CertificateError, Error};
use std::io;

/// The end of a sentence that begins with the origin: `shows a certificate that has expired`.
pub(crate) fn what_is_wrong(cause: &io::Error) -> String {
    let tls = cause.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(cause)) => certificate(cause),
        Some(Error::AlertReceived(alert)) => refused(*alert),
        Some(Error::NoCertificatesPresented) => "shows no certificate".to_owned(),
        Some(Error::InvalidMessage(_)) => {
            "does not speak TLS at this port; write its URL with http:// or h2c://, or name the \
             port that does"
                .to_owned()
        }
        Some(cause) => format!("and the shield find no common TLS ({cause})"),
        None => format!("ended the TLS handshake ({cause})"),
    }
}

/// Whether a fault of a connection is TLS's own.
pub(crate) fn is_of_tls(cause: &io::Error) -> bool {
    cause.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Error>)
}

fn certificate(cause: &CertificateError) -> String {
    let own_authority = "name the authority in platform.origin_ca";
    match cause {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "shows a certificate that has expired; renew it there".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "shows a certificate that is not valid yet; see to the clocks of both machines"
                .to_owned()
        }
        CertificateError::UnknownIssuer => {
            format!("shows a certificate whose issuer is not trusted; {own_authority}")
        }
        CertificateError::NotValidForNameContext { expected, presented } => format!(
            "shows a certificate for {} and not for {}; name one of its names in \
             platform.origin_name",
            listed(presented),
            expected.to_str(),
        ),
        CertificateError::NotValidForName => {
            "shows a certificate for another name; name it in platform.origin_name".to_owned()
        }
        // The verifier's own word for a certificate that may sign others.
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "shows the certificate of an authority as its own; issue it one of its own \
             (basicConstraints CA:FALSE)"
                .to_owned()
        }
        cause => format!("shows a certificate that does not hold ({cause})"),
    }
}

/// Names of a certificate that a sentence lists; the rest are counted.
const NAMES_MAX: usize = 4;

fn listed(presented: &[String]) -> String {
    // The verifier writes them as `DnsName("www.example.org")`.
    let bare = |name: &String| name.split('"').nth(1).unwrap_or(name).to_owned();
    let shown: Vec<_> = presented.iter().take(NAMES_MAX).map(bare).collect();
    let shown = shown.join(", ");
    match presented.len() {
        0 => "no name".to_owned(),
        count if count > NAMES_MAX => format!("{shown} and {} more", count - NAMES_MAX),
        _ => shown,
    }
}

fn refused(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "asks for a client certificate; name one in platform.origin_certificate".to_owned()
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => format!(
            "does not take the shield's certificate ({alert:?}); see platform.origin_certificate"
        ),
        AlertDescription::UnrecognisedName => {
            "serves no such name; name one that it serves in platform.origin_name".to_owned()
        }
        AlertDescription::NoApplicationProtocol => WITHOUT_HTTP2.to_owned(),
        alert => format!("ended the TLS handshake with the alert {alert:?}"),
    }
}

/// Of an origin that does not agree by ALPN to what its scheme promises.
pub(crate) const WITHOUT_HTTP2: &str = "does not agree to the HTTP version of its scheme; write https:// for HTTP/1.1, h2:// for \
     HTTP/2";
