// A server that accepts Autumn's keys: it looks up the credential of each request, and refuses requests as Autumn does.
// It prints its URL and answers every accepted request with the customer.

import { createServer } from 'node:http';
import { AuthenticationError, authenticate } from 'libatmn';

/** The customers of this example. A real server queries its database, and throws if that fails. */
const known = new Map([['am_sk_test_example0123456789', { customer: 'example' }]]);

// A dashboard request has no key. This server has no sessions, so it refuses those requests.
const verify = ({ key }) => key && known.get(key.reveal());
/** For the security log. Keys in the messages are masked. */
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
