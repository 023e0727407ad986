// A browser for `$BROWSER` that follows redirects. The test's Autumn approves automatically.

await (await fetch(process.argv[2], { headers: { connection: 'close' } })).text();
