import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers every GET with the bytes of one file, which it has in memory: what node:http alone costs. */
const bytes = readFileSync(process.argv[2] ?? '')
const headers = { 'Content-Type': 'application/vnd.apple.mpegurl', 'Content-Length': bytes.length }

const server = createServer((_, response) => {
  response.writeHead(200, headers).end(bytes)
})

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`the memory listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
