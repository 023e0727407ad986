//! Lists customers. If the key is rejected and a user is at the terminal, logs in again.
#![allow(clippy::print_stdout, clippy::print_stderr)] // this is a program, not a library

use std::process::ExitCode;

use libatmn::{ApiRequest, Cancel, Client, ClientOptions, Reauth, Result, terminal_listener};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error} {}", error.hint.as_ref().map(ToString::to_string).unwrap_or_default());
            ExitCode::from(error.code.exit_code())
        }
    }
}

async fn run() -> Result<()> {
    let options = ClientOptions { reauth: Reauth::Auto, ..ClientOptions::default() };
    let client = Client::new(options)?;
    let request = ApiRequest::new("GET", "/v1/customers").query("limit", "10");
    let mut listener = terminal_listener(std::io::stderr());
    let response = client.request(&request, Some(&mut listener), &Cancel::new()).await?;
    println!("{}", String::from_utf8_lossy(&response.body));
    Ok(())
}
