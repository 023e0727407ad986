// Answers the requests of the conformance runner with the Node package, as it is packed and installed.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { operations, responseOf, snake } from './operations.mjs';

const root = new URL('../../../', import.meta.url);
const require = createRequire(new URL('bindings/node/build/clean/package.json', root));
const libatmn = require('libatmn');
const declarations = dirname(require.resolve('libatmn/package.json'));
const asked = operations(libatmn, declarations);

/** A request that the driver cannot pass to the package. */
class Failure extends Error {}

/** The members of a request. Each is taken once, and none may remain. */
class Members {
  constructor(members) {
    this.members = members;
  }

  take(...names) {
    const taken = {};
    for (const name of names) {
      if (Object.hasOwn(this.members, name)) taken[name] = this.members[name];
      delete this.members[name];
    }
    return taken;
  }

  end() {
    const [unknown] = Object.keys(this.members);
    if (unknown) throw new Failure(`the driver does not know the member \`${unknown}\``);
  }
}

const classes = [
  [libatmn.ApiError, 'answer'],
  [libatmn.AuthenticationError, 'refusal'],
];

/** An error of the package, as the protocol represents it. Any other error is a failure of the driver. */
function errorOf(error) {
  const { code, message, hint, context, cause, status, body } = error;
  if (error instanceof Failure || typeof code !== 'string' || context === undefined) {
    return { failure: `${error.stack ?? error}` };
  }
  const kind =
    code === 'invalid_argument' ? 'argument' : (classes.find(([kind]) => error instanceof kind)?.[1] ?? null);
  const response = kind === 'answer' ? responseOf(error) : null;
  const answer = { class: kind, response, ...(kind === 'refusal' && { status, body }) };
  const option = context.option && { option: snake(context.option).replace(/_ms$/, '') };
  return {
    error: { code, message, hint, context: { ...context, ...option }, cause: cause?.message ?? null, ...answer },
  };
}

async function answer(line) {
  const { op, listener, ...members } = JSON.parse(line);
  const events = [];
  const onEvent = ({ code, message, context }) => events.push({ event: code, message, context });
  const heard = listener ? { events } : {};
  const request = new Members(members);
  try {
    if (!Object.hasOwn(asked, op)) throw new Failure(`there is no operation \`${op}\``);
    const ok = await asked[op](request, listener ? { onEvent } : {}, Failure);
    return { ok, ...heard };
  } catch (error) {
    return { ...errorOf(error), ...heard };
  }
}

/** Lines that end in line feeds. `readline` also ends lines at U+2028, which can be part of a request. */
async function* lines(stream) {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
}

for await (const line of lines(process.stdin)) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
