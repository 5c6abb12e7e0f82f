//! What a scenario may say, and what it hears when it may not.

use super::*;
use crate::surge::{campaign, crowd, day, push, retry_storm, sale, series};
use expect_test::expect;

/// How a kind is cast.
type Cast<P> = fn(&P, Casting<'_>) -> Result<Box<dyn Group>, Miscast>;

/// Casts a kind from a text as it stands in a scenario; gives what is wrong with it.
fn fault<P: serde::de::DeserializeOwned>(text: &str, casting: Cast<P>) -> String {
    let parameters: P = match toml::from_str(text) {
        Ok(parameters) => parameters,
        Err(error) => return error.message().to_owned(),
    };
    let (site, mut pools) = (Site::organisation(), Pools::new());
    let span = Span { from: 0.0, until: SECONDS };
    let casting_of = Casting {
        group: 0,
        platform: PlatformId(0),
        site: &site,
        pools: &mut pools,
        span,
        seed: 1,
    };
    match casting(&parameters, casting_of) {
        Ok(_) => "fine".to_owned(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn what_cannot_be_is_said_with_its_bounds() {
    let faults = [
        fault("rps = -1", browsers::Parameters::cast),
        fault("returning = 1.5", browsers::Parameters::cast),
        fault("people = 0", browsers::Parameters::cast),
        fault("line = [[5, 1], [1, 1]]", browsers::Parameters::cast),
        fault("update = { share = 2, at = 1 }", browsers::Parameters::cast),
        fault("rps = 5000\npeople = 3000", nat::Parameters::cast),
        fault("addresses = 0", nat::Parameters::cast),
        fault("hopping = -0.1", privacy::Parameters::cast),
        fault("every_s = 0", feeds::Parameters::cast),
        fault("probes = 100000", monitors::Parameters::cast),
        fault("networks = 50", crawlers::Parameters::cast),
        fault("conduct = \"angry\"", apps::Parameters::cast),
        fault("servers = 0", webhooks::Parameters::cast),
        fault("held = 0", sockets::Parameters::cast),
        fault("fastest = 5", downloads::Parameters::cast),
        fault("rise_s = 500", crowd::Parameters::cast),
        fault("page = \"/nowhere\"", campaign::Parameters::cast),
        fault("within_s = 0.1", push::Parameters::cast),
        fault("every_s = 0.001", retry_storm::Parameters::cast),
        fault("page = \"/events\"", sale::Parameters::cast),
        fault("day_s = 24", day::Parameters::cast),
        fault("", series::Parameters::cast),
        fault("rpm = 1", browsers::Parameters::cast),
    ];
    expect![[r"
        rps is -1; it must be 0 to 100000
        returning is 1.5; it must be 0 to 1
        people is 0; it must be 1 to 1000000
        line: point 1: seconds must rise, and the rate must be finite and not negative
        update.share is 2; it must be 0 to 1
        people is 3000; it must be 9500 or more for so many visits
        addresses is 0; it must be 1 to 10000
        hopping is -0.1; it must be 0 to 1
        every_s is 0; it must be 1 to 86400
        probes is 100000; it must be 1 to 2000
        networks is 50; it must be 1 to 40
        unknown variant `angry`, expected `back-off` or `hammer`
        servers is 0; it must be 1 to 500
        held is 0; it must be 1 to 250000
        fastest is 5; it must be 400000 to 4294967294
        rise_s is 500; it must be 0 to 120
        the site has no page /nowhere
        within_s is 0.1; it must be 1 to 3600
        every_s is 0.001; it must be 0.05 to 3600
        the site has no form on page /events
        day_s is 24; it must be 240 to 1000000
        counts: 0 points; there must be 1 to 2048
        unknown field `rpm`, expected one of `rps`, `line`, `people`, `returning`, `searches`, `logins`, `update`
    "]].assert_eq(&(faults.join("\n") + "\n"));
}

#[test]
fn what_the_bounds_hold_is_fine() {
    assert_eq!(fault("rps = 0", browsers::Parameters::cast), "fine");
    assert_eq!(fault("returning = 1\npeople = 1000000", browsers::Parameters::cast), "fine");
    assert_eq!(fault("addresses = 10000\nclass = \"mobile\"", nat::Parameters::cast), "fine");
    assert_eq!(fault("counts = [0]", series::Parameters::cast), "fine");
}
