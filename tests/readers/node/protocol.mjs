import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Reads cases from stdin, and prints the result of `read(path)` for each. */
export async function serve(read) {
  const directory = mkdtempSync(join(tmpdir(), 'reader-'))
  const path = join(directory, '.env')
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      const { id, bytes } = JSON.parse(line)
      writeFileSync(path, bytes, 'latin1')
      process.stdout.write(JSON.stringify({ id, ...answer(read, path) }) + '\n')
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function answer(read, path) {
  let values
  try {
    values = read(path)
  } catch {
    return { refuses: true }
  }
  return { values: Object.fromEntries(Object.entries(values).map((pair) => pair.map(bytesOf))) }
}

const bytesOf = (text) => Buffer.from(text, 'utf8').toString('latin1')
