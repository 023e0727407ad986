//! Certificates: which are trusted, which are not, and the error messages.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atmn_tests::project::{Project, SANDBOX};
use libatmn::__internal::http::OutgoingRequest;
use libatmn::ApiResponse;
use libatmn::{Error, ErrorCode, Result};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::hostile::{Hostile, HostileConnection};
use super::{LONG_TIMEOUT, everything, http_with, wait};

/// A certificate authority that no system trusts, with its certificate as a file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    /// The file with the root certificate.
    pub(crate) fn file(&self) -> String {
        self.folder.path().join("root.pem").to_str().unwrap().to_owned()
    }

    /// The server side of TLS, with a certificate for this name.
    fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        tls_config(vec![certificate.der().clone()], &key)
    }

    /// A TLS server for `localhost` whose certificate is signed by an intermediate authority.
    fn serve_with_intermediate(&self, change: impl FnOnce(&mut CertificateParams)) -> Hostile {
        let (mut params, key) = (CertificateParams::new(Vec::new()).unwrap(), KeyPair::generate().unwrap());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Intermediate");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (leaf, leaf_key) =
            (CertificateParams::new(vec!["localhost".to_owned()]).unwrap(), KeyPair::generate().unwrap());
        let leaf = leaf.signed_by(&leaf_key, &Issuer::new(params, key)).unwrap();
        let config = tls_config(vec![leaf.der().clone(), certificate.der().clone()], &leaf_key);
        Hostile::new(move |connection: HostileConnection| drop(answer(connection.stream, config.clone())))
    }

    /// A TLS server that responds with the negotiated protocol.
    pub(crate) fn serve(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Hostile {
        let config = self.server(name, change);
        Hostile::new(move |connection: HostileConnection| drop(answer(connection.stream, config.clone())))
    }
}

fn tls_config(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        tls.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let protocol = tls.conn.alpn_protocol().unwrap_or(b"none").to_vec();
    write!(tls, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", protocol.len())?;
    tls.write_all(&protocol)?;
    tls.conn.send_close_notify();
    tls.flush()
}

fn get(hostile: &Hostile, host: &str, variables: &[(&str, &str)]) -> Result<ApiResponse> {
    let url = format!("https://{host}:{}", hostile.port());
    wait(
        http_with(&url, variables)
            .send(OutgoingRequest::new("GET", "/?q=planted").bearer("planted").timeout(LONG_TIMEOUT)),
    )
}

fn failure(hostile: &Hostile, variables: &[(&str, &str)]) -> Error {
    let error = get(hostile, "localhost", variables).unwrap_err();
    assert_eq!(error.code, ErrorCode::TlsFailed, "{error:?}");
    assert!(!everything(&error).contains("planted"), "{error:?}");
    error
}

#[test]
fn untrusted_certificate_error_names_solution() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.serve("localhost", |_| {});
    for variables in [&[][..], &[("SSL_CERT_FILE", other.file().as_str())], &[("ATMN_EXTRA_CA_CERTS", &other.file())]] {
        let error = failure(&server, variables);
        assert!(error.message.contains("not trusted"), "{error:?}");
        assert!(error.hint.unwrap().to_string().contains("ATMN_EXTRA_CA_CERTS"));
    }
}

#[test]
fn root_named_by_variable_is_trusted() {
    let authority = Authority::new();
    let other = Authority::new();
    let server = authority.serve("localhost", |_| {});
    let (file, folder) = (authority.file(), authority.folder.path().to_str().unwrap().to_owned());
    let folders = format!("/nonexistent:{folder}");
    let (with_mark, der) = (authority.folder.path().join("mark.crt"), authority.folder.path().join("root.der"));
    let pem = std::fs::read(&file).unwrap();
    std::fs::write(&with_mark, [b"\xef\xbb\xbf".as_slice(), &pem].concat()).unwrap();
    std::fs::write(&der, CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    for variables in [
        &[("ATMN_EXTRA_CA_CERTS", file.as_str())][..],
        &[("SSL_CERT_FILE", &file)],
        &[("SSL_CERT_FILE", with_mark.to_str().unwrap())],
        &[("SSL_CERT_FILE", der.to_str().unwrap())],
        &[("SSL_CERT_DIR", &folder)],
        &[("SSL_CERT_DIR", &folders)],
        &[("SSL_CERT_FILE", &other.file()), ("ATMN_EXTRA_CA_CERTS", &file)],
        &[("SSL_CERT_FILE", &other.file()), ("SSL_CERT_DIR", &folder)],
    ] {
        let response = get(&server, "localhost", variables).unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, &b"http/1.1"[..]), "{variables:?}");
    }
}

#[test]
fn certificate_name_and_validity_are_checked() {
    let authority = Authority::new();
    let file = authority.file();
    let trusted = [("SSL_CERT_FILE", file.as_str())];
    let expired = authority.serve("localhost", |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    let future = authority.serve("localhost", |params| params.not_before = date_time_ymd(4000, 1, 1));
    let elsewhere = authority.serve("api.useautumn.com", |_| {});
    for (server, words, advice) in [
        (&expired, "expired", "clock"),
        (&future, "not valid yet", "clock"),
        (&elsewhere, "for another host name", "URL"),
    ] {
        let error = failure(server, &trusted);
        assert!(error.message.contains(words), "{error:?}");
        assert!(error.hint.unwrap().to_string().contains(advice));
    }
}

/// An inspection proxy marks its policies as critical, and `openssl req -x509` makes an authority.
#[test]
fn certificates_that_no_root_helps_have_their_own_hints() {
    let authority = Authority::new();
    let file = authority.file();
    let policies = authority.serve_with_intermediate(|params| {
        // SEQUENCE { SEQUENCE { OID anyPolicy } }
        let any = [0x30, 0x08, 0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x20, 0x00].to_vec();
        let mut extension = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 32], any);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    });
    let own = authority.serve("localhost", |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    for (server, words, advice) in
        [(&policies, "critical extension", "certificatePolicies"), (&own, "certificate of an authority", "CA:FALSE")]
    {
        let error = failure(server, &[("ATMN_EXTRA_CA_CERTS", &file)]);
        assert!(error.message.contains(words), "{error:?}");
        assert!(error.hint.unwrap().to_string().contains(advice));
    }
}

/// Hides the root certificates of this machine in a namespace.
const HIDE_ROOTS: &str = "for folder in /etc/ssl /etc/pki /usr/local/share/certs /etc/openssl; do \
                          if [ -d $folder ]; then mount -t tmpfs none $folder; fi; done;";

/// A slim image has no root certificates; the namespace hides those of this machine.
#[test]
fn bundled_roots_are_used_where_the_system_has_none_and_it_is_said() {
    let authority = Authority::new();
    let server = authority.serve("localhost", |_| {});
    let project = Project::new();
    let run = |variables: &str| {
        let script = format!("{HIDE_ROOTS} {variables} $ATMN api GET /v1/products");
        let run = project.in_namespace(&script).env("AUTUMN_SECRET_KEY", SANDBOX);
        run.env("ATMN_BACKEND_URL", format!("https://localhost:{}", server.port())).run()
    };
    let done = run("");
    done.fails("tls_failed");
    assert!(done.stderr.contains("is not trusted"), "{done:?}");
    assert!(done.stderr.contains("hint: This system has no root certificates"), "{done:?}");
    let done = run(&format!("ATMN_EXTRA_CA_CERTS={}", authority.file())).ok();
    assert_eq!(done.stdout.trim_end(), "http/1.1");
    assert_eq!(done.stderr.matches("This system has no root certificates").count(), 1, "{done:?}");
}

/// The doctor names the roots that a call uses.
#[test]
fn doctor_says_which_roots_are_used() {
    let authority = Authority::new();
    let (project, file) = (Project::new(), authority.file());
    let check = |prepare: &str, variables: &str| {
        let script = format!("{prepare} {variables} $ATMN doctor --offline --json || true");
        let report = project.in_namespace(&script).env("ATMN_BACKEND_URL", "https://localhost:1");
        let report = report.env("FILE", &file).run().ok().json();
        let checks = report["checks"].as_array().unwrap().clone();
        let found: Vec<_> = checks.into_iter().filter(|check| check["subject"] == "certificates").collect();
        assert_eq!(found.len(), 1, "{report}");
        (found[0]["outcome"].as_str().unwrap().to_owned(), found[0]["message"].as_str().unwrap().to_owned())
    };
    let extra = format!("ATMN_EXTRA_CA_CERTS={file}");
    for variables in ["", &extra] {
        let (outcome, message) = check(HIDE_ROOTS, variables);
        assert!(outcome == "warning" && message.contains("uses its own copy of Mozilla's"), "{outcome} {message}");
    }
    let replaced = check(HIDE_ROOTS, &format!("SSL_CERT_FILE={file}"));
    assert_eq!(replaced, ("ok".to_owned(), "Set: SSL_CERT_FILE.".to_owned()));
    let system = check(
        "mkdir -p /etc/ssl/certs; mount -t tmpfs none /etc/ssl/certs; cp $FILE /etc/ssl/certs/ca-certificates.crt;",
        "",
    );
    assert_eq!(system, ("ok".to_owned(), "The system's root certificates are used.".to_owned()));
}

#[test]
fn plain_port_is_reported_as_not_tls() {
    for server in [plain(b"HTTP/1.1 400 X\r\n\r\n"), plain(b"SSH-2.0-x\r\n"), plain(b"")] {
        let error = failure(&server, &[]);
        assert!(error.hint.unwrap().to_string().contains("Check the URL"));
    }
}

/// Responds to a TLS hello with these bytes and closes the connection.
fn plain(bytes: &'static [u8]) -> Hostile {
    Hostile::new(move |mut connection| {
        let mut hello = [0; 1024];
        let _ = connection.stream.read(&mut hello);
        connection.write(bytes);
    })
}

/// A FIFO would block, and a device has no end.
#[test]
fn certificates_come_only_from_regular_files_of_bounded_size() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("roots.pem");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let large = folder.path().join("large.pem");
    std::fs::File::create(&large).unwrap().set_len(1 << 30).unwrap();
    let server = Hostile::answering(200, "{}");
    for (path, reason) in
        [(fifo.as_path(), "is a FIFO"), (Path::new("/dev/zero"), "is a device"), (&large, "is larger than")]
    {
        for variable in ["SSL_CERT_FILE", "ATMN_EXTRA_CA_CERTS"] {
            let error = failure(&server, &[(variable, path.to_str().unwrap())]);
            assert!(error.message.contains(reason), "{error}");
        }
    }
    let error = failure(&server, &[("SSL_CERT_DIR", folder.path().to_str().unwrap())]);
    assert!(error.message.contains("no root certificates"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn empty_certificate_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(path("empty.pem"), "").unwrap();
    std::fs::write(path("bundle.p7b"), "-----BEGIN PKCS7-----\nMA==\n-----END PKCS7-----\n").unwrap();
    std::fs::write(path("key.pem"), "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n").unwrap();
    std::fs::write(path("bundle.p12"), [0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03]).unwrap();
    std::fs::write(path("utf16.pem"), b"\xFF\xFE-\0-\0").unwrap();
    std::fs::write(path("broken.pem"), "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n").unwrap();
    let server = Hostile::answering(200, "{}");
    for (name, reason) in [
        ("empty.pem", "no certificates"),
        ("broken.pem", "Cannot read"),
        ("missing.pem", "does not exist"),
        ("bundle.p7b", "openssl pkcs7"),
        ("key.pem", "a private key"),
        ("bundle.p12", "openssl pkcs12"),
        ("utf16.pem", "UTF-16"),
    ] {
        for variable in ["SSL_CERT_FILE", "ATMN_EXTRA_CA_CERTS"] {
            let file = path(name).to_str().unwrap().to_owned();
            let error = failure(&server, &[(variable, &file)]);
            assert_eq!((error.context["variable"].as_str(), &error.context["path"]), (variable, &file));
            assert!(error.message.contains(name) && error.message.contains(reason), "{error}");
        }
    }
    let error = failure(&server, &[("SSL_CERT_DIR", "/nonexistent")]);
    assert!(error.message.contains("no root certificates"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn plain_http_needs_no_roots() {
    let server = Hostile::answering(200, "{}");
    let http = http_with(&server.url(), &[("SSL_CERT_FILE", "/nonexistent"), ("ATMN_EXTRA_CA_CERTS", "/nonexistent")]);
    assert_eq!(wait(http.send(OutgoingRequest::new("GET", "/"))).unwrap().status, 200);
}
