//! Kinds of machines, and the advice for each.

use super::kind::{Container, detect};
use super::*;

type Variables = &'static [(&'static str, &'static str)];
type Files = &'static [(&'static str, &'static str)];

fn on(variables: Variables, files: Files) -> HostKind {
    let read =
        |path: &Path| files.iter().find(|(found, _)| Path::new(found) == path).map(|(_, text)| (*text).to_owned());
    detect(&Host::new(variables.iter().copied(), None), read)
}

fn hint(variables: Variables, files: Files) -> String {
    on(variables, files).hint(31450).unwrap_or_default()
}

const WSL_KERNEL: Files = &[("/proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n")];
const DOCKER: Files = &[("/.dockerenv", "")];

#[test]
fn hint_is_absent_on_a_local_machine() {
    for (variables, files) in [
        (&[][..], &[][..]),
        (&[("DISPLAY", ":0"), ("USER", "ada"), ("TERM_PROGRAM", "vscode"), ("CI", "false"), ("CI", "")], &[]),
        (&[("SSH_CONNECTION", ""), ("SSH_AUTH_SOCK", "/run/agent"), ("container", "flatpak")], &[]),
        (&[], &[("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")]),
        (&[("container", "oci")], &[("/run/.containerenv", ""), ("/run/.toolboxenv", "")]),
    ] {
        assert_eq!(on(variables, files).hint(31448), None, "{variables:?}");
    }
}

#[test]
fn hint_over_ssh_is_a_complete_command() {
    for (connection, user, line) in [
        ("203.0.113.9 50000 198.51.100.7 22", "ada", "ssh -L 31450:localhost:31450 ada@198.51.100.7"),
        ("192.168.1.9 50000 192.168.1.7 2222", "ada", "ssh -p 2222 -L 31450:localhost:31450 ada@192.168.1.7"),
        ("2001:db8::9 50000 2001:db8::7 22", "ada", "ssh -L 31450:localhost:31450 ada@2001:db8::7"),
        ("192.168.1.9 50000 198.51.100.7 22", "ada", "ssh -L 31450:localhost:31450 ada@198.51.100.7"),
        // The IP address is translated, as in most clouds.
        ("203.0.113.9 50000 172.31.5.5 22", "ubuntu", "ssh -L 31450:localhost:31450 user@host"),
        ("203.0.113.9 50000 100.64.0.1 2222", "ada", "ssh -L 31450:localhost:31450 user@host"),
        // A hostile value must not become part of a shell command.
        ("203.0.113.9 50000 $(reboot) 22", "ada", "ssh -L 31450:localhost:31450 user@host"),
        ("203.0.113.9 50000 198.51.100.7 22", "a;reboot", "ssh -L 31450:localhost:31450 user@host"),
        ("203.0.113.9 50000 198.51.100.7 22", "-oProxyCommand=x", "ssh -L 31450:localhost:31450 user@host"),
        ("nonsense", "ada", "ssh -L 31450:localhost:31450 user@host"),
    ] {
        let host = Host::new([("SSH_CONNECTION", connection), ("USER", user)], None);
        let hint = detect(&host, |_| None).hint(31450).unwrap();
        assert!(hint.contains(&format!(": `{line}`. ")), "{hint}");
    }
    assert!(hint(&[("SSH_TTY", "/dev/pts/0")], &[]).contains("user@host"));
}

#[test]
fn hint_fits_the_kind_of_machine() {
    for (variables, files, part) in [
        (&[("CODESPACES", "true"), ("SSH_CONNECTION", "::1 1 ::1 2222")][..], DOCKER, "Codespaces"),
        (&[("VSCODE_IPC_HOOK_CLI", "/run/x.sock"), ("SSH_CONNECTION", "a b c d")], &[], "Ports view"),
        (&[("REMOTE_CONTAINERS", "true")], DOCKER, "Ports view"),
        (&[("CI", "true"), ("GITLAB_CI", "true")], DOCKER, "AUTUMN_SECRET_KEY"),
        (&[("CI", "1")], &[], "AUTUMN_SECRET_KEY"),
        (&[("TF_BUILD", "True")], &[], "AUTUMN_SECRET_KEY"),
        (&[("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("HOSTNAME", "web-0")], &[], "pod/web-0 31450:31450"),
        (&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")], &[("/etc/hostname", "job-x1\n")], "pod/job-x1 31450:31450"),
        (&[("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("HOSTNAME", "a b")], &[], "pod/POD 31450:31450"),
        (&[], DOCKER, "--network host"),
        (&[], &[("/run/.containerenv", "engine=\"podman\"")], "--network host"),
        (&[("container", "lxc")], &[], "--network host"),
        (&[("SSH_CONNECTION", "198.51.100.1 1 198.51.100.7 22"), ("LOGNAME", "ada")], DOCKER, "ada@198.51.100.7"),
        (&[("WSL_DISTRO_NAME", "Debian")], WSL_KERNEL, "networkingMode=mirrored"),
        (&[("WSL_DISTRO_NAME", "Debian"), ("VSCODE_IPC_HOOK_CLI", "/run/x.sock")], &[], "networkingMode=mirrored"),
        (&[], WSL_KERNEL, "networkingMode=mirrored"),
    ] {
        let hint = hint(variables, files);
        assert!(hint.contains(part), "{variables:?}: {hint}");
        assert!(hint.contains("31450") || hint.contains("AUTUMN_SECRET_KEY"), "{hint}");
        assert!(!hint.contains("  ") && !hint.contains('\n'), "{hint}");
        let asks = hint.ends_with(". If the browser shows an error after you approve, paste its URL here.");
        assert_eq!(asks, !hint.contains("automated environment"), "{hint}");
    }
}

#[test]
fn container_on_wsl_is_not_wsl() {
    let files: Files = &[("/.dockerenv", ""), ("/proc/sys/kernel/osrelease", "5.15.0-microsoft-standard-WSL2")];
    let found = on(&[], files);
    assert!(!found.wsl);
    assert_eq!(found.container, Some(Container::Engine));
}

#[test]
fn kind_of_this_machine_is_detected() {
    let _ = Host::current().kind().hint(31448);
}

#[test]
fn is_set_is_false_for_negative_values() {
    for (value, set) in
        [("", false), ("0", false), ("False", false), ("no", false), ("OFF", false), ("1", true), ("yes", true)]
    {
        assert_eq!(Host::new([("CODESPACES", value)], None).is_set("CODESPACES"), set, "{value}");
    }
    assert!(!Host::new([("", "")], None).is_set("CODESPACES"));
}

/// The hint and the decision about automatic login use the same rule.
#[test]
fn automation_is_detected_by_each_variable() {
    for variable in [CI_VARIABLE].iter().chain(&OTHER_CI_VARIABLES) {
        for (value, expected) in [("1", true), ("a:b", true), ("off", false), ("", false)] {
            let host = Host::new([(*variable, value)], None);
            assert_eq!(host.is_automation(), expected, "{variable}={value}");
            assert_eq!(detect(&host, |_| None).ci, expected, "{variable}={value}");
        }
        // Bindings copy only these variables for a resolution.
        assert!(Host::RESOLUTION_VARIABLES.contains(variable), "{variable}");
    }
}

#[test]
fn ci_decides_before_the_variables_of_ci_systems() {
    for (ci, expected) in [("false", false), ("0", false), ("true", true), ("", true)] {
        let host =
            Host::new([("CI", ci), ("JENKINS_URL", "https://ci.example.com"), ("CODEBUILD_BUILD_ID", "a:b")], None);
        assert_eq!(host.is_automation(), expected, "CI={ci}");
    }
}
