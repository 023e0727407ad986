// A browser for `$BROWSER`: follows the address to its end. Its Autumn approves by itself.

await (await fetch(process.argv[2], { headers: { connection: 'close' } })).text();
