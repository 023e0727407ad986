// A server that takes Autumn's keys: it reads the credential of each request, looks it up, and refuses as Autumn does.
// Prints its address; every request that it accepts is answered with whose it is.

import { createServer } from 'node:http';
import { AuthenticationError, authenticate } from 'libatmn';

/** The one customer of this example: a real server asks its database, and throws if that fails. */
const known = new Map([['am_sk_test_example0123456789', { customer: 'example' }]]);

// A dashboard request has no key: this server has no sessions, so it knows nobody.
const verify = ({ key }) => key && known.get(key.reveal());
/** For the security log; keys in it are masked. */
const onEvent = ({ message }) => console.error(message);

async function answer(request) {
  try {
    return [200, await authenticate(request, verify, { onEvent })];
  } catch (error) {
    return error instanceof AuthenticationError ? [error.status, error.body] : [500, {}];
  }
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
