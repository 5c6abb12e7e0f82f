//! What one core records of requests.

use super::{Core, Stage};
use crate::client::Client;
use crate::connection::Connection;
use crate::recorder::RecordedRequest;
use seawall_config::LogRequests;
use seawall_types::{PlatformId, SourceKey};

impl Core {
    /// Whether requests of this source are recorded.
    pub(crate) fn records(&self, source: SourceKey) -> bool {
        match self.view.borrow().settings.log {
            LogRequests::Off => false,
            LogRequests::Sampled => is_sampled(source),
            LogRequests::All => true,
        }
    }

    /// A request that is going to be recorded, with what is known of it when its head is complete.
    #[expect(clippy::unnecessary_box_returns, reason = "the box is used again")]
    pub(crate) fn begin_record<B>(
        &self,
        request: &http::Request<B>,
        of: (&Connection, &Client),
        platform: Option<PlatformId>,
    ) -> Box<RecordedRequest> {
        let view = self.view.borrow();
        let platform = platform.and_then(|id| view.settings.platforms.get(id.index())?.as_ref());
        let platform = platform.map_or(&[][..], |platform| &*platform.recorded_as);
        self.sheet.borrow_mut().begin(request, of, (self.coarse_now(), platform))
    }

    pub(crate) fn record(&self, request: Box<RecordedRequest>) {
        let mut sheet = self.sheet.borrow_mut();
        sheet.add(request);
        if self.stage() == Stage::Leaving {
            // The last tick may have been.
            sheet.hand_over();
        }
    }
}

/// One source in a hundred, whole.
fn is_sampled(source: SourceKey) -> bool {
    // Multiplying by a large odd number mixes neighbouring addresses apart.
    (source.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).is_multiple_of(100)
}
