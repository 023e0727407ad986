import { readFileSync } from 'node:fs'
import dotenv from 'dotenv'
import { serve } from './protocol.mjs'

// dotenv's config() makes this call, and also writes to process.env and to the terminal.
await serve((path) => dotenv.parse(readFileSync(path, { encoding: 'utf8' })))
