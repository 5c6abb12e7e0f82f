use super::*;

fn trusted(header: config::TrustedHeader) -> Trusted {
    let networks = ["10.0.0.0/8", "2001:db8:ffff::/48"];
    Trusted::new(&config::Trusted {
        networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        header: Some(header),
    })
}

fn told(trusted: &Trusted, hop: &str, fields: &[(&'static str, &str)]) -> Option<Told> {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    trusted.told_by(hop.parse().unwrap(), &map)
}

fn client(address: &str, proto: Proto) -> Told {
    Told { client: Some(address.parse().unwrap()), proto: Some(proto) }
}

#[test]
fn only_a_trusted_hop_is_believed_and_only_in_the_header_that_was_chosen() {
    let fields = [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.2;proto=http"),
        ("cf-connecting-ip", "192.0.2.3"),
        ("x-forwarded-proto", "https"),
    ];
    for (header, found) in [
        (config::TrustedHeader::XForwardedFor, client("192.0.2.1", Proto::Https)),
        (config::TrustedHeader::Forwarded, client("192.0.2.2", Proto::Http)),
        (config::TrustedHeader::CfConnectingIp, client("192.0.2.3", Proto::Https)),
    ] {
        let trusted = trusted(header);
        for hop in ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:ffff::1"] {
            assert_eq!(told(&trusted, hop, &fields), Some(found), "{hop}");
            assert!(trusted.asks(hop.parse().unwrap()));
        }
        for hop in ["192.0.2.9", "2001:db8::1", "11.0.0.1"] {
            assert_eq!(told(&trusted, hop, &fields), None, "{hop}");
            assert!(!trusted.asks(hop.parse().unwrap()));
        }
    }
    let nobody = Trusted::default();
    assert_eq!(told(&nobody, "10.0.0.1", &fields), None);
}

#[test]
fn a_trusted_hop_that_names_nobody_still_says_how_its_client_came() {
    let trusted = trusted(config::TrustedHeader::XForwardedFor);
    let said = told(&trusted, "10.0.0.1", &[("x-forwarded-proto", "https")]);
    assert_eq!(said, Some(Told { client: None, proto: Some(Proto::Https) }));
}

#[test]
fn an_address_mapped_into_ipv6_is_told_as_ipv4() {
    let client = Client::new("::ffff:192.0.2.7".parse().unwrap(), Standing::Unjudged, Via::Socket);
    assert_eq!(client.forwarded_for, "192.0.2.7");
    assert_eq!(client.source, SourceKey::of("192.0.2.7".parse().unwrap()));
}

#[test]
fn an_address_is_told_as_it_is_written_everywhere() {
    let octets = [0_u8, 1, 9, 10, 19, 99, 100, 101, 199, 200, 255];
    for (a, b) in octets.iter().flat_map(|a| octets.iter().map(move |b| (*a, *b))) {
        let address = IpAddr::from([a, b, b, a]);
        assert_eq!(text_of(address), address.to_string());
    }
    let address: IpAddr = "2001:db8::7".parse().unwrap();
    assert_eq!(text_of(address), "2001:db8::7");
}
