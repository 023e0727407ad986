//! What a browser asks for: authorize, sign in, consent, the list of keys.

use hyper::StatusCode;
use hyper::header::{COOKIE, SET_COOKIE};
use libatmn::__internal::config::AUTHORIZE_PATH;

use crate::accounts;
use crate::answer::{Answer, Handled, Request, page, redirect, with};
use crate::form::Parameters;
use crate::grant::{AuthorizationRequest, Rejection};
use crate::page;
use crate::store::{State, Store};

/// The session's name among the request's cookies. Cookies do not know ports, so each port has its own.
pub(crate) fn session_name<'a>(state: &State, request: &'a Request) -> Option<&'a str> {
    let cookie = cookie_name(state);
    let headers = request.headers().get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = headers.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie).map(|(_, value)| value)
}

fn cookie_name(state: &State) -> String {
    let port = state.base.rsplit(':').next().unwrap_or_default();
    format!("local-autumn-{port}")
}

/// `GET /api/auth/oauth2/authorize` (RFC 6749, 4.1.1).
pub(crate) fn authorize(store: &Store, request: &Request) -> Handled {
    let mut state = store.lock();
    let query = request.uri().query().unwrap_or_default();
    let authorization = match AuthorizationRequest::read(query, &state) {
        Ok(authorization) => authorization,
        Err(rejection) => return Ok(refuse(&rejection)),
    };
    if let Some((person, organization)) = state.automatic {
        return state
            .allow(&authorization, person, organization)
            .map(|callback| redirect(StatusCode::FOUND, &callback));
    }
    let Some(session) = session_name(&state, request).and_then(|name| state.session(name)) else {
        return Ok(page(StatusCode::OK, &page::sign_in(query), None));
    };
    let asked_before = state.consents.contains(&(session.person, session.organization));
    if asked_before && !authorization.consent {
        let callback = state.allow(&authorization, session.person, session.organization)?;
        return Ok(redirect(StatusCode::FOUND, &callback));
    }
    let consent = page::consent(query, session.person, session.organization, &authorization.scopes);
    // The redirect's origin, which is the redirect without its slash.
    Ok(page(StatusCode::OK, &consent, Some(authorization.redirect_uri.trim_end_matches('/'))))
}

fn refuse(rejection: &Rejection) -> Answer {
    match rejection {
        Rejection::Page(error, description) => {
            page(StatusCode::BAD_REQUEST, &page::failure(error, &format!("{description}.")), None)
        }
        Rejection::Callback(callback) => redirect(StatusCode::FOUND, callback),
    }
}

/// `POST /sign-in`: the person, and the authorization request to go on with.
pub(crate) fn sign_in(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let Some(person) = form.get("person").and_then(accounts::person) else {
        return Ok(unreadable("There is nobody of this name"));
    };
    let mut state = store.lock();
    let session = state.sign_in(person)?;
    let cookie = format!("{}={session}; Path=/; HttpOnly; SameSite=Strict", cookie_name(&state));
    Ok(with(redirect(StatusCode::SEE_OTHER, &onward(&form)), SET_COOKIE, &cookie))
}

/// `POST /sign-out`: back to the list of people.
pub(crate) fn sign_out(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let mut state = store.lock();
    if let Some(name) = session_name(&state, request) {
        state.sign_out(name);
    }
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", cookie_name(&state));
    Ok(with(redirect(StatusCode::SEE_OTHER, &onward(&form)), SET_COOKIE, &cookie))
}

/// Where a form leads: to the authorization request it carries, else to the first page. Always on this server.
fn onward(form: &Parameters) -> String {
    form.get("query").map_or_else(|| "/".to_owned(), |query| format!("{AUTHORIZE_PATH}?{query}"))
}

/// `POST /consent`: the decision, for the organization chosen.
pub(crate) fn consent(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let mut state = store.lock();
    let Some(session) = session_name(&state, request).and_then(|name| state.session(name)) else {
        return Ok(redirect(StatusCode::SEE_OTHER, &onward(&form)));
    };
    let authorization = match AuthorizationRequest::read(form.get("query").unwrap_or_default(), &state) {
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
        _ => Ok(unreadable("The decision or the organization is missing")),
    }
}

/// `GET /`: the keys of whoever is signed in.
pub(crate) fn keys(store: &Store, request: &Request) -> Handled {
    let state = store.lock();
    let session = session_name(&state, request).and_then(|name| state.session(name));
    let shown = session.map_or_else(|| page::sign_in(""), |session| page::keys(session.person, &state.keys));
    Ok(page(StatusCode::OK, &shown, None))
}

/// `POST /keys/revoke`: one key of an organization of whoever is signed in, by its place in the list.
pub(crate) fn revoke_key(store: &Store, request: &Request) -> Handled {
    let form = Parameters::parse(request.body()).unwrap_or_default();
    let mut state = store.lock();
    let session = session_name(&state, request).and_then(|name| state.session(name));
    let number: Option<usize> = form.get("key").and_then(|number| number.parse().ok());
    let key = number.and_then(|number| state.keys.get_mut(number));
    match (session, key) {
        (Some(session), Some(key)) if session.person.organizations.contains(&key.organization) => {
            key.revoked = true;
            Ok(redirect(StatusCode::SEE_OTHER, "/"))
        }
        _ => Ok(unreadable("There is no such key")),
    }
}

fn unreadable(reason: &str) -> Answer {
    page(StatusCode::BAD_REQUEST, &page::failure("invalid_request", &format!("{reason}.")), None)
}
