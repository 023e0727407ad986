//! The trusted root certificates: the system's, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` instead, and in either
//! case those of `ATMN_EXTRA_CA_CERTS`. The files that variables name are read as key files are: only regular files that
//! no other account could have written, up to a limit. Where the system has no roots, those of Mozilla are used.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::failure::FailureCause;
use crate::config::{CERTIFICATES_LIMIT, EXTRA_ROOTS_VARIABLE, ROOTS_DIRECTORIES_VARIABLE, ROOTS_FILE_VARIABLE};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::{Host, split_paths};
use crate::locations::shown;
use crate::secure_file;

type Certificates = HashSet<CertificateDer<'static>>;

/// The files in which systems keep their root certificates, of which the first that exists counts: the list of the crate
/// openssl-probe.
#[cfg(all(unix, not(target_os = "android"), not(target_vendor = "apple")))]
const SYSTEM_ROOT_FILES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Gentoo, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL 7 and later
    "/etc/pki/tls/certs/ca-bundle.crt",                  // RHEL 6
    "/etc/ssl/ca-bundle.pem",                            // openSUSE
    "/etc/pki/tls/cacert.pem",                           // OpenELEC
    "/etc/ssl/cert.pem",                                 // Alpine Linux, OpenBSD
    "/opt/etc/ssl/certs/ca-certificates.crt",            // Entware
    "/etc/ssl/certs/cacert.pem",                         // OpenHarmony
    "/usr/local/etc/ssl/cert.pem",                       // FreeBSD
    "/usr/local/share/certs/ca-root-nss.crt",            // DragonFly BSD
    "/etc/openssl/certs/ca-certificates.crt",            // NetBSD
    "/etc/ssl/cacert.pem",                               // OmniOS
    "/etc/certs/ca-certificates.crt",                    // Solaris, OpenIndiana
];
/// The directories in which systems keep further root certificates.
#[cfg(all(unix, not(target_os = "android"), not(target_vendor = "apple")))]
const SYSTEM_ROOT_DIRECTORIES: &[&str] = &[
    "/etc/ssl/certs",             // Debian, SUSE, FreeBSD
    "/etc/pki/tls/certs",         // Fedora, RHEL
    "/etc/security/certificates", // OpenHarmony
    "/usr/local/share/certs",     // FreeBSD
    "/etc/openssl/certs",         // NetBSD
    "/etc/certs/CA",              // Solaris
];

/// A TLS configuration, and whether it trusts the bundled roots because the system has none.
pub(super) struct Roots {
    pub(super) config: ClientConfig,
    pub(super) are_bundled: bool,
}

impl From<ClientConfig> for Roots {
    fn from(config: ClientConfig) -> Self {
        Self { config, are_bundled: false }
    }
}

/// A TLS configuration that trusts the roots of the variables and the system.
///
/// # Errors
/// `tls_failed`: a file that a variable names contains no readable certificate, or these files contain none at all.
pub(super) fn roots_of(host: &Host) -> Result<Roots> {
    let extra = match host.nonempty(EXTRA_ROOTS_VARIABLE) {
        Some(path) => from_file(EXTRA_ROOTS_VARIABLE, path, host)?,
        None => Certificates::new(),
    };
    let (file, directories) = (host.nonempty(ROOTS_FILE_VARIABLE), host.nonempty(ROOTS_DIRECTORIES_VARIABLE));
    if file.is_none() && directories.is_none() {
        return system(extra);
    }
    let mut roots = extra;
    if let Some(path) = file {
        roots.extend(from_file(ROOTS_FILE_VARIABLE, path, host)?);
    }
    let directories = directories.into_iter().flat_map(split_paths);
    roots.extend(directories.flat_map(|path| from_directory(&host.in_working_directory(&path))));
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots);
    if store.is_empty() { Err(no_certificates()) } else { Ok(trusting(store)?.into()) }
}

/// A TLS configuration that trusts no certificate, for servers without TLS.
pub(super) fn no_roots() -> Result<Roots> {
    Ok(trusting(RootCertStore::empty())?.into())
}

fn trusting(store: RootCertStore) -> Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    Ok(http1(builder.map_err(unusable)?.with_root_certificates(store).with_no_client_auth()))
}

/// A TLS configuration that trusts the system's roots, as browsers do, and these certificates in addition.
#[cfg(not(all(unix, not(target_os = "android"), not(target_vendor = "apple"))))]
fn system(extra: Certificates) -> Result<Roots> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider()).map_err(unusable)?;
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(unusable)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(http1(builder.with_no_client_auth()).into())
}

/// A TLS configuration that trusts the system's roots and these certificates in addition. The usual crates for this also
/// read the environment of the process.
#[cfg(all(unix, not(target_os = "android"), not(target_vendor = "apple")))]
fn system(extra: Certificates) -> Result<Roots> {
    let mut store = RootCertStore::empty();
    let file = SYSTEM_ROOT_FILES.iter().map(Path::new).find(|path| path.exists());
    let directories = SYSTEM_ROOT_DIRECTORIES.iter().map(Path::new).filter(|path| path.is_dir()).map(Some);
    for (file, directory) in file.map(|file| (Some(file), None)).into_iter().chain(directories.map(|path| (None, path)))
    {
        store.add_parsable_certificates(rustls_native_certs::load_certs_from_paths(file, directory).certs);
    }
    let are_bundled = store.is_empty();
    if are_bundled {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    extra.into_iter().try_for_each(|certificate| store.add(certificate)).map_err(unusable)?;
    Ok(Roots { config: trusting(store)?, are_bundled })
}

/// A provider of our own and not the process default: a library must not choose for the whole program.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn http1(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn from_file(variable: &'static str, path: &OsStr, host: &Host) -> Result<Certificates> {
    let path = Path::new(path);
    let unusable = |error: Error| {
        error
            .with_hint(Hint::SetVariable { variable: variable.to_owned(), value: "the path of a PEM file".to_owned() })
            .with("variable", variable)
            .with("path", path.to_string_lossy())
    };
    let bytes = secure_file::read(&host.in_working_directory(path), CERTIFICATES_LIMIT).map_err(|error| {
        let message = format!("`{}`, set by {variable}, {}.", shown(path), error.reason());
        let unusable = unusable(Error::new(ErrorCode::TlsFailed, message));
        match error.into_system_error() {
            Some(cause) => unusable.with_system_cause(cause),
            None => unusable,
        }
    })?;
    match certificates(bytes.reveal()) {
        Ok(certificates) if !certificates.iter().cloned().any(is_readable) => {
            let what = other_content(bytes.reveal());
            let message = format!("`{}`, set by {variable}, contains {what}.", shown(path));
            Err(unusable(Error::new(ErrorCode::TlsFailed, message)))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => {
            let message = format!("Cannot read the certificates in `{}`, set by {variable}.", shown(path));
            Err(unusable(Error::new(ErrorCode::TlsFailed, message).with_cause(FailureCause::of(&error))))
        }
    }
}

/// The certificates of a file: PEM, also with a byte order mark, or one certificate in DER.
fn certificates(bytes: &[u8]) -> std::result::Result<Certificates, rustls::pki_types::pem::Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A certificate in DER is a SEQUENCE whose length has two bytes (X.690, 8.1.3 and 8.9).
    if bytes.starts_with(&[0x30, 0x82]) {
        return Ok([CertificateDer::from(bytes.to_vec())].into());
    }
    CertificateDer::pem_slice_iter(bytes).collect()
}

/// Whether a certificate can be a root. Other files in DER start like a certificate.
fn is_readable(certificate: CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate).is_ok()
}

/// What a file without certificates contains instead, with the way to convert it.
fn other_content(bytes: &[u8]) -> &'static str {
    let has = |text: &[u8]| memchr::memmem::find(bytes, text).is_some();
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        "UTF-16 text; save it as UTF-8"
    } else if has(b"-----BEGIN PKCS7") || has(b"-----BEGIN CMS") {
        "a PKCS #7 bundle; convert it with `openssl pkcs7 -print_certs`"
    } else if has(b"PRIVATE KEY-----") {
        "a private key, but no certificates"
    } else if bytes.starts_with(&[0x30]) {
        "no certificate in DER; convert a PKCS #12 bundle with `openssl pkcs12 -nokeys`"
    } else {
        "no certificates"
    }
}

/// The readable certificates of a directory, which may contain other files.
fn from_directory(path: &Path) -> Certificates {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| secure_file::read(&entry.path(), CERTIFICATES_LIMIT).ok());
    files.filter_map(|bytes| certificates(bytes.reveal()).ok()).flatten().collect()
}

fn no_certificates() -> Error {
    Error::new(ErrorCode::TlsFailed, "There are no root certificates, so server certificates cannot be verified.").with_hint(format!(
        "Install the package `ca-certificates`, or set `{ROOTS_FILE_VARIABLE}` or `{EXTRA_ROOTS_VARIABLE}` to the path of a PEM file."
    ))
}

#[allow(clippy::needless_pass_by_value)] // the signature that `map_err` requires
fn unusable(error: rustls::Error) -> Error {
    no_certificates().with_cause(FailureCause::of(&error))
}
