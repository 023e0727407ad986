// Calls the API with the active key. If the server rejects the key and a user is at the terminal, it logs in again.

import { ApiError, AtmnError, Client, terminalListener } from 'libatmn';

const [method = 'GET', path = '/v1/customers'] = process.argv.slice(2);
const client = new Client({ reauth: 'auto', onEvent: terminalListener() });

try {
  const response = await client.request(method, path);
  console.log(response.text());
} catch (error) {
  if (!(error instanceof AtmnError)) throw error;
  console.error(`${error.message} ${error.hint ?? ''}`);
  if (error instanceof ApiError && error.requestId) console.error(`Request ${error.requestId}`);
  process.exitCode = 1;
}
