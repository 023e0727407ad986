//! Each platform's list, and real programs on a PATH that only the test uses.

use super::*;

const URL: &str = "https://example.com/authorize?client_id=a%20b&state=x&scope=a%3Ab+c";

fn names(plan: OpenPlan) -> Vec<String> {
    match plan {
        OpenPlan::Try(candidates) => {
            candidates.iter().map(|candidate| file_name(&candidate.program).to_owned()).collect()
        }
        OpenPlan::Skip(reason) => vec![format!("nothing: {reason}")],
    }
}

#[test]
fn plan_lists_openers_per_platform() {
    let (display, none) = (Platform::Linux { display: true }, Platform::Linux { display: false });
    for (platform, browser, wanted) in [
        (display, None, "xdg-open gio"),
        (none, None, "nothing: there is no graphical display"),
        (none, Some("/opt/helper.sh"), "helper.sh"),
        (display, Some("firefox:chromium"), "firefox chromium xdg-open gio"),
        (display, Some("false"), "nothing: disabled by BROWSER=false"),
        (display, Some("none"), "nothing: disabled by BROWSER=none"),
        (none, Some("/bin/false:firefox"), "nothing: disabled by BROWSER=false"),
        (display, Some(":: : "), "xdg-open gio"),
        (Platform::Mac, Some("firefox"), "firefox open"),
        (Platform::Windows, Some("firefox;chrome"), "firefox chrome rundll32.exe"),
        (Platform::Wsl, None, "wslview powershell.exe powershell.exe xdg-open gio"),
    ] {
        assert_eq!(names(plan(URL, browser, platform)).join(" "), wanted, "{platform:?} {browser:?}");
    }
}

#[test]
fn browser_variable_is_split_without_a_shell() {
    for (entry, wanted) in [
        ("firefox", vec!["firefox", URL]),
        ("firefox --new-window", vec!["firefox", "--new-window", URL]),
        ("firefox --url=%s --private", vec!["firefox", &format!("--url={URL}"), "--private"]),
        ("  'my browser'  \"%s\" & ", vec!["my browser", URL]),
        ("/opt/my\\ browser a''b \"c\\\"d\"", vec!["/opt/my browser", "ab", "c\"d", URL]),
        ("firefox $(reboot) ; rm -rf ~", vec!["firefox", "$(reboot)", ";", "rm", "-rf", "~", URL]),
        ("firefox ''", vec!["firefox", "", URL]),
    ] {
        let OpenPlan::Try(candidates) = plan(URL, Some(entry), Platform::Linux { display: false }) else {
            panic!("{entry}")
        };
        let words: Vec<_> = std::iter::once(&candidates[0].program).chain(&candidates[0].arguments).collect();
        assert_eq!(words, wanted, "{entry}");
    }
}

#[test]
fn url_is_one_argument_on_every_platform() {
    for platform in [Platform::Linux { display: true }, Platform::Mac, Platform::Windows, Platform::Wsl] {
        let OpenPlan::Try(candidates) = plan(URL, None, platform) else { panic!() };
        for Candidate { program, arguments } in candidates {
            let last = arguments.last().unwrap();
            let quoted = program.contains("powershell").then(|| format!("Start-Process '{URL}'"));
            assert_eq!(*last, quoted.unwrap_or_else(|| URL.to_owned()), "{program}");
        }
    }
    for bad in
        ["https://a/'; reboot; '", "https://a/\"b", "https://a/ b", "https://a/\n", "https://a/’;b", "https://a/`b`"]
    {
        assert!(matches!(plan(bad, None, Platform::Wsl), OpenPlan::Skip(_)), "{bad}");
    }
}

#[cfg(unix)]
mod programs {
    use std::fs;

    use super::*;

    /// A directory that is the whole PATH, and the environment variables of the test.
    struct BrowserFixture {
        directory: tempfile::TempDir,
        browser: Option<String>,
    }

    impl BrowserFixture {
        fn new(browser: Option<&str>) -> Self {
            Self { directory: tempfile::tempdir().unwrap(), browser: browser.map(str::to_owned) }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        /// A shell writes the script: the child of another test could inherit a descriptor of this process that is open
        /// for writing, and then the script could not be run (ETXTBSY).
        fn program(self, name: &str, script: &str) -> Self {
            let write = "printf '#!/bin/sh\\nPATH=/usr/bin:/bin\\n%s\\n' \"$2\" >\"$1\" && chmod 755 \"$1\"";
            let status = Command::new("/bin/sh").args(["-c", write, "sh"]).arg(self.path(name)).arg(script).status();
            assert!(status.unwrap().success());
            self
        }

        fn host(&self) -> Host {
            let path = self.directory.path();
            let variables = [("PATH", Some(path.as_os_str())), ("DISPLAY", Some(":0".as_ref()))];
            let variables = variables.into_iter().chain([("BROWSER", self.browser.as_ref().map(AsRef::as_ref))]);
            Host::new(variables.filter_map(|(name, value)| Some((name, value?))), Some(path.into()))
        }

        async fn open(&self, browser: &mut Browser) -> OpenResult {
            browser.open(URL, &self.host(), &HostKind::default()).await
        }

        fn written(&self, name: &str) -> String {
            fs::read_to_string(self.path(name)).unwrap_or_default()
        }
    }

    fn run<T>(test: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
    }

    fn opened(program: &str) -> OpenResult {
        OpenResult::Opened { program: program.to_owned() }
    }

    #[test]
    fn opener_gets_url_and_no_inherited_descriptors() {
        // The opener must not inherit this socket.
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        // A subshell lists the descriptors: while dash runs a redirected command, its own output may be redirected too.
        let report = "printf '%s|' \"$#\" \"$1\" >\"$0.arguments\"; cut -d' ' -f1,5 /proc/$$/stat >\"$0.group\"; \
                      open=$(for each in /proc/$$/fd/*; do echo \"$each $(readlink \"$each\")\"; done); \
                      printf '%s\n' \"$open\" >\"$0.open\"";
        let fixture = BrowserFixture::new(None).program("xdg-open", report);
        let mut browser = Browser::default();
        assert_eq!(run(fixture.open(&mut browser)), opened("xdg-open"));
        assert_eq!(fixture.written("xdg-open.arguments"), format!("1|{URL}|"));
        if cfg!(target_os = "linux") {
            let group = fixture.written("xdg-open.group");
            let (process, group) = group.trim().split_once(' ').unwrap();
            assert_eq!(process, group);
            // The test runner may pass further inheritable descriptors; only ours counts.
            let open = fixture.written("xdg-open.open");
            assert!(["0", "1", "2"].iter().all(|stream| open.contains(&format!("/{stream} /dev/null\n"))), "{open}");
            let own = std::os::fd::AsRawFd::as_raw_fd(&socket);
            let own = fs::read_link(format!("/proc/self/fd/{own}")).unwrap();
            assert!(!open.contains(own.to_str().unwrap()), "{open}");
        }
    }

    #[test]
    fn next_program_is_tried_after_early_failure() {
        let list = "absent:broken --url %s:good";
        let fixture =
            BrowserFixture::new(Some(list)).program("broken", "exit 3").program("good", "echo \"$1\" >\"$0.url\"");
        assert_eq!(run(fixture.open(&mut Browser::default())), opened("good"));
        assert_eq!(fixture.written("good.url").trim(), URL);
    }

    #[test]
    fn platform_opener_is_tried_last() {
        let fixture = BrowserFixture::new(Some("broken")).program("broken", "exit 1").program("xdg-open", "exit 0");
        assert_eq!(run(fixture.open(&mut Browser::default())), opened("xdg-open"));
    }

    #[test]
    fn open_reports_why_no_browser_started() {
        let fixture = BrowserFixture::new(Some("broken")).program("broken", "kill -9 $$").program("gio", "exit 4");
        let OpenResult::Failed { reason } = run(fixture.open(&mut Browser::default())) else { panic!() };
        assert_eq!(
            reason,
            "Could not open a browser: broken was killed by a signal, xdg-open is not installed, gio exited with code 4."
        );
        let fixture = BrowserFixture::new(Some("false")).program("xdg-open", "exit 0");
        let OpenResult::Failed { reason } = run(fixture.open(&mut Browser::default())) else { panic!() };
        assert_eq!(reason, "Could not open a browser: disabled by BROWSER=false.");
    }

    #[test]
    fn files_that_cannot_be_run_are_skipped() {
        let fixture = BrowserFixture::new(Some("text")).program("xdg-open", "exit 0");
        fs::write(fixture.path("text"), "no program").unwrap();
        fs::create_dir(fixture.path("gio")).unwrap();
        assert_eq!(run(fixture.open(&mut Browser::default())), opened("xdg-open"));
    }

    /// The project in the working directory cannot supply its own opener.
    #[test]
    fn relative_path_entries_are_ignored() {
        let host = |path: &str| Host::new([("PATH", path)], Some(env!("CARGO_MANIFEST_DIR").into()));
        assert_eq!(find("Cargo.toml", &host(".:")), None);
        assert_eq!(find("sh", &host(".:/bin")), Some("/bin/sh".into()));
    }

    /// A browser that keeps running is neither awaited nor killed, and leaves no zombie once it has ended.
    #[test]
    fn long_running_browser_is_not_awaited() {
        let fixture = BrowserFixture::new(None).program("xdg-open", "exec sleep 60");
        let mut browser = Browser::default();
        assert_eq!(run(fixture.open(&mut browser)), opened("xdg-open"));
        browser.reap();
        assert_eq!(browser.children.len(), 1, "the browser has ended, so it was awaited");
        browser.children[0].kill();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !browser.children.is_empty() && std::time::Instant::now() < deadline {
            browser.reap();
            std::thread::yield_now();
        }
        assert!(browser.children.is_empty());
    }
}
