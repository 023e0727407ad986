//! A hundred calls over one client, compared with the HTTP library alone; and a login from the callback to the result page,
//! including server and disk.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use libatmn::{ApiRequest, Cancel, Client, ClientOptions, LoginOptions, ResolveOptions, Server, blocking};
use local_autumn::{Options, Running};
use tokio::runtime::Builder;

const CALLS: usize = 100;
const PATH: &str = "/v1/products";
/// Ports that no test uses.
const PORTS: std::ops::RangeInclusive<u16> = 18_800..=18_899;

fn autumn() -> Running {
    local_autumn::LocalAutumn::bind(Options { port: 0, ..Options::default() }).unwrap().spawn().unwrap()
}

pub(crate) fn calls(criterion: &mut Criterion) {
    let (autumn, project) = (autumn(), tempfile::tempdir().unwrap());
    let key = autumn.store().keys().into_iter().find(|known| known.name == "Backend").unwrap().key;
    std::fs::write(project.path().join(".env"), format!("AUTUMN_SECRET_KEY={}\n", key.reveal())).unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let resolve = ResolveOptions { directory: Some(project.path().into()), ..ResolveOptions::default() };
    let server = Some(Server::parse(&autumn.url()).unwrap());
    let client = Client::new(ClientOptions { server, resolve, ..ClientOptions::default() }).unwrap();
    let request = ApiRequest::new("GET", PATH);
    let mut group = criterion.benchmark_group("network");
    group.bench_function("calls", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                for _ in 0..CALLS {
                    assert_eq!(client.request(&request, None, &Cancel::new()).await.unwrap().status, 200);
                }
            });
        });
    });
    let (bare, url) = (reqwest(), autumn.url() + PATH);
    let authorization = format!("Bearer {}", key.reveal());
    group.bench_function("calls bare", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                for _ in 0..CALLS {
                    let answer = bare.get(&url).header("authorization", &authorization).send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.bytes().await.unwrap();
                }
            });
        });
    });
}

fn reqwest() -> reqwest::Client {
    // reqwest requires a TLS provider even for plain http.
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

pub(crate) fn callback(criterion: &mut Criterion) {
    let autumn = autumn();
    PORTS.for_each(|port| autumn.store().register_callback_port(port));
    let mut group = criterion.benchmark_group("network");
    group.sample_size(30);
    // In memory, where a flush is free, the rest of the time is the core's and the server's.
    let memory = Path::new("/dev/shm");
    for (name, folder) in [("callback", std::env::temp_dir().as_path()), ("callback in memory", memory)] {
        let Ok(project) = tempfile::tempdir_in(folder) else { continue };
        let options = LoginOptions {
            server: Some(Server::parse(&autumn.url()).unwrap()),
            directory: Some(project.path().into()),
            open_browser: false,
            force: true,
            ports: PORTS,
            ..LoginOptions::default()
        };
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| (0..count).map(|_| login(&autumn, &options)).sum());
        });
    }
}

/// Logs in, and returns the time from sending the callback to receiving the whole result page.
fn login(autumn: &Running, options: &LoginOptions) -> Duration {
    forget_keys();
    let mut attempt = blocking::start_login(options, &Cancel::new()).unwrap();
    let answer = autumn.store().approve(attempt.url(), "ada@example.com", "copper-kettle").unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| attempt.wait(None).unwrap());
        // Gives the discovery request time to finish, as a user does.
        std::thread::sleep(Duration::from_millis(30));
        let began = Instant::now();
        browse(&answer);
        let took = began.elapsed();
        waiting.join().unwrap();
        took
    })
}

/// Deletes the known keys. Every login adds two, and a file of hundreds takes longer to read than a user's.
fn forget_keys() {
    if let Some(state) = std::env::var_os("XDG_STATE_HOME") {
        drop(std::fs::remove_file(Path::new(&state).join("atmn/known-keys.json")));
    }
}

/// Follows a URL and its redirects, as a browser does.
fn browse(url: &str) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port = host.rsplit(':').next().unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    match answer.lines().find_map(|line| line.strip_prefix("Location: ")) {
        Some(path) => browse(&format!("http://{host}{path}")),
        None => assert!(answer.starts_with("HTTP/1.1 200"), "{answer}"),
    }
}
