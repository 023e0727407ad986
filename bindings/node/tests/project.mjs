// A temporary directory for one test, and helpers for ports and processes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = process.env.ATMN_REPOSITORY;
export const here = dirname(fileURLToPath(import.meta.url));

export function vectors(name) {
  return JSON.parse(readFileSync(join(repository, 'tests/vectors', name), 'utf8'));
}

export class Project {
  constructor(test) {
    this.path = mkdtempSync(join(tmpdir(), 'atmn-node-'));
    test.after(() => remove(this.path));
  }

  file(name) {
    return join(this.path, name);
  }

  write(name, text) {
    writeFileSync(this.file(name), text, { mode: 0o600 });
  }

  read(name) {
    return readFileSync(this.file(name), 'utf8');
  }
}

/** Removes a directory, in which an aborted operation may still write a file meanwhile. */
async function remove(path) {
  for (let left = 100; ; left--) {
    try {
      return rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (left === 0 || error.code !== 'ENOTEMPTY') throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Whether a program can listen on the port. */
export async function isFree(port) {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Runs a program to its end. */
export async function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    options.onOutput?.(chunk.toString(), child);
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    options.onTalk?.(chunk.toString(), child);
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

/** Runs Node with these arguments. */
export function node(args, options) {
  return run(process.execPath, args, { cwd: here, ...options });
}
