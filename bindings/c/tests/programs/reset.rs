//! A TLS server that resets each connection, and the programs that must survive this: writing to such a connection raises
//! SIGPIPE.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use atmn_tests::project::Project;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use crate::build::{Checker, Program, prefix};
use crate::run::{World, output_of};

/// Reads each request and then resets its connection. The port and the root certificate belong to this process, and end
/// with it.
pub(crate) struct ResettingServer {
    port: u16,
    certificate: String,
}

impl ResettingServer {
    pub(crate) fn start() -> Self {
        let (config, certificate) = localhost();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let config = Arc::clone(&config);
                std::thread::spawn(move || drop(reset_after_request(stream.unwrap(), config)));
            }
        });
        Self { port, certificate }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}

fn localhost() -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    (Arc::new(config), root)
}

fn reset_after_request(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") {
        tls.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    // With a linger time of zero, closing the socket sends RST.
    SockRef::from(&tls.sock).set_linger(Some(std::time::Duration::ZERO))
}

/// A project with the certificate of the server.
pub(crate) fn project(server: &ResettingServer) -> Project {
    let project = Project::new();
    project.write("root.pem", &server.certificate);
    project
}

#[test]
fn reset_connection_does_not_end_the_program() {
    // Not under valgrind, which does not see through the assembly of the TLS library.
    let (world, server) = (World::new(), ResettingServer::start());
    let (project, program) = (project(&server), Program::build("sigpipe", Checker::Sanitizers));
    let mut command = world.command(&project, &program);
    command.args([&server.url(), &world.url(), project.path("").to_str().unwrap()]);
    command.env("SSL_CERT_FILE", project.path("root.pem"));
    output_of(&mut command).expect_success("sigpipe");
}

/// LuaJIT leaves SIGPIPE as it is.
#[test]
fn reset_connection_does_not_end_luajit() {
    let (world, server) = (World::new(), ResettingServer::start());
    let project = project(&server);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/reset.lua");
    let mut command = world.program(&project, Path::new("/usr/bin/luajit"));
    command.arg(script).arg(prefix().join("lib/libatmn.so")).arg(server.url());
    command.env("SSL_CERT_FILE", project.path("root.pem"));
    let output = output_of(&mut command);
    output.expect_success("luajit");
    assert_eq!(output.stdout, "connection_lost\n");
}

/// Children inherit the signal mask. Shells and pipelines rely on SIGPIPE.
#[test]
fn git_does_not_inherit_a_blocked_signal() {
    use std::os::unix::fs::PermissionsExt as _;

    let (world, project) = (World::new(), Project::new());
    project.git(&["init", "--quiet"]);
    project.write("bin/git", "#!/bin/sh\ngrep SigBlk /proc/self/status >>\"$HOME/masks\"\nexec /usr/bin/git \"$@\"\n");
    std::fs::set_permissions(project.path("bin/git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = Program::build("save", Checker::None);
    let mut command = world.command(&project, &program);
    command.arg(project.path("")).env("PATH", format!("{}:/usr/bin:/bin", project.path("bin").display()));
    output_of(&mut command).expect_success("save");
    let masks = std::fs::read_to_string(project.home().join("masks")).unwrap();
    assert!(!masks.is_empty() && masks.lines().all(|line| line == "SigBlk:\t0000000000000000"), "{masks}");
}
