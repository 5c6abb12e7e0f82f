//! The browsers that visitors own, as of late 2025.

use super::{Browser, Field};

/// Chrome on Windows, Firefox on Linux, Safari on macOS.
pub(super) static STACKS: [Browser; 3] = [
    Browser {
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                     (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        hints: Some([
            "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\"",
            "?0",
            "\"Windows\"",
        ]),
        page_accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,\
                      image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        image_accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        encodings: ["gzip, deflate", "gzip, deflate, br, zstd"],
        languages: &["en-GB,en;q=0.9", "en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.8"],
        order: &[
            Field::Hints,
            Field::Origin,
            Field::Form,
            Field::Upgrade,
            Field::UserAgent,
            Field::Accept,
            Field::Fetch,
            Field::Referer,
            Field::Encoding,
            Field::Language,
            Field::Cookie,
        ],
    },
    Browser {
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
        hints: None,
        page_accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        image_accept: "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        encodings: ["gzip, deflate", "gzip, deflate, br, zstd"],
        languages: &["en-US,en;q=0.5", "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3"],
        order: &[
            Field::UserAgent,
            Field::Accept,
            Field::Language,
            Field::Encoding,
            Field::Form,
            Field::Origin,
            Field::Referer,
            Field::Cookie,
            Field::Upgrade,
            Field::Fetch,
        ],
    },
    Browser {
        user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
        hints: None,
        page_accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        image_accept: "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,\
                       video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        encodings: ["gzip, deflate", "gzip, deflate, br"],
        languages: &["en-GB,en;q=0.9", "es-ES,es;q=0.9"],
        order: &[
            Field::Upgrade,
            Field::Form,
            Field::Origin,
            Field::Cookie,
            Field::Fetch,
            Field::Accept,
            Field::UserAgent,
            Field::Referer,
            Field::Language,
            Field::Encoding,
        ],
    },
];
