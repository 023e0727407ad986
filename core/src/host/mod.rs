//! Where we run, as far as a browser and its way back to us are concerned, and the one piece of advice that fits.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::Path;

/// What was found out. Several can be true at once: a container on a machine reached by SSH, for one.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct HostKind {
    /// GitHub Codespaces.
    pub(crate) codespaces: bool,
    /// A terminal of VS Code whose window is on another machine.
    pub(crate) vscode_remote: bool,
    /// Automation, or something that calls itself so.
    pub(crate) ci: bool,
    /// A session that came over SSH.
    pub(crate) ssh: Option<Ssh>,
    /// A container with a network of its own.
    pub(crate) container: Option<Container>,
    /// Linux inside Windows, with Windows programs at hand.
    pub(crate) wsl: bool,
}

/// How somebody got here by SSH.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Ssh {
    /// `user@address`, if the address can be the one that was used.
    destination: Option<String>,
    /// The port, if it is not 22.
    port: Option<u16>,
}

/// Which kind of container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// Docker, Podman and the like.
    Engine,
    /// A pod, with its name if it is known.
    Kubernetes(Option<String>),
}

/// Finds out where we run, from the environment and a few files.
pub(crate) fn here() -> HostKind {
    detect(|name| std::env::var_os(name), |path| std::fs::read_to_string(path).ok())
}

/// [`here`], told what to look at.
pub(crate) fn detect(env: impl Fn(&str) -> Option<OsString>, read: impl Fn(&Path) -> Option<String>) -> HostKind {
    let text = |name: &str| env(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty());
    let container = container(&text, &read);
    let kernel = || read(Path::new("/proc/sys/kernel/osrelease")).unwrap_or_default().to_ascii_lowercase();
    // A container of Docker Desktop runs on the same kernel, without a way to Windows programs.
    let wsl = text("WSL_DISTRO_NAME").or_else(|| text("WSL_INTEROP")).is_some()
        || (container.is_none() && kernel().contains("microsoft"));
    HostKind {
        codespaces: is_set(env("CODESPACES")),
        // Set in terminals of VS Code's server part, not in those of a local window.
        vscode_remote: text("VSCODE_IPC_HOOK_CLI").or_else(|| text("REMOTE_CONTAINERS")).is_some(),
        ci: is_automation(&env),
        ssh: ssh(&text),
        container,
        wsl,
    }
}

impl HostKind {
    /// The one right advice, with the port, as a sentence to print; `None` where the browser will find its way.
    pub(crate) fn hint(&self, port: u16) -> Option<String> {
        if self.codespaces {
            return Some(format!(
                "In Codespaces, the browser reaches port {port} only if VS Code on your own computer forwards it (the \
                 Ports view); in the browser's editor, paste the address at which the login ends."
            ));
        }
        if self.vscode_remote && !self.wsl {
            return Some(format!(
                "If the browser cannot open localhost:{port} in the end, forward port {port} in VS Code's Ports view."
            ));
        }
        if self.ci {
            return Some(
                "This looks like automation: rather than logging in, hand it a key in the variable AUTUMN_SECRET_KEY."
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
        let line = format!("ssh {option}-L {port}:localhost:{port} {destination}");
        format!("To log in with the browser on your own computer, first run there: {line}")
    }
}

impl Container {
    fn hint(&self, port: u16) -> String {
        match self {
            // It goes to the pod's own loopback, where we listen.
            Self::Kubernetes(pod) => {
                let pod = pod.as_deref().unwrap_or("POD");
                format!("To let the browser in, run on your own computer: kubectl port-forward pod/{pod} {port}:{port}")
            }
            // Publishing alone does not reach the container's loopback.
            Self::Engine => format!(
                "In a container, the browser outside reaches port {port} only if the container shares the host's \
                 network (--network host) or the editor forwards the port; otherwise paste the address at which the \
                 login ends."
            ),
        }
    }
}

fn wsl_hint(port: u16) -> String {
    format!(
        "If the browser on Windows cannot open localhost:{port} in the end (a VPN can prevent it), write \
         networkingMode=mirrored under [wsl2] in %UserProfile%\\.wslconfig and run `wsl --shutdown`."
    )
}

fn container(text: &impl Fn(&str) -> Option<String>, read: &impl Fn(&Path) -> Option<String>) -> Option<Container> {
    let exists = |path: &str| read(Path::new(path)).is_some();
    if text("KUBERNETES_SERVICE_HOST").is_some() {
        let pod = text("HOSTNAME").or_else(|| read(Path::new("/etc/hostname")));
        return Some(Container::Kubernetes(pod.map(|name| name.trim().to_owned()).filter(|name| is_plain(name))));
    }
    // Toolbox and Flatpak share the network with their host; WSL's systemd calls itself a container too.
    let shares = exists("/run/.toolboxenv") || matches!(text("container").as_deref(), Some("flatpak" | "wsl"));
    let engine = exists("/.dockerenv") || exists("/run/.containerenv") || text("container").is_some();
    (engine && !shares).then_some(Container::Engine)
}

/// `SSH_CONNECTION` is "client-address client-port server-address server-port", as sshd saw it.
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
    // Behind a translated address, the port is as unknown as the address is.
    Some(Ssh { port: port.filter(|_| destination.is_some()), destination })
}

/// Whether the address that sshd sees can be the one that the client used: a public client does not reach a private
/// address, so something translated it on the way.
fn is_reachable(client: IpAddr, server: IpAddr) -> bool {
    is_private(client) || !is_private(server)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 is what providers, and networks such as Tailscale, use behind their own translation.
            let shared = matches!(address.octets(), [100, 64..=127, ..]);
            address.is_private() || address.is_loopback() || address.is_link_local() || shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Whether nobody is there to log in: by the variable that nearly all set, and by those of the ones that do not.
pub(crate) fn is_automation(env: impl Fn(&str) -> Option<OsString>) -> bool {
    ["CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION"].iter().any(|name| is_set(env(name)))
}

/// Whether a variable is there and does not say no.
pub(crate) fn is_set(value: Option<OsString>) -> bool {
    let says_no = |value: &str| matches!(value, "" | "0" | "false" | "no" | "off");
    value.is_some_and(|value| !says_no(&value.to_string_lossy().to_ascii_lowercase()))
}

/// A name that can be copied into a command line as it is.
fn is_plain(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && name.len() <= 253 && !name.starts_with('-') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
