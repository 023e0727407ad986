// Pasting where a program logs in: `login({ input: process.stdin })`, in a real terminal.

import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { login, startLogin } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { here, Project } from './project.mjs';
import { inTerminal } from './terminal.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

const program = `
  import { createInterface } from 'node:readline';
  import { login, terminalListener } from 'libatmn';
  const [server, directory, next] = process.argv.slice(1);
  const onEvent = terminalListener();
  try {
    const { environments } = await login({ server, directory, openBrowser: false, onEvent, input: process.stdin });
    console.log('LOGGED IN', environments.join());
  } catch (error) {
    console.log('FAILED', error.code);
  }
  const listeners = process.stdin.eventNames().filter((name) => /data|error|end|readable/.test(String(name)));
  console.log('FLOWING', String(process.stdin.readableFlowing), listeners.join());
  if (next === 'data') process.stdin.once('data', (line) => process.stdin.pause() && console.log('THEN', String(line)));
  if (next === 'readline') createInterface({ input: process.stdin }).once('line', function (line) {
    console.log('THEN', line);
    this.close();
  });`;

/** Runs the program in a terminal; `steps` are texts to wait for, and what to type then. */
function paste(t, next, steps) {
  const command = [process.execPath, '--input-type=module', '-e', program, autumn.url, new Project(t).path, next];
  let shown = '';
  let step = Promise.resolve();
  const onOutput = (text, child) => {
    shown += text;
    step = step.then(async () => {
      while (steps.length > 0 && shown.includes(steps[0][0])) {
        const [, type] = steps.shift();
        child.stdin.write(await type(shown));
      }
    });
  };
  return inTerminal(command, { cwd: here, onOutput });
}

const urlIn = (shown) => shown.split(/\s+/).find((word) => word.includes('/oauth2/authorize?'));

for (const next of ['nothing', 'data', 'readline']) {
  test(`a pasted callback URL ends the login and is not shown; then ${next} reads the terminal`, async (t) => {
    let url;
    let callback;
    const { code, stdout } = await paste(t, next, [
      [
        '/oauth2/authorize?',
        (shown) => {
          url = urlIn(shown);
          return 'hunter2\n';
        },
      ],
      [
        'Still waiting.',
        async () => {
          callback = await autumn.callback(url);
          return `${callback}\n`;
        },
      ],
      ['FLOWING', () => (next === 'nothing' ? '' : 'next line\n')],
    ]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /That is not the callback URL\. .* Still waiting\./);
    assert.match(stdout, /LOGGED IN sandbox,live/);
    assert.doesNotMatch(stdout, /hunter2/);
    assert.ok(!stdout.includes(callback));
    assert.match(stdout, /FLOWING null (end)?\r?\n/);
    // The terminal shows again what is typed, and a program reads it.
    if (next !== 'nothing') assert.match(stdout, /next line\r\n(.*\n)*THEN next line/);
  });
}

test('Ctrl-C ends the program while the login waits', async (t) => {
  const { code, stdout } = await paste(t, 'nothing', [['/oauth2/authorize?', () => '\x03']]);
  assert.equal(code, 128 + 2, stdout);
});

/** Logs in with a stream. `type` receives the login URL, and writes to the stream. */
async function logInWith(t, input, type, more) {
  const events = [];
  const onEvent = async (event) => {
    events.push(event);
    if (event.code === 'login_url') await type(event.context.url);
  };
  const { path: directory } = new Project(t);
  const done = await login({ server: autumn.url, directory, openBrowser: false, onEvent, input, ...more });
  assert.ok(done.saved);
  return events.filter(({ message }) => message.endsWith('Still waiting.')).map(({ message }) => message);
}

test('lines of a pipe are submitted, and the rest stays in the stream', async (t) => {
  const input = new PassThrough();
  const answers = await logInWith(t, input, async (url) => {
    input.write('\n \r\nam_sk_test_0123456789ab\n');
    const callback = await autumn.callback(url);
    input.write(callback.slice(0, 30));
    input.write(`${callback.slice(30)}\nthe rest\nof it`);
  });
  assert.equal(answers.length, 1);
  assert.match(answers[0], /key or token.* `npx libatmn save`/);
  assert.equal(input.readableFlowing, null);
  assert.deepEqual(input.listenerCount('data') + input.listenerCount('error'), 0);
  input.end('\n');
  assert.equal((await input.toArray()).join(''), 'the rest\nof it\n');
});

test('a stream that flows keeps flowing, and one that is paused stays paused', async (t) => {
  const flowing = new PassThrough();
  const seen = [];
  flowing.on('data', (chunk) => seen.push(String(chunk)));
  await logInWith(t, flowing, async (url) => flowing.write(`${await autumn.callback(url)}\n`));
  flowing.write('more');
  await new Promise(setImmediate);
  assert.equal(flowing.readableFlowing, true);
  assert.equal(seen.at(-1), 'more');

  const paused = new PassThrough({ encoding: 'utf8' });
  paused.pause();
  await logInWith(t, paused, async (url) => paused.write(`${await autumn.callback(url)}\nrest`));
  assert.equal(paused.readableFlowing, false);
  assert.equal(paused.read(), 'rest');
});

test('the end and an error of the stream leave the login waiting', async (t) => {
  const ended = await logInWith(t, Readable.from(['not the callback URL']), (url) => void autumn.approve(url));
  assert.equal(ended.length, 1);
  const broken = new PassThrough();
  await logInWith(t, broken, (url) => {
    broken.destroy(new Error('gone'));
    autumn.approve(url);
  });
});

test('without input, no hint and no event asks the user to paste', async (t) => {
  process.env.CODESPACES = 'true';
  t.after(() => delete process.env.CODESPACES);
  const { path: directory } = new Project(t);
  const hints = async (more) => {
    const messages = [];
    const onEvent = ({ code, message, context }) => {
      if (code === 'hint') messages.push(message);
      if (code === 'login_url') autumn.approve(context.url);
    };
    await login({ server: autumn.url, directory, openBrowser: false, force: true, onEvent, ...more });
    return messages.join(' ');
  };
  const without = await hints();
  assert.match(without, /forwards it/);
  assert.doesNotMatch(without, /paste/);
  assert.match(await hints({ input: new PassThrough() }), /paste its URL/);
  const attempt = await startLogin({ server: autumn.url, directory });
  attempt.cancel();
  assert.doesNotMatch(attempt.hint, /paste/);
});

test('input without a listener cannot show the login URL', async () => {
  const input = new PassThrough();
  await assert.rejects(login({ server: autumn.url, input }), { code: 'login_unattended' });
  assert.equal(input.listenerCount('data'), 0);
});
