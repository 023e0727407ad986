// Listeners for logs: they have every event and no login URL.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { consoleListener, login, pinoListener } from 'libatmn';
import { pino } from 'pino';
import { Autumn } from './autumn.mjs';
import { Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** The events of a login whose browser cannot be opened, after which the listener sees them too. */
async function logged(t, listener) {
  const codes = [];
  let url;
  const onEvent = (event) => {
    codes.push(event.code);
    listener(event);
    if (event.code !== 'login_url') return;
    url = event.context.url;
    autumn.approve(url);
  };
  await login({ server: autumn.url, directory: new Project(t).path, onEvent, openBrowser: false });
  return { codes, url };
}

test('pinoListener logs every event without the login URL', async (t) => {
  let output = '';
  const logger = pino({}, { write: (line) => (output += line) });
  const { codes, url } = await logged(t, pinoListener(logger));
  const lines = output.trim().split('\n').map(JSON.parse);
  assert.deepEqual(
    lines.map(({ event }) => event),
    codes,
  );
  // The login opens no browser, as the caller wants.
  assert.ok(lines.every(({ level, event }) => level === (event === 'browser_failed' ? 40 : 30)));
  assert.match(lines[0].msg, /\(login URL\)/);
  assert.equal(lines[0].url, '(login URL)');
  assert.ok(!output.includes(url) && !output.includes('code_challenge'), output);
});

test('consoleListener warns about what a program should look at', async (t) => {
  const lines = [];
  const target = { info: (text) => lines.push(['info', text]), warn: (text) => lines.push(['warn', text]) };
  const log = consoleListener(target);
  const { codes, url } = await logged(t, log);
  assert.equal(lines.length, codes.length);
  assert.ok(lines.every(([level], index) => level === (codes[index] === 'browser_failed' ? 'warn' : 'info')));
  assert.ok(lines.every(([, text]) => !text.includes(url)));
  log({ code: 'retrying', message: `Again ${url}`, context: { attempt: '1' } });
  assert.deepEqual(lines.at(-1), ['warn', 'Again (login URL)']);
  assert.throws(() => consoleListener({ info() {} }), { name: 'TypeError', code: 'invalid_argument' });
  assert.throws(() => pinoListener(), { name: 'TypeError', code: 'invalid_argument' });
});
