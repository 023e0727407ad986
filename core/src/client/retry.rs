//! When a request is made again, and after which pause: pure, so that `tests/vectors/retry.json` holds in every
//! language.

use std::time::{Duration, SystemTime};

use crate::config::{RETRY_BASE, RETRY_LIMIT, RETRY_TRIES};
use crate::error::ErrorCode;

/// Methods that may be repeated whatever became of them (RFC 9110, 9.2.2).
const IDEMPOTENT: [&str; 5] = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// The server answered, and perhaps said when to come again.
    Answered {
        /// The status.
        status: u16,
        /// How long the server wants to be left alone, see [`retry_after`].
        after: Option<Duration>,
    },
    /// There was no answer.
    Failed(ErrorCode),
}

/// The rule for one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// Whether nothing is lost if the request arrives twice.
    repeatable: bool,
    /// What all tries and pauses may take together.
    limit: Duration,
}

impl Schedule {
    /// The schedule of a request, whose single tries may take `timeout`. One that may take longer than all tries
    /// together usually may is not cut short, only not repeated.
    #[must_use]
    pub(super) fn new(method: &str, has_idempotency_key: bool, timeout: Duration) -> Self {
        let limit = RETRY_LIMIT.max(timeout);
        Self { repeatable: has_idempotency_key || IDEMPOTENT.contains(&method), limit }
    }

    /// What is left for the next try.
    #[must_use]
    pub(super) fn left(&self, elapsed: Duration) -> Duration {
        self.limit.saturating_sub(elapsed)
    }

    /// The pause before the next try, or nothing if there is none. `tries` have been made in `elapsed`; `chance`, from 0
    /// to 1, spreads the pauses of many clients over the whole range (full jitter).
    #[must_use]
    pub(super) fn pause(&self, happened: Happened, tries: u32, elapsed: Duration, chance: f64) -> Option<Duration> {
        if tries >= RETRY_TRIES || !self.may_repeat(happened) {
            return None;
        }
        let most = RETRY_BASE * 2_u32.pow(tries.saturating_sub(1));
        let jitter = most.mul_f64(chance.clamp(0.0, 1.0));
        let pause = match happened {
            Happened::Answered { after: Some(after), .. } => after.max(jitter),
            Happened::Answered { after: None, .. } | Happened::Failed(_) => jitter,
        };
        // With no time left after the pause, the answer in hand is the better one.
        (elapsed.saturating_add(pause) < RETRY_LIMIT).then_some(pause)
    }

    fn may_repeat(&self, happened: Happened) -> bool {
        match happened {
            Happened::Answered { status, .. } => self.repeatable && matches!(status, 429 | 502 | 503 | 504),
            // It did not arrive, so there is nothing that could happen twice.
            Happened::Failed(ErrorCode::ResolveFailed | ErrorCode::ConnectFailed) => true,
            Happened::Failed(ErrorCode::ConnectionLost | ErrorCode::RequestTimedOut) => self.repeatable,
            // Certificates, proxies and answers out of bounds are the same at the next try.
            Happened::Failed(_) => false,
        }
    }
}

/// How long the server wants to be left alone: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). A date counts
/// from the answer's own `Date`, so that a clock that is wrong does no harm; nonsense counts as absent.
#[must_use]
pub(super) fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are longer than anybody waits.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Vec<Value> {
        serde_json::from_str(include_str!("../../../tests/vectors/retry.json")).unwrap()
    }

    fn happened(answer: &Value) -> Happened {
        if let Some(name) = answer["failure"].as_str() {
            return Happened::Failed(*ErrorCode::ALL.iter().find(|code| code.name() == name).unwrap());
        }
        let text = |name: &str| answer[name].as_str();
        let after = text("retry_after").and_then(|value| retry_after(value, text("date"), SystemTime::UNIX_EPOCH));
        Happened::Answered { status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(), after }
    }

    /// The pauses in milliseconds, until there is none.
    fn play(vector: &Value, chance: f64) -> Vec<u64> {
        let took = Duration::from_millis(vector["took"].as_u64().unwrap_or_default());
        let key = vector["idempotency_key"].as_bool().unwrap_or_default();
        let schedule = Schedule::new(vector["method"].as_str().unwrap(), key, Duration::from_secs(30));
        let (mut elapsed, mut pauses) = (Duration::ZERO, Vec::new());
        for (tries, answer) in (1..).zip(vector["answers"].as_array().unwrap()) {
            elapsed += took;
            let Some(pause) = schedule.pause(happened(answer), tries, elapsed, chance) else { break };
            elapsed += pause;
            pauses.push(u64::try_from(pause.as_millis()).unwrap());
        }
        pauses
    }

    #[test]
    fn every_vector_makes_its_requests_and_pauses() {
        for vector in vectors() {
            let waits = vector["waits"].as_array().unwrap();
            let bounds = |index: usize| waits.iter().map(|wait| wait[index].as_u64().unwrap()).collect::<Vec<_>>();
            assert_eq!(play(&vector, 0.0), bounds(0), "{}", vector["name"]);
            assert_eq!(play(&vector, 1.0), bounds(1), "{}", vector["name"]);
            assert_eq!(waits.len() + 1, usize::try_from(vector["requests"].as_u64().unwrap()).unwrap());
            assert_eq!(vector["requests"].as_u64(), Some(vector["answers"].as_array().unwrap().len() as u64));
        }
    }

    #[test]
    fn pauses_are_spread_over_the_whole_range() {
        let schedule = Schedule::new("GET", false, Duration::from_secs(1));
        let lost = Happened::Failed(ErrorCode::ConnectionLost);
        let half = schedule.pause(lost, 3, Duration::ZERO, 0.5).unwrap();
        assert_eq!(half, RETRY_BASE * 2);
        assert_eq!(schedule.left(Duration::from_secs(29)), Duration::from_secs(1));
        assert_eq!(Schedule::new("GET", false, Duration::from_secs(90)).left(Duration::ZERO), Duration::from_secs(90));
    }
}
