//! Detects the kind of machine, as far as it matters for the browser and the callback, and the advice for it.

use std::net::IpAddr;
use std::path::Path;

use super::Host;

/// What the user can do if the callback does not arrive. Left out where no program reads what the user pastes.
const PASTE_INSTEAD: &str = "If the browser shows an error after you approve, paste its URL here.";

/// The detected kind of machine. Several can apply, such as a container on a machine that is reached over SSH.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct HostKind {
    /// GitHub Codespaces.
    pub(crate) codespaces: bool,
    /// A terminal of VS Code whose window runs on another machine.
    pub(crate) vscode_remote: bool,
    /// Automation such as CI.
    pub(crate) ci: bool,
    /// An SSH session.
    pub(crate) ssh: Option<Ssh>,
    /// A container with a separate network.
    pub(crate) container: Option<Container>,
    /// The Windows Subsystem for Linux, which can start Windows programs.
    pub(crate) wsl: bool,
}

/// The connection of an SSH session.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Ssh {
    /// `user@address`, if the client can reach this IP address.
    destination: Option<String>,
    /// The port, unless it is 22.
    port: Option<u16>,
}

/// The kind of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// Docker, Podman or a similar engine.
    Engine,
    /// A Kubernetes pod, with its name if that is known.
    Kubernetes(Option<String>),
}

impl Host {
    /// The kind of machine, by environment variables and a few files.
    pub(crate) fn kind(&self) -> HostKind {
        detect(self, |path| std::fs::read_to_string(path).ok())
    }
}

/// [`Host::kind`] with the given files.
pub(super) fn detect(host: &Host, read: impl Fn(&Path) -> Option<String>) -> HostKind {
    let text = |name: &str| host.text(name).map(str::to_owned);
    let container = container(&text, &read);
    let kernel = || read(Path::new("/proc/sys/kernel/osrelease")).unwrap_or_default().to_ascii_lowercase();
    // A container of Docker Desktop has the same kernel, but cannot start Windows programs.
    let wsl = text("WSL_DISTRO_NAME").or_else(|| text("WSL_INTEROP")).is_some()
        || (container.is_none() && kernel().contains("microsoft"));
    HostKind {
        codespaces: host.is_set("CODESPACES"),
        // Set by the server part of VS Code, and not in the terminals of a local window.
        vscode_remote: text("VSCODE_IPC_HOOK_CLI").or_else(|| text("REMOTE_CONTAINERS")).is_some(),
        ci: host.is_automation(),
        ssh: ssh(&text),
        container,
        wsl,
    }
}

impl HostKind {
    /// The advice for this machine as a sentence; `None` if the browser can reach the callback port.
    pub(crate) fn hint(&self, port: u16) -> Option<String> {
        if self.codespaces {
            return Some(format!(
                "In Codespaces, the browser reaches port {port} only if VS Code on your computer forwards it (see the \
                 Ports view). {PASTE_INSTEAD}"
            ));
        }
        if self.vscode_remote && !self.wsl {
            return Some(format!(
                "If the browser cannot open localhost:{port} after you approve, forward port {port} in the Ports view of VS \
                 Code. {PASTE_INSTEAD}"
            ));
        }
        if self.ci {
            return Some(
                "This looks like an automated environment. Set AUTUMN_SECRET_KEY to a key instead of logging in."
                    .to_owned(),
            );
        }
        let session = self.ssh.as_ref().map(|ssh| ssh.hint(port));
        let container = || self.container.as_ref().map(|container| container.hint(port));
        session.or_else(container).or_else(|| self.wsl.then(|| wsl_hint(port)))
    }
}

impl Ssh {
    fn hint(&self, port: u16) -> String {
        let option = self.port.map(|port| format!("-p {port} ")).unwrap_or_default();
        let destination = self.destination.as_deref().unwrap_or("user@host");
        let line = format!("`ssh {option}-L {port}:localhost:{port} {destination}`");
        format!("To use the browser on your computer, first run this command there: {line}. {PASTE_INSTEAD}")
    }
}

impl Container {
    fn hint(&self, port: u16) -> String {
        match self {
            // `kubectl port-forward` connects to the loopback interface of the pod, where the callback server listens.
            Self::Kubernetes(pod) => {
                let pod = pod.as_deref().unwrap_or("POD");
                format!(
                    "To forward the port to the browser, run on your computer: `kubectl port-forward pod/{pod} \
                     {port}:{port}`. {PASTE_INSTEAD}"
                )
            }
            // A published port does not reach the loopback interface of the container.
            Self::Engine => format!(
                "The browser reaches port {port} of this container only if the container uses the network of its host \
                 (--network host) or the editor forwards the port. {PASTE_INSTEAD}"
            ),
        }
    }
}

fn wsl_hint(port: u16) -> String {
    format!(
        "If the browser on Windows cannot open localhost:{port} after you approve (a VPN can block it), write \
         networkingMode=mirrored under [wsl2] in %UserProfile%\\.wslconfig and run `wsl --shutdown`. \
         {PASTE_INSTEAD}"
    )
}

fn container(text: &impl Fn(&str) -> Option<String>, read: &impl Fn(&Path) -> Option<String>) -> Option<Container> {
    let exists = |path: &str| read(Path::new(path)).is_some();
    if text("KUBERNETES_SERVICE_HOST").is_some() {
        let pod = text("HOSTNAME").or_else(|| read(Path::new("/etc/hostname")));
        return Some(Container::Kubernetes(pod.map(|name| name.trim().to_owned()).filter(|name| is_plain(name))));
    }
    // Toolbox and Flatpak use the network of the host, and systemd on WSL sets `container` too.
    let shares = exists("/run/.toolboxenv") || matches!(text("container").as_deref(), Some("flatpak" | "wsl"));
    let engine = exists("/.dockerenv") || exists("/run/.containerenv") || text("container").is_some();
    (engine && !shares).then_some(Container::Engine)
}

/// Parses `SSH_CONNECTION`: IP address and port of the client, IP address and port of the server, as sshd sees them.
fn ssh(text: &impl Fn(&str) -> Option<String>) -> Option<Ssh> {
    let connection = text("SSH_CONNECTION");
    if connection.is_none() && text("SSH_CLIENT").is_none() && text("SSH_TTY").is_none() {
        return None;
    }
    let connection = connection.unwrap_or_default();
    let mut fields = connection.split_whitespace();
    let client = fields.next().and_then(|field| field.parse().ok());
    let server = fields.nth(1).and_then(|field| field.parse().ok());
    let port = fields.next().and_then(|field| field.parse().ok()).filter(|port| *port != 22);
    let user = text("USER").or_else(|| text("LOGNAME")).filter(|user| is_plain(user));
    let destination = match (client, server, user) {
        (Some(client), Some(server), Some(user)) if is_reachable(client, server) => Some(format!("{user}@{server}")),
        _ => None,
    };
    // If the IP address is translated, the port may be translated too.
    Some(Ssh { port: port.filter(|_| destination.is_some()), destination })
}

/// Whether the client can reach the IP address that sshd sees. If the client is public and the server private, the
/// address is translated on the way (NAT).
fn is_reachable(client: IpAddr, server: IpAddr) -> bool {
    is_private(client) || !is_private(server)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 is for carrier-grade NAT (RFC 6598), and Tailscale uses it too.
            let shared = matches!(address.octets(), [100, 64..=127, ..]);
            address.is_private() || address.is_loopback() || address.is_link_local() || shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Whether a name is safe in a shell command without quotes.
fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && name.len() <= 253 && !name.starts_with('-') && name.bytes().all(allowed)
}
