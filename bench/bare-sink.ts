import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

let received = 0

const server = createServer((request, response) => {
  request.on('data', (chunk: Uint8Array) => {
    received += chunk.length
  })
  request.on('end', () => response.writeHead(201, { 'Content-Length': '0' }).end())
})

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`the sink listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => {
  process.stdout.write(`${received} bytes\n`)
  process.exit(0)
})
