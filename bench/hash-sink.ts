import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The least that a receiver of playlists does: it reads a body, hashes it with SHA-256 and answers 200. */
const server = createServer((request, response) => {
  const hash = createHash('sha256')
  request.on('data', (chunk: Uint8Array) => hash.update(chunk))
  request.on('end', () => {
    hash.digest('hex')
    response.writeHead(200, { 'Content-Length': '0' }).end()
  })
})
server.keepAliveTimeout = 0

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`the sink listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
