#!/usr/bin/env node
// A tool that sells things, to which Autumn's login was added: `shop login`, `shop env`, `shop logout`.

import { Command, Option } from 'commander';
import { tellEnvironment } from './env.mjs';
import { describe } from './failure.mjs';
import { logIn } from './login.mjs';
import { logOut } from './logout.mjs';

const program = new Command('shop')
  .description('Sell things, and let Autumn count them')
  .addOption(new Option('--server <address>', 'cloud, local or a base address'))
  .option('--dir <directory>', 'work there instead of here');

/** What all commands hand to libatmn. */
const common = () => {
  const { server, dir: directory } = program.opts();
  return { server, directory };
};

program
  .command('login')
  .description('log in with the browser, and save the keys in .env')
  .option('--no-browser', 'print the address only')
  .option('--timeout <seconds>', 'how long to wait', Number, 300)
  .option('--force', 'log in even if the keys still work')
  .action((options) => logIn(common(), options));

program
  .command('env')
  .description('tell whose the key in force is, and where it came from')
  .option('--prod', 'ask for the live key')
  .option('--json', 'as JSON')
  .action((options) => tellEnvironment(common(), options));

program
  .command('logout')
  .description('take the keys out of .env')
  .action(() => logOut(common()));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = describe(error);
}
