// A process whose output is read line by line while it runs.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Longer than any step takes on a busy machine. */
export const TIMEOUT = 600_000;

/** Rejects with the output so far if the promise takes longer than `TIMEOUT`. */
export function within(promise, what, output = () => '') {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: timed out\n${output()}`)), TIMEOUT);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

export class Program {
  stdout = '';
  stderr = '';
  #observers = new Set();

  constructor(command, args, { cwd, env }) {
    this.child = spawn(command, args, { cwd, env, stdio: 'pipe' });
    this.#read('stdout');
    this.#read('stderr');
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        resolve({ code: code ?? signal, stdout: this.stdout, stderr: this.stderr });
        this.#notify();
      });
    });
    // `line` and `end` report the failure; without this, Node would also report an unhandled rejection.
    this.ended.catch(() => {});
    this.child.stdin.on('error', () => {});
  }

  #read(name) {
    createInterface({ input: this.child[name] }).on('line', (line) => {
      this[name] += `${line}\n`;
      this.#notify();
    });
  }

  #notify() {
    for (const check of this.#observers) check();
  }

  get output() {
    return this.stdout + this.stderr;
  }

  /** The first line on stdout or stderr that matches the pattern. */
  line(pattern) {
    let check;
    const found = new Promise((resolve, reject) => {
      check = () => {
        const line = this.output.split('\n').find((line) => pattern.test(line));
        if (line !== undefined) resolve(line);
        else if (this.child.exitCode !== null) reject(new Error(`ended without ${pattern}:\n${this.output}`));
      };
      this.ended.catch(reject);
      this.#observers.add(check);
      check();
    });
    return within(found, `waiting for ${pattern}`, () => this.output).finally(() => this.#observers.delete(check));
  }

  /** Waits for the process to end; its exit code and output. */
  end() {
    return within(this.ended, 'waiting for the process to end', () => this.output);
  }

  /** Stops the process, if it is still running. */
  stop() {
    this.child.kill();
    return within(this.ended.catch(() => {}), 'stopping', () => this.output);
  }
}
