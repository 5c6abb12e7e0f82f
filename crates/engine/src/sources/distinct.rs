//! How many different hashes were seen, in 16 KiB.
//!
//! Source: P. Flajolet and others, "`HyperLogLog`", 2007; the estimator without tables of O. Ertl, "New
//! cardinality estimation algorithms for `HyperLogLog` sketches", 2017, algorithm 6.

/// Bits of a hash that choose a register.
const BITS: u32 = 14;
/// Registers; the standard error is 1.04 over the root of this: 0.81 %.
const REGISTERS: usize = 1 << BITS;
/// Bits of a hash whose leading zeros are counted.
const REST: usize = 64 - BITS as usize;
/// The same, as zeros are counted.
const ZEROS_MAX: u32 = 64 - BITS;
/// 1.96 standard errors, in thousandths, rounded up.
pub(super) const ERROR_PERMILLE: u32 = 16;

/// Counts different hashes.
#[derive(Debug, Clone)]
pub(super) struct Distinct(Box<[u8]>);

impl Default for Distinct {
    fn default() -> Self {
        Self(vec![0; REGISTERS].into_boxed_slice())
    }
}

impl Distinct {
    pub(super) fn add(&mut self, hash: u64) {
        let register = (hash >> (64 - BITS)) as usize;
        let zeros = (hash << BITS).leading_zeros().min(ZEROS_MAX);
        // At most 51: zeros of 50 bits and one.
        let rank = u8::try_from(zeros + 1).unwrap_or(u8::MAX);
        self.0[register] = self.0[register].max(rank);
    }

    /// The number of different hashes, as far as the registers tell.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of registers are small; an estimate beyond u64 saturates"
    )]
    pub(super) fn estimate(&self) -> u64 {
        let mut held = [0_u32; REST + 2];
        for rank in &self.0 {
            held[usize::from(*rank).min(REST + 1)] += 1;
        }
        let all = REGISTERS as f64;
        let mut sum = all * tau(1.0 - f64::from(held[REST + 1]) / all);
        for ranks in held[1..=REST].iter().rev() {
            sum = (sum + f64::from(*ranks)) * 0.5;
        }
        sum += all * sigma(f64::from(held[0]) / all);
        (all * all / (2.0 * std::f64::consts::LN_2 * sum)).round() as u64
    }
}

/// Corrects for registers that nothing has touched.
fn sigma(mut share: f64) -> f64 {
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let (mut weight, mut sum) = (1.0, share);
    loop {
        share *= share;
        let before = sum;
        sum += share * weight;
        weight += weight;
        if sum <= before {
            return sum;
        }
    }
}

/// Corrects for registers that are full.
fn tau(mut share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut weight, mut sum) = (1.0, 1.0 - share);
    loop {
        share = share.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - share).powi(2) * weight;
        if sum >= before {
            return sum / 3.0;
        }
    }
}
