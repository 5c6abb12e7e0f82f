//! What the answers of one address come to, beside what the shield gets.

use super::super::ask::{Answer, Carriage, Said};
use super::super::likeness::{Likeness, is_locked_by_certificate, is_refusal, likeness, told};
use super::super::line::{cut, names_address};
use super::super::way::{Finding, Sight, Way};
use super::{Heard, Looked, Place};

impl Place<'_> {
    /// What an origin said to others beside what it said to the shield.
    pub(super) fn judge(
        &self,
        carriage: Carriage,
        (heard, wanted): (&Heard, bool),
        looked: &mut Looked,
    ) {
        let Heard { direct, shield, wrong } = heard;
        if wanted || matches!(direct, Said::Answer(answer) if answer.wanted_certificate) {
            if !is_locked_by_certificate(direct) {
                let asked = "without a client certificate";
                let remedy = "make the certificate a must there: ssl_verify_client on (nginx), \
                              SSLVerifyClient require (Apache), verify required (HAProxy)";
                looked.findings.push(self.finding(
                    (Way::CertificateNotChecked, Sight::FromHere),
                    (carriage, asked),
                    (&told(direct), remedy),
                ));
            }
            return;
        }
        let as_shield = shield.as_ref().unwrap_or(direct);
        match as_shield {
            Said::Answer(answer) => looked.findings.extend(self.address_in(answer, carriage)),
            Said::Nothing(_) | Said::Unreached(_) => {
                let url = self.url(carriage);
                looked.unasked = Some(format!("{url} does not answer: {}", told(as_shield)));
            }
        }
        match wrong {
            Some(wrong) => self.compare(carriage, (shield.as_ref(), direct, wrong), looked),
            None => self.without_secret(carriage, direct, looked),
        }
    }

    /// There is nothing that only the shield could send.
    fn without_secret(&self, carriage: Carriage, direct: &Said, looked: &mut Looked) {
        let Said::Answer(answer) = direct else { return };
        if is_refusal(answer.status) {
            looked.unclear.push(format!(
                "{} answers {}; without a secret at hand that cannot be told from refusing \
                 everyone",
                self.url(carriage),
                answer.status
            ));
            return;
        }
        let remedy = "let only the shield reach its port (firewall below), or set \
                      platform.origin_secret_file and have the origin ask for it";
        looked.findings.push(self.finding(
            (Way::Direct, Sight::FromHere),
            (carriage, "as anybody can"),
            (&told(direct), remedy),
        ));
    }

    fn compare(
        &self,
        carriage: Carriage,
        (shield, direct, wrong): (Option<&Said>, &Said, &Said),
        looked: &mut Looked,
    ) {
        let remedy = "have the origin refuse every request whose header does not hold the secret \
                      of platform.origin_secret_file, and let only the shield reach its port \
                      (firewall below)";
        let ways = [
            (Way::Direct, "without the secret", direct),
            (Way::HeaderNotChecked, "with a wrong secret", wrong),
        ];
        for (way, asked, said) in ways {
            let beside = shield.map_or("not asked over TLS".to_owned(), told);
            let answered = format!("{}; with the secret: {beside}", told(said));
            match likeness(shield, said) {
                Likeness::Same | Likeness::Other => looked.findings.push(self.finding(
                    (way, Sight::FromHere),
                    (carriage, asked),
                    (&answered, remedy),
                )),
                Likeness::Refused => {}
                Likeness::Unclear => looked.unclear.push(format!(
                    "{} refuses the shield as well ({beside}), so nothing can be told from its \
                     refusing a request {asked}: does the origin hold the same secret?",
                    self.url(carriage)
                )),
            }
        }
    }

    /// The origin's address in what visitors get.
    fn address_in(&self, answer: &Answer, carriage: Carriage) -> Option<Finding> {
        let address = self.address.ip().to_string();
        let text = answer.text();
        let line = text.lines().find(|line| names_address(line, &address))?;
        let remedy = "have the origin leave its own address out of headers, links and redirects";
        let answered = format!("a line with {address}: {}", cut(line));
        Some(self.finding(
            (Way::AnswerTells, Sight::Everywhere),
            (carriage, "as the shield does"),
            (&answered, remedy),
        ))
    }
}
