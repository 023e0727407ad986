//! When a request is retried, and after which pause. The functions are pure, so that `tests/vectors/retry.json` holds in
//! every language.

use std::time::Duration;

use crate::config::{RETRY_BASE, RETRY_LIMIT};
use crate::error::ErrorCode;

/// Idempotent methods, which may be repeated even if the first request arrived (RFC 9110, 9.2.2).
const IDEMPOTENT: &[&str] = &["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

/// The statuses of a server that is busy or cannot be reached for a moment.
const REPEATED_STATUSES: &[u16] = &[429, 502, 503, 504];

/// The result of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptResult {
    /// The server responded.
    Responded {
        /// The status.
        status: u16,
        /// The pause that the server asks for.
        after: Option<Duration>,
    },
    /// There was no response.
    Failed(ErrorCode),
}

/// The retry schedule of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// Whether it is safe for the request to arrive twice.
    repeatable: bool,
    /// The time limit of all tries and pauses together.
    limit: Duration,
    /// The maximum number of tries.
    pub(super) tries: u32,
}

impl Schedule {
    /// The schedule of a request with at most `retries` retries, whose tries may each take `timeout`. If `timeout` exceeds
    /// the usual limit of all tries together, the first try gets it in full, and there are no retries.
    #[must_use]
    pub(super) fn new(method: &str, has_idempotency_key: bool, timeout: Duration, retries: u32) -> Self {
        let limit = RETRY_LIMIT.max(timeout);
        let repeatable = has_idempotency_key || IDEMPOTENT.contains(&method);
        Self { repeatable, limit, tries: retries.saturating_add(1) }
    }

    /// The time that is left for the next try.
    #[must_use]
    pub(super) fn left(&self, elapsed: Duration) -> Duration {
        self.limit.saturating_sub(elapsed)
    }

    /// The pause before the next try, or `None` if there is no further try. `tries` tries took `elapsed`; `jitter`, from
    /// 0 to 1, spreads the pauses of many clients over the whole range (full jitter).
    #[must_use]
    pub(super) fn pause(&self, result: AttemptResult, tries: u32, elapsed: Duration, jitter: f64) -> Option<Duration> {
        if !self.has_tries_left(result, tries) {
            return None;
        }
        let most = RETRY_BASE * 2_u32.saturating_pow(tries.saturating_sub(1));
        let own = most.mul_f64(jitter.clamp(0.0, 1.0));
        let pause = match result {
            AttemptResult::Responded { after: Some(after), .. } => after.max(own),
            AttemptResult::Responded { after: None, .. } | AttemptResult::Failed(_) => own,
        };
        // If no time would be left after the pause, the caller gets the current result.
        (elapsed.saturating_add(pause) < RETRY_LIMIT).then_some(pause)
    }

    /// Whether there would be a further try if there were time for it.
    #[must_use]
    pub(super) fn has_tries_left(&self, result: AttemptResult, tries: u32) -> bool {
        tries < self.tries && self.may_repeat(result)
    }

    fn may_repeat(&self, result: AttemptResult) -> bool {
        match result {
            AttemptResult::Responded { status, .. } => self.repeatable && REPEATED_STATUSES.contains(&status),
            // The request did not arrive.
            AttemptResult::Failed(ErrorCode::ResolveFailed | ErrorCode::ConnectFailed) => true,
            AttemptResult::Failed(ErrorCode::ConnectionLost | ErrorCode::RequestTimedOut) => self.repeatable,
            // Failures of certificates, proxies and size limits do not change with the next try.
            AttemptResult::Failed(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use serde_json::Value;

    use super::*;
    use crate::config::RETRIES;
    use crate::response::retry_after;

    fn vectors() -> Vec<Value> {
        serde_json::from_str(include_str!("../../../tests/vectors/retry.json")).unwrap()
    }

    fn attempt_result(answer: &Value) -> AttemptResult {
        if let Some(name) = answer["failure"].as_str() {
            return AttemptResult::Failed(*ErrorCode::ALL.iter().find(|code| code.name() == name).unwrap());
        }
        let text = |name: &str| answer[name].as_str();
        let after = text("retry_after").and_then(|value| retry_after(value, text("date"), SystemTime::UNIX_EPOCH));
        AttemptResult::Responded { status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(), after }
    }

    /// The pauses of a vector, in milliseconds.
    fn pauses(vector: &Value, jitter: f64) -> Vec<u64> {
        let took = Duration::from_millis(vector["took"].as_u64().unwrap_or_default());
        let key = vector["idempotency_key"].as_bool().unwrap_or_default();
        let schedule = Schedule::new(vector["method"].as_str().unwrap(), key, Duration::from_secs(30), RETRIES);
        let (mut elapsed, mut pauses) = (Duration::ZERO, Vec::new());
        for (tries, answer) in (1..).zip(vector["answers"].as_array().unwrap()) {
            elapsed += took;
            let Some(pause) = schedule.pause(attempt_result(answer), tries, elapsed, jitter) else { break };
            elapsed += pause;
            pauses.push(u64::try_from(pause.as_millis()).unwrap());
        }
        pauses
    }

    #[test]
    fn schedule_matches_vectors() {
        for vector in vectors() {
            let waits = vector["waits"].as_array().unwrap();
            let bounds = |index: usize| waits.iter().map(|wait| wait[index].as_u64().unwrap()).collect::<Vec<_>>();
            assert_eq!(pauses(&vector, 0.0), bounds(0), "{}", vector["name"]);
            assert_eq!(pauses(&vector, 1.0), bounds(1), "{}", vector["name"]);
            assert_eq!(waits.len() + 1, usize::try_from(vector["requests"].as_u64().unwrap()).unwrap());
            assert_eq!(vector["requests"].as_u64(), Some(vector["answers"].as_array().unwrap().len() as u64));
        }
    }

    /// The page and the help of the command list what is retried.
    #[test]
    fn documentation_lists_statuses_and_methods() {
        for text in [include_str!("../../../docs/shell.md"), include_str!("../../../bindings/shell/man/atmn-api.1")] {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let listed = |words: &[String]| {
                let (last, first) = words.split_last().unwrap();
                format!("{} and {last}", first.join(", "))
            };
            let statuses: Vec<String> = REPEATED_STATUSES.iter().map(u16::to_string).collect();
            let methods: Vec<String> = IDEMPOTENT.iter().map(|method| (*method).to_owned()).collect();
            let statuses = listed(&statuses).replace(" and ", " or ");
            // The page has code in backticks.
            let text = text.replace('`', "");
            assert!(text.contains(&statuses), "{statuses} in {text}");
            assert!(text.contains(&listed(&methods)), "{} in {text}", listed(&methods));
        }
    }

    #[test]
    fn jitter_spreads_pauses_over_the_whole_range() {
        let schedule = Schedule::new("GET", false, Duration::from_secs(1), RETRIES);
        let lost = AttemptResult::Failed(ErrorCode::ConnectionLost);
        let half = schedule.pause(lost, 3, Duration::ZERO, 0.5).unwrap();
        assert_eq!(half, RETRY_BASE * 2);
        assert_eq!(schedule.left(Duration::from_secs(29)), Duration::from_secs(1));
        assert_eq!(
            Schedule::new("GET", false, Duration::from_secs(90), 0).left(Duration::ZERO),
            Duration::from_secs(90)
        );
    }

    #[test]
    fn number_of_retries_is_an_option() {
        let pause = |retries, tries| {
            let schedule = Schedule::new("GET", false, Duration::from_secs(1), retries);
            schedule.pause(AttemptResult::Failed(ErrorCode::ConnectFailed), tries, Duration::ZERO, 0.0)
        };
        assert_eq!((pause(0, 1), pause(1, 1), pause(1, 2)), (None, Some(Duration::ZERO), None));
        // Without an overflow, however many there are.
        assert_eq!(pause(u32::MAX, u32::MAX - 1), Some(Duration::ZERO));
    }
}
