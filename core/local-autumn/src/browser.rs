//! The pages in the browser: sign in, consent, and the list of keys.

use hyper::StatusCode;
use hyper::header::{ACCEPT, COOKIE, SET_COOKIE};
use libatmn::__internal::config::AUTHORIZE_PATH;

use crate::accounts;
use crate::authorization::Rejection;
use crate::form::Parameters;
use crate::page;
use crate::response::{Handled, Request, Response, page, redirect, request_error, with_header};
use crate::sessions::Session;
use crate::state::ServerState;
use crate::store::Store;

/// The name of the session in the cookies of a request. Browsers share cookies between ports, so the cookie's name
/// contains the port.
pub(crate) fn session_name<'a>(state: &ServerState, request: &'a Request) -> Option<&'a str> {
    let cookie = cookie_name(state);
    let headers = request.headers().get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = headers.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie).map(|(_, value)| value)
}

/// The session of a request, if the person is signed in.
fn session(state: &ServerState, request: &Request) -> Option<Session> {
    session_name(state, request).and_then(|name| state.session(name))
}

fn cookie_name(state: &ServerState) -> String {
    let port = state.base_url.rsplit(':').next().unwrap_or_default();
    format!("local-autumn-{port}")
}

/// `GET /api/auth/oauth2/authorize` (RFC 6749, 4.1.1).
pub(crate) fn authorize(store: &Store, request: &Request) -> Handled {
    let mut state = store.lock();
    let query = request.uri().query().unwrap_or_default();
    let authorization = match state.read_authorization(query) {
        Ok(authorization) => authorization,
        Err(rejection) => return Ok(refuse(&rejection)),
    };
    if let Some((person, organization)) = state.automatic_approval {
        return state
            .allow(&authorization, person, organization)
            .map(|callback| redirect(StatusCode::FOUND, &callback));
    }
    let Some(session) = session(&state, request) else {
        return Ok(page(StatusCode::OK, &page::sign_in(query), None));
    };
    if state.sessions.has_consent(session) && !authorization.consent {
        let callback = state.allow(&authorization, session.person, session.organization)?;
        return Ok(redirect(StatusCode::FOUND, &callback));
    }
    let consent = page::consent(query, session.person, session.organization, &authorization.scopes);
    // The origin of the callback URL, which is the callback URL without its slash.
    Ok(page(StatusCode::OK, &consent, Some(authorization.redirect_uri.trim_end_matches('/'))))
}

fn refuse(rejection: &Rejection) -> Response {
    match rejection {
        Rejection::Page(error, description) => {
            page(StatusCode::BAD_REQUEST, &page::failure(error, &format!("{description}.")), None)
        }
        Rejection::Callback(callback) => redirect(StatusCode::FOUND, callback),
    }
}

/// `POST /sign-in`: starts a session, and continues with the authorization request.
pub(crate) fn sign_in(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let Some(person) = form.get("person").and_then(accounts::person) else {
        return Ok(bad_request("This person does not exist"));
    };
    let mut state = store.lock();
    let now = state.clock.now();
    let session = state.sessions.sign_in(person, now)?;
    let cookie = format!("{}={session}; Path=/; HttpOnly; SameSite=Strict", cookie_name(&state));
    Ok(with_header(redirect(StatusCode::SEE_OTHER, &next_url(&form)), SET_COOKIE, &cookie))
}

/// `POST /sign-out`: ends the session, and shows the list of people.
pub(crate) fn sign_out(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let mut state = store.lock();
    if let Some(name) = session_name(&state, request) {
        state.sessions.sign_out(name);
    }
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", cookie_name(&state));
    Ok(with_header(redirect(StatusCode::SEE_OTHER, &next_url(&form)), SET_COOKIE, &cookie))
}

/// The URL after a form: the authorization request in the form, or the first page. It is always on this server.
fn next_url(form: &Parameters) -> String {
    form.get("query").map_or_else(|| "/".to_owned(), |query| format!("{AUTHORIZE_PATH}?{query}"))
}

/// `POST /consent`: the person's decision for the chosen organization.
pub(crate) fn consent(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let mut state = store.lock();
    let Some(session) = session(&state, request) else {
        return Ok(redirect(StatusCode::SEE_OTHER, &next_url(&form)));
    };
    let authorization = match state.read_authorization(form.get("query").unwrap_or_default()) {
        Ok(authorization) => authorization,
        Err(rejection) => return Ok(refuse(&rejection)),
    };
    let organization = form.get("organization").and_then(|name| session.person.organization(name));
    match (form.get("decision"), organization) {
        (Some("deny"), _) => Ok(redirect(StatusCode::SEE_OTHER, &authorization.denial(&state.issuer()))),
        (Some("allow"), Some(organization)) => {
            let callback = state.allow(&authorization, session.person, organization)?;
            Ok(redirect(StatusCode::SEE_OTHER, &callback))
        }
        _ => Ok(bad_request("The decision or the organization is missing")),
    }
}

/// `GET /`: the keys of the signed-in person.
pub(crate) fn keys(store: &Store, request: &Request) -> Handled {
    let state = store.lock();
    let session = session(&state, request);
    let shown = session.map_or_else(|| page::sign_in(""), |session| page::keys(session.person, state.keys.all()));
    Ok(page(StatusCode::OK, &shown, None))
}

/// `POST /keys/revoke`: revokes a key of the signed-in person's organizations, by its index in the list.
pub(crate) fn revoke_key(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let mut state = store.lock();
    let session = session(&state, request);
    let index: Option<usize> = form.get("key").and_then(|index| index.parse().ok());
    let key = index.and_then(|index| state.keys.get_mut(index));
    match (session, key) {
        (Some(session), Some(key)) if session.person.organizations.contains(&key.organization) => {
            key.revoked = true;
            Ok(redirect(StatusCode::SEE_OTHER, "/"))
        }
        _ => Ok(bad_request("This key does not exist")),
    }
}

/// Pays as a customer who opens the page: the plan begins, and the browser goes on to `success_url`.
pub(crate) fn checkout(store: &Store, request: &Request) -> Response {
    let mut state = store.lock();
    let Some(checkout) = state.checkouts.close(request.uri().path()) else { return not_found(request) };
    // The customer may have been deleted meanwhile.
    let Some(customer) = state.customers.get_mut(checkout.principal, &checkout.customer_id) else {
        return not_found(request);
    };
    (customer.plan, customer.has_paid) = (checkout.plan, true);
    match checkout.success_url {
        Some(url) => redirect(StatusCode::SEE_OTHER, &url),
        None => page(StatusCode::OK, &page::paid(checkout.plan.name), None),
    }
}

/// A URL that does not exist: a page for browsers, JSON for programs.
pub(crate) fn not_found(request: &Request) -> Response {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|types| types.contains("text/html")) {
        return page(StatusCode::NOT_FOUND, &page::not_found(), None);
    }
    request_error(StatusCode::NOT_FOUND, "This path does not exist", "NOT_FOUND")
}

fn bad_request(reason: &str) -> Response {
    page(StatusCode::BAD_REQUEST, &page::failure("invalid_request", &format!("{reason}.")), None)
}
