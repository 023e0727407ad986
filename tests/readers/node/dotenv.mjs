import { readFileSync } from 'node:fs'
import dotenv from 'dotenv'
import { serve } from './protocol.mjs'

// The call that dotenv's own config() makes; config() itself would also write to process.env and to the terminal.
await serve((path) => dotenv.parse(readFileSync(path, { encoding: 'utf8' })))
