//! `atmn open`

use std::process::ExitCode;

use libatmn::{Error, Host, Result, Server, blocking};
use serde_json::json;

use crate::cli::{DashboardPage, Global, OpenArguments};
use crate::output::Output;
use crate::signals::Signals;

const DOCUMENTATION: &str = "https://docs.useautumn.com";

pub(crate) fn run(arguments: &OpenArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let host = Host::current();
    let server = Server::choose(global.server().as_ref(), &host)?;
    let own = if arguments.page == DashboardPage::Docs { None } else { own_page(&server, &host, output)? };
    let url = own.map_or_else(|| url(arguments.page, &server), Ok)?;
    let opened = if arguments.no_browser { None } else { Some(blocking::open_browser(&url, &host)?) };
    match &opened {
        Some(Ok(_)) => output.done("Opened your browser."),
        Some(Err(reason)) => output.warning(&format!("{reason} Open the URL yourself.")),
        None => {}
    }
    if output.json {
        return Ok(output.data_json(&json!({ "url": url, "opened": matches!(opened, Some(Ok(_))) })));
    }
    Ok(output.data(&url))
}

/// The page that a server for tests has in place of a dashboard.
fn own_page(server: &Server, host: &Host, output: &Output) -> Result<Option<String>> {
    let signals = Signals::for_call();
    let _waiting = output.contacting(server.api());
    blocking::own_page(server, host, signals.cancel())
}

/// # Errors
/// `invalid_argument`: the dashboard of a custom server is not known.
fn url(page: DashboardPage, server: &Server) -> Result<String> {
    let path = match page {
        DashboardPage::Docs => return Ok(DOCUMENTATION.to_owned()),
        DashboardPage::Dashboard => "",
        DashboardPage::Keys => "/dev?tab=api_keys",
        DashboardPage::Billing => "/customers",
    };
    let dashboard = server.dashboard().ok_or_else(|| {
        Error::invalid("server", format!("The dashboard of {server} is not known."))
            .with_hint("Ask the server's operator for its URL, or unset `ATMN_BACKEND_URL` to open Autumn's own.")
    })?;
    Ok(format!("{dashboard}{path}"))
}
