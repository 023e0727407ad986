#!/usr/bin/env node
// A tool with commands for Autumn's login: `shop login`, `shop env`, `shop logout`.

import { Command, Option } from 'commander';
import { configure } from 'libatmn';
import { showEnvironment } from './env.mjs';
import { exitCodeOf } from './failure.mjs';
import { logIn } from './login.mjs';
import { logOut } from './logout.mjs';

// Hints then say: Run `shop login`.
configure({ loginCommand: 'shop login' });

const program = new Command('shop')
  .description('Sell things and bill them with Autumn')
  .addOption(new Option('--server <url>', 'cloud, local or a base URL'))
  .option('--dir <directory>', 'use this directory instead of the working directory');

/** The options of all commands, as libatmn takes them. */
const common = () => {
  const { server, dir: directory } = program.opts();
  return { server, directory };
};

program
  .command('login')
  .description('log in with the browser and save the keys in .env')
  .option('--no-browser', 'only print the login URL')
  .option('--timeout <seconds>', 'how long to wait for the user', Number, 300)
  .option('--force', 'log in even if the keys still work')
  .action((options) => logIn(common(), options));

program
  .command('env')
  .description('show the active key, its organization and its location')
  .option('--prod', 'show the live key')
  .option('--json', 'print JSON')
  .action((options) => showEnvironment(common(), options));

program
  .command('logout')
  .description('remove the keys from .env')
  .action(() => logOut(common()));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
