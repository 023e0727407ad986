import { login } from 'libatmn';
import spinner from 'yocto-spinner';

/** `shop login` */
export async function logIn(common, { browser, timeout, force }) {
  const waiting = spinner({ text: 'Waiting for the browser' });
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    const done = await login({
      ...common,
      force,
      loginTimeoutMs: timeout * 1000,
      openBrowser: browser,
      signal: interrupted.signal,
      onEvent: (event) => show(event, waiting),
    });
    waiting.stop();
    report(done);
  } finally {
    waiting.stop();
  }
}

/** What the user has to read gets its own line; other events change the text of the spinner. */
function show({ code, message, context }, waiting) {
  if (code === 'login_url') {
    console.error(`Log in at this URL:\n${context.url}`);
    waiting.start();
  } else if (code === 'hint' || code === 'browser_failed') {
    waiting.stop();
    console.error(message);
    waiting.start();
  } else {
    waiting.text = message;
  }
}

function report({ organization, keys, saved }) {
  const name = organization?.name ?? 'Autumn';
  if (!saved) return console.log(`The keys of ${name} still work and were kept: ${keys.join(', ')}`);
  console.log(`Logged in to ${name}. ${saved.created ? 'Created' : 'Changed'} ${saved.path}.`);
  if (saved.git === 'added') console.log('Added /.env to .gitignore.');
  if (saved.git === 'not_ignored') console.warn('Git does not ignore that file: do not commit it.');
  for (const location of saved.shadowedBy) console.warn(`Warning: ${location.text} takes precedence.`);
}
