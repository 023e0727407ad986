// Answers every request on a free port of the loopback with the same JSON, and prints its URL. Unlike the local Autumn, it
// accepts any number of connections, since the peers open one for each concurrent request.

import { createServer } from 'node:http';

const body = JSON.stringify({ list: [], has_more: false });
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
