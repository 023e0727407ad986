// A process whose lines are read as they come.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Longer than anything here takes on a busy machine. */
export const PATIENCE = 30_000;

/** Fails, with what was said, instead of waiting for ever. */
export function within(promise, what, said = () => '') {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing happens\n${said()}`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class Program {
  stdout = '';
  stderr = '';
  #waiting = new Set();

  constructor(command, args, { cwd, env }) {
    this.child = spawn(command, args, { cwd, env, stdio: 'pipe' });
    this.#read('stdout');
    this.#read('stderr');
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        resolve({ code: code ?? signal, stdout: this.stdout, stderr: this.stderr });
        this.#tell();
      });
    });
    // Whoever waits for it hears of the failure.
    this.ended.catch(() => {});
    this.child.stdin.on('error', () => {});
  }

  #read(name) {
    createInterface({ input: this.child[name] }).on('line', (line) => {
      this[name] += `${line}\n`;
      this.#tell();
    });
  }

  #tell() {
    for (const look of this.#waiting) look();
  }

  get said() {
    return this.stdout + this.stderr;
  }

  /** The first line, of both streams, in which the pattern is found. */
  line(pattern) {
    let look;
    const found = new Promise((resolve, reject) => {
      look = () => {
        const line = this.said.split('\n').find((line) => pattern.test(line));
        if (line !== undefined) resolve(line);
        else if (this.child.exitCode !== null) reject(new Error(`ended without ${pattern}:\n${this.said}`));
      };
      this.ended.catch(reject);
      this.#waiting.add(look);
      look();
    });
    return within(found, `waiting for ${pattern}`, () => this.said).finally(() => this.#waiting.delete(look));
  }

  /** How it ended. */
  end() {
    return within(this.ended, 'waiting for its end', () => this.said);
  }

  /** Ends it, if it did not end by itself or could not begin. */
  stop() {
    this.child.kill();
    return within(this.ended.catch(() => {}), 'stopping', () => this.said);
  }
}
