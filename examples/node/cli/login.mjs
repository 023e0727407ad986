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
      onEvent: (event) => tell(event, waiting),
    });
    waiting.stop();
    report(done);
  } finally {
    waiting.stop();
  }
}

/** What a person has to read stays on its own line; the rest moves the spinner. */
function tell({ code, level, message, context }, waiting) {
  if (code === 'login_url') {
    console.error(`Log in at this address:\n${context.url}`);
    waiting.start();
  } else if (code === 'hint' || code === 'browser_failed') {
    waiting.stop();
    console.error(message);
    waiting.start();
  } else if (level === 'info') {
    waiting.text = message;
  }
}

function report({ organization, keys, saved }) {
  const whose = organization?.name ?? 'Autumn';
  if (!saved) return console.log(`The keys of ${whose} still work and were kept: ${keys.join(', ')}`);
  console.log(`Logged in to ${whose}. ${saved.created ? 'Created' : 'Changed'} ${saved.path}.`);
  if (saved.git === 'added') console.log('Added /.env to .gitignore.');
  if (saved.git === 'not_ignored') console.warn('Git does not ignore that file: do not commit it.');
  for (const location of saved.shadowedBy) console.warn(`But ${location.text} comes first.`);
}
