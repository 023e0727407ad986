// The two pages of the authorization server. As in Autumn, a script on them calls its endpoints and follows the URLs in the responses.

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

// The server signed the query, so it must be returned unchanged.
const SCRIPT = `
const post = async (path, body) => {
  const response = await fetch('/api/auth' + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const result = await response.json();
  if (!response.ok) throw new Error(result.message ?? result.error_description ?? result.error);
  return result;
};
const oauth_query = location.search.slice(1);
const signIn = (form) => post('/sign-in/email', { email: form.get('email'), password: form.get('password'), oauth_query });
const decide = async (form) => {
  const accept = form.get('decision') === 'allow';
  if (accept) await post('/organization/set-active', { organizationId: form.get('organization') });
  return post('/oauth2/consent', { accept, oauth_query });
};
document.querySelector('#form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  try {
    const { url } = await (form.has('email') ? signIn(form) : decide(form));
    location.href = url;
  } catch (error) {
    document.querySelector('#error').textContent = error.message;
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
<p id="error" role="alert"></p>
</main>
<script>${SCRIPT}</script>
`;

const html = (status, body) => new Response(body, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });

/** `GET /sign-in` */
export const signInPage = () => html(200, page('Sign in', SIGN_IN));

/** `GET /consent`: the consent page, or the sign-in page without a session. */
export async function consentPage(auth, request) {
  const { headers } = request;
  const session = await auth.api.getSession({ headers });
  if (!session) return signInPage();
  const organizations = await auth.api.listOrganizations({ headers });
  return html(200, page('Allow atmn?', CONSENT(session, organizations)));
}
