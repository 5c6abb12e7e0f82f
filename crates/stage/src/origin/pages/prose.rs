//! Sentences that an organisation might write.

use crate::Chance;

const HEADLINES: [&str; 6] = [
    "Volunteers needed for the summer camp",
    "Our yearly report is out",
    "A new well for the valley school",
    "Thank you for a record winter",
    "Doors open on Saturday",
    "Five questions to our founder",
];

const SENTENCES: [&str; 12] = [
    "Every gift is used where it was promised, and the accounts are open to all.",
    "The hall was full long before the first speaker had found the microphone.",
    "We ask for little: an hour a week, and patience with the coffee machine.",
    "Last year more than nine hundred families were given a warm meal each day.",
    "The bus leaves at eight, and there is room for prams and for wheelchairs.",
    "Nobody who knocked was sent away, though some had to wait until morning.",
    "The roof is mended; the floor will be next, as soon as the weather allows.",
    "Children under twelve come in free, and so do those who bring a cake.",
    "What began at a kitchen table is now run by sixty people in four towns.",
    "Please write to us early, because answers are written by hand.",
    "The choir will sing again, this time with the windows open.",
    "We thank the firms and neighbours who lent us tables, tents and time.",
];

/// A title for an article.
pub(super) fn headline(chance: &mut Chance) -> &'static str {
    chance.pick(&HEADLINES).copied().unwrap_or_default()
}

/// Three to six sentences.
pub(super) fn paragraph(chance: &mut Chance) -> String {
    let count = 3 + chance.below(4);
    let sentences: Vec<_> = (0..count).filter_map(|_| chance.pick(&SENTENCES).copied()).collect();
    sentences.join(" ")
}
