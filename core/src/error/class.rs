//! Classes of errors, for languages that catch exceptions by class.

use super::{Error, ErrorCode};

enumeration! {
    /// The class of an error. It corresponds to an exception class in Python.
    pub enum ErrorClass {
        /// An invalid argument or option.
        Argument => "argument",
        /// The call itself: it was cancelled, the object is busy, or an internal error occurred.
        Call => "call",
        /// The deadline of a login passed.
        Deadline => "deadline",
        /// A login that failed or is required.
        Login => "login",
        /// No key was found, or the wrong one.
        Key => "key",
        /// A file that cannot be read or written.
        File => "file",
        /// A request that could not be sent, or that got no valid response.
        Request => "request",
        /// A response with an error status, which the context has as `status`.
        Answer => "answer",
        /// An incoming request that [`authenticate`](crate::authenticate()) refused.
        Refusal => "refusal",
    }
}

impl Error {
    /// The class of the error. It follows from the block of its number, except for codes that server and client share: such
    /// an error is a response, the refusal of an incoming request, or a request that was not sent.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match (self.code, self.code.number()) {
            (ErrorCode::NullArgument | ErrorCode::NotUtf8 | ErrorCode::InvalidArgument, _) => ErrorClass::Argument,
            (ErrorCode::TimedOut, _) => ErrorClass::Deadline,
            (ErrorCode::ApiError | ErrorCode::Unauthorized, _) | (_, 500..) => self.class_by_status(),
            // With the server's response, if there was one.
            (
                ErrorCode::LoginNeeded
                | ErrorCode::ExchangeRefused
                | ErrorCode::ExchangeUnreadable
                | ErrorCode::KeysRefused,
                _,
            ) if self.class_by_status() == ErrorClass::Answer => ErrorClass::Answer,
            (_, 400..) => ErrorClass::Request,
            (_, 300..) => ErrorClass::File,
            (_, 200..) => ErrorClass::Key,
            (_, 100..) => ErrorClass::Login,
            _ => ErrorClass::Call,
        }
    }

    /// A response has a server, and a request that was not sent has no status.
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
    fn class_of_a_shared_code_depends_on_status_and_server() {
        let error = |code| Error::new(code, "It failed.");
        for code in [ErrorCode::InvalidSecretKey, ErrorCode::EndpointNotPublic, ErrorCode::Unauthorized] {
            assert_eq!(error(code).class(), ErrorClass::Request);
            let refused = error(code).with("status", "401");
            assert_eq!(refused.with("server", "https://api.useautumn.com").class(), ErrorClass::Answer);
        }
        assert_eq!(error(ErrorCode::InvalidSecretKey).with("status", "401").class(), ErrorClass::Refusal);
        for code in
            [ErrorCode::LoginNeeded, ErrorCode::ExchangeRefused, ErrorCode::ExchangeUnreadable, ErrorCode::KeysRefused]
        {
            let failed = error(code);
            assert_eq!(failed.class(), ErrorClass::Login);
            let failed = failed.with("status", "401").with("server", "https://api.useautumn.com");
            assert_eq!(failed.class(), ErrorClass::Answer);
        }
    }
}
