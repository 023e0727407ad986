// The two pages of the authorization server. Like Autumn's, they call its endpoints from a script and go where these say.

const SIGN_IN = `
<h1>Sign in</h1>
<form id="form">
<p><label>Email <input name="email" type="email" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p>
</form>`;

const CONSENT = (session, organizations) => `
<h1>Allow atmn to use Autumn?</h1>
<p>You are signed in as ${escape(session.user.name)}.</p>
<form id="form">
<fieldset><legend>Organization</legend>
${organizations.map((organization) => choice(organization, session.session.activeOrganizationId)).join('\n')}
</fieldset>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></p>
</form>`;

const choice = ({ id, name }, active) =>
  `<p><label><input type="radio" name="organization" value="${id}"${id === active ? ' checked' : ''}> ${escape(name)}</label></p>`;

// The query that the server signed goes back to it whole.
const SCRIPT = `
const ask = async (path, body) => {
  const answer = await fetch('/api/auth' + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.message ?? told.error_description ?? told.error);
  return told;
};
const oauth_query = location.search.slice(1);
const signIn = (form) => ask('/sign-in/email', { email: form.get('email'), password: form.get('password'), oauth_query });
const decide = async (form) => {
  const accept = form.get('decision') === 'allow';
  if (accept) await ask('/organization/set-active', { organizationId: form.get('organization') });
  return ask('/oauth2/consent', { accept, oauth_query });
};
document.querySelector('#form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  try {
    const told = await (form.has('email') ? signIn(form) : decide(form));
    location.href = told.url;
  } catch (error) {
    document.querySelector('#told').textContent = error.message;
  }
});`;

const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title, content) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<style>:root{color-scheme:light dark}body{max-width:30rem;margin:4rem auto;font:1rem/1.5 sans-serif}</style>
<main>${content}
<p id="told" role="alert"></p>
</main>
<script>${SCRIPT}</script>
`;

const html = (status, body) => new Response(body, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });

/** `GET /sign-in` */
export const signInPage = () => html(200, page('Sign in', SIGN_IN));

/** `GET /consent`, for whoever is signed in. */
export async function consentPage(auth, request) {
  const { headers } = request;
  const session = await auth.api.getSession({ headers });
  if (!session) return signInPage();
  const organizations = await auth.api.listOrganizations({ headers });
  return html(200, page('Allow atmn?', CONSENT(session, organizations)));
}
