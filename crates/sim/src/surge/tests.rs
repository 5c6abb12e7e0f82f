use super::*;
use crate::people::tests::{alone, assert_near, offered, rate};
use crate::rate::moment;
use crate::request::Request;

#[test]
fn a_crowd_comes_to_its_height_and_goes() {
    let crowd = crowd::Parameters { rps: 2_000.0, ..Default::default() };
    let score = alone(1, |casting| crowd.cast(casting));
    assert_near(rate(&score, 60, 115), 2_000.0, "at its height");
    assert!(rate(&score, 0, 2) < 500.0);
}

#[test]
fn a_campaign_comes_to_its_height() {
    let campaign = campaign::Parameters { rps: 2_000.0, ..Default::default() };
    let score = alone(2, |casting| campaign.cast(casting));
    assert_near(rate(&score, 40, 115), 2_000.0, "at its height");
}

#[test]
fn as_many_open_a_message_as_said_within_their_time() {
    let push = push::Parameters { opened: 5_000, ..Default::default() };
    let score = alone(3, |casting| push.cast(casting));
    // Per visit of people who mostly were here before.
    let site = crate::site::Site::organisation();
    let habits = crate::people::visitors::Habits::default();
    let expected = 5_000.0 * habits.requests_per_visit(&site, push.returning);
    assert_near(rate(&score, 0, 120) * 120.0, expected, "in all");
    assert!(rate(&score, 2, 6) > 4.0 * rate(&score, 30, 60));
}

#[test]
fn a_storm_of_clients_asks_as_often_as_said_while_it_is_served() {
    let storm = retry_storm::Parameters::default();
    let score = alone(4, |casting| storm.cast(casting));
    assert_near(rate(&score, 0, 120), 600.0, "900 clients");
}

#[test]
fn a_day_has_its_hours() {
    let six_hours_from = |hour| {
        let day = day::Parameters { day_s: 480.0, hour, ..Default::default() };
        rate(&alone(5, |casting| day.cast(casting)), 0, 120)
    };
    let all: f64 = [0.0, 6.0, 12.0, 18.0].map(six_hours_from).iter().sum();
    assert_near(all / 4.0, day::Parameters::default().rps, "on average");
    assert!(six_hours_from(16.5) > 3.0 * six_hours_from(0.5));
}

#[test]
fn a_series_is_as_high_as_its_minutes_and_begins_where_told() {
    let text = "period,count\n1998-06-10 17:00,9\n1998-06-10 17:01,60000\n1998-06-10 17:02,60000\n";
    let told = series::Parameters {
        begin: Some("1998-06-10 17:01".to_owned()),
        minute_s: 100.0,
        scale: 0.5,
        ..Default::default()
    };
    let series = told.with_text(text).unwrap();
    assert_eq!(series.counts, [60_000, 60_000]);
    let score = alone(6, |casting| series.cast(casting));
    assert_near(rate(&score, 0, 120), 500.0, "1,000 a second at half scale");
}

/// Requests of the minutes from 15:28 to 15:39 of 10 June 1998, the first day of matches.
const FIRST_DAY: [u32; 12] = [
    75_650, 78_878, 79_229, 85_189, 83_896, 88_211, 89_861, 99_531, 106_013, 107_548, 105_396,
    108_078,
];

#[test]
fn the_world_cups_minutes_are_played_at_their_true_proportions() {
    let counts = FIRST_DAY.to_vec();
    let series = series::Parameters { counts, minute_s: 10.0, ..Default::default() };
    let score = alone(8, |casting| series.cast(casting));
    for (minute, count) in FIRST_DAY.iter().enumerate() {
        let measured = rate(&score, minute * 10, minute * 10 + 10);
        // Visits of a dozen requests and more make a minute uneven.
        let said = f64::from(*count) / 60.0;
        assert!((measured / said - 1.0).abs() < 0.12, "minute {minute}: {measured} of {said}");
    }
    let said: u32 = FIRST_DAY.iter().sum();
    assert_near(rate(&score, 0, 120), f64::from(said) / 720.0, "in all");
}

#[test]
fn a_series_that_begins_nowhere_says_so() {
    let told = series::Parameters { begin: Some("noon".to_owned()), ..Default::default() };
    let fault = told.with_text("period,count\n0,1\n").unwrap_err();
    assert_eq!(fault.to_string(), "begin is noon; it must be a minute that the file has");
}

#[test]
fn everybody_at_a_sale_reloads_at_the_hour_and_buys_once() {
    let sale = sale::Parameters::default();
    let site = crate::site::Site::organisation();
    let (page, form) = (site.at("/donate"), site.of(crate::site::Purpose::Form)[0].0);
    let requests = offered(7, |casting| sale.cast(casting));
    let pages = |from, until| {
        let span = moment(from)..moment(until);
        let asked =
            |(at, request): &&(_, Request)| Some(request.route) == page && span.contains(at);
        requests.iter().filter(asked).count()
    };
    assert!(pages(30.0, 32.0) > 3 * pages(27.0, 29.0));
    assert_eq!(requests.iter().filter(|(_, request)| request.route == form).count(), 2_000);
}
