import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { NodeRequestBody } from '../../src/node/request-body.ts'

const HEAD = 'PUT /a.ts HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'

/** Sends `request`, resets the connection while the first chunk is still being written, and tells what the reading came to. */
async function readOverReset(request: string): Promise<string> {
  let client: Socket | undefined
  let release = () => {}
  const outcome = new Promise<string>((resolve) => {
    const onRequest = (incoming: IncomingMessage, body: NodeRequestBody) => {
      const chunks: Uint8Array[] = []
      const reading = body.read((chunk) => {
        chunks.push(chunk)
        return chunks.length > 1 ? undefined : new Promise<void>((go) => (release = go))
      })
      reading.then(
        () => resolve(Buffer.concat(chunks).toString()),
        (error: Error) => resolve(error.message),
      )
      incoming.socket.once('close', () => setImmediate(() => release()))
      client?.resetAndDestroy()
    }
    const server = createServer((incoming, outgoing) => {
      onRequest(incoming, new NodeRequestBody(incoming, outgoing, 60_000))
      server.close()
    })
    server.listen(0, '127.0.0.1', () => {
      client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
      client.on('error', () => {})
      client.write(request)
    })
  })
  return outcome
}

test('a body that had come whole when its sender was reset counts, though it was not read yet', async () => {
  expect(await readOverReset(`${HEAD}4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n`)).toBe('one two')
})

test('P6: the same body without its last chunk is cut', async () => {
  expect(await readOverReset(`${HEAD}4\r\none \r\n3\r\ntwo\r\n`)).toMatch(/ended before the body did/)
})
