// A program in a real terminal, which Python opens.

import { run } from './project.mjs';

// Copies standard input to the terminal, and what the terminal shows to standard output. A signal that ends the program
// becomes an exit code, as in a shell.
const TERMINAL = `
import os, pty, sys
code = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:]))
sys.exit(code if code >= 0 else 128 - code)
`;

/** Runs a program in a terminal. `onOutput` receives what the terminal shows, and can type with `child.stdin`. */
export function inTerminal(command, options) {
  return run('python3', ['-c', TERMINAL, ...command], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
}
