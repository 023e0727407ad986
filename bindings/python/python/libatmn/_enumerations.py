"""The values of enumerations. Written by `make generate` from the core; do not edit."""

from typing import Literal

Accepts = Literal["any", "publishable_only"]
CheckOutcome = Literal["ok", "warning", "failed"]
CheckSubject = Literal[
    "version",
    "programs",
    "ports",
    "browser",
    "directory",
    "git",
    "file",
    "sandbox_key",
    "live_key",
    "scopes",
    "proxy",
    "certificates",
    "server",
    "clock",
]
EnvFile = Literal[".env", ".env.local"]
Environment = Literal["sandbox", "live"]
ErrorCode = Literal[
    "null_argument",
    "not_utf8",
    "invalid_argument",
    "cancelled",
    "timed_out",
    "panic",
    "busy",
    "system_limit",
    "ports_in_use",
    "login_denied",
    "login_unattended",
    "state_mismatch",
    "exchange_refused",
    "exchange_unreadable",
    "keys_refused",
    "login_needed",
    "no_pending_login",
    "key_not_found",
    "malformed_key",
    "wrong_key_kind",
    "wrong_environment",
    "key_file_unreadable",
    "file_unreadable",
    "file_unwritable",
    "env_file_tracked",
    "file_locked",
    "env_file_not_replaceable",
    "file_untrusted",
    "disk_full",
    "not_a_file",
    "link_refused",
    "env_file_unprotected",
    "connect_failed",
    "tls_failed",
    "api_error",
    "unauthorized",
    "organization_changed",
    "resolve_failed",
    "proxy_failed",
    "request_timed_out",
    "response_too_large",
    "connection_lost",
    "response_unreadable",
    "request_not_repeated",
    "no_secret_key",
    "invalid_secret_key",
    "invalid_auth_header",
    "no_publishable_key",
    "invalid_publishable_key",
    "endpoint_not_public",
    "failed_to_verify_secret_key",
    "failed_to_verify_publishable_key",
]
EventCode = Literal[
    "login_url",
    "browser_opened",
    "browser_failed",
    "hint",
    "callback_received",
    "keys_received",
    "keys_saved",
    "retrying",
    "key_rejected",
    "login_waiting",
    "request_repeated",
    "request_refused",
]
Git = Literal["none", "ignored", "added", "not_ignored", "tracked", "unknown"]
Gitignore = Literal["add", "never"]
KeyKind = Literal["secret", "publishable"]
Origin = Literal["argument", "process", "secret_file", "env_file"]
Outcome = Literal["used", "absent", "empty", "shadowed", "refused", "skipped", "removed"]
Reauth = Literal["never", "auto", "always"]
