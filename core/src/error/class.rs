//! What an error is about: coarser than its code, for languages that catch by class.

use super::{Error, ErrorCode};

enumeration! {
    /// What an error is about, as languages with exceptions have classes of them.
    pub enum ErrorClass {
        /// An argument, or the options.
        Argument => "argument",
        /// The call itself: it was cancelled, cannot be made now, or ran into a defect.
        Call => "call",
        /// The deadline of a login passed.
        Deadline => "deadline",
        /// A login that did not come about, or that is needed.
        Login => "login",
        /// No key, or not the one that was asked for.
        Key => "key",
        /// A file that cannot be read, or must not be written.
        File => "file",
        /// A request that was not made, not answered, or answered by something that was not understood.
        Request => "request",
        /// A request that the server answered, and not with 2xx: the context has its `status`.
        Answer => "answer",
        /// A request that came in and that [`authenticate`](crate::authenticate) refused.
        Refusal => "refusal",
    }
}

impl Error {
    /// What it is about: mostly what the block of its number says. A code that server and client share is an answer to us,
    /// our refusal of somebody else's request, or a request that never left.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match (self.code, self.code.number()) {
            (ErrorCode::NullArgument | ErrorCode::NotUtf8 | ErrorCode::InvalidArgument, _) => ErrorClass::Argument,
            (ErrorCode::TimedOut, _) => ErrorClass::Deadline,
            (ErrorCode::ApiError | ErrorCode::Unauthorized, _) | (_, 500..) => self.class_by_status(),
            (_, 400..) => ErrorClass::Request,
            (_, 300..) => ErrorClass::File,
            (_, 200..) => ErrorClass::Key,
            (_, 100..) => ErrorClass::Login,
            _ => ErrorClass::Call,
        }
    }

    /// Whose status it is: a server that answered is named, and what never left has none.
    fn class_by_status(&self) -> ErrorClass {
        match (self.context.contains_key("status"), self.context.contains_key("server")) {
            (true, true) => ErrorClass::Answer,
            (true, false) => ErrorClass::Refusal,
            (false, _) => ErrorClass::Request,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_has_the_class_of_whoever_gave_the_status() {
        let error = |code| Error::new(code, "It failed.");
        for code in [ErrorCode::InvalidSecretKey, ErrorCode::EndpointNotPublic, ErrorCode::Unauthorized] {
            assert_eq!(error(code).class(), ErrorClass::Request);
            let refused = error(code).with("status", "401");
            assert_eq!(refused.with("server", "https://api.useautumn.com").class(), ErrorClass::Answer);
        }
        assert_eq!(error(ErrorCode::InvalidSecretKey).with("status", "401").class(), ErrorClass::Refusal);
        // What leads to it may have been an answer; it is no answer.
        let needed = error(ErrorCode::LoginNeeded).with("status", "401").with("server", "https://api.useautumn.com");
        assert_eq!(needed.class(), ErrorClass::Login);
    }
}
