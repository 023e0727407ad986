#!/usr/bin/env node
// A tool with commands for Autumn's login and API: `shop login`, `shop env`, `shop api`, `shop logout`.

import { Command, Option } from 'commander';
import { configure } from 'libatmn';
import { callApi } from './api.js';
import { showEnvironment } from './env.js';
import { exitCodeOf } from './failure.js';
import { logIn } from './login.js';
import { logOut } from './logout.js';

// Hints then say: Run `shop login`.
configure({ loginCommand: 'shop login' });

const program = new Command('shop')
  .description('Sell things and bill them with Autumn')
  .addOption(new Option('--server <url>', 'cloud, local or a base URL'))
  .option('--dir <directory>', 'use this directory instead of the working directory');

/** The options of all commands, as libatmn takes them. */
const common = () => {
  const { server, dir: directory } = program.opts<{ server?: string; dir?: string }>();
  return { server, directory };
};

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

program
  .command('login')
  .description('log in with the browser and save the keys in .env')
  .option('--no-browser', 'only print the login URL')
  .option('--timeout <seconds>', 'how long to wait for the user', Number, 300)
  .option('--force', 'replace both keys, even one that still works')
  .action((options) => logIn(common(), options, interrupted.signal));

program
  .command('env')
  .description('show the active key, its organization and its location')
  .option('--prod', 'show the live key')
  .option('--json', 'print JSON')
  .action((options) => showEnvironment(common(), options));

program
  .command('api')
  .description('call the API, and log in if the key is rejected')
  .argument('<method>')
  .argument('<path>', 'such as /v1/customers')
  .option('--data <json>', 'the body')
  .option('--prod', 'use the live key')
  .action((method, path, options) => callApi(common(), method, path, options, interrupted.signal));

program
  .command('logout')
  .description('remove the keys from .env')
  .action(() => logOut(common()));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, interrupted.signal);
}
