import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebhookError } from '../../src/core/webhooks/webhook-sender.ts'
import { type SenderOptions, webhookSender } from '../../src/node/webhook-sender.ts'
import { HookReceiver } from '../support/hook-receiver.ts'

const LONG_MS = 10_000

let receiver: HookReceiver

beforeEach(async () => {
  receiver = new HookReceiver()
  await receiver.open()
})

afterEach(() => receiver.close())

function send(url: string, options: Partial<SenderOptions> = {}, signal = new AbortController().signal) {
  const sender = webhookSender({ timeoutMs: LONG_MS, allowPrivate: true, ...options })
  return sender.send(
    { url, headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' }, body: '{"ä":1}' },
    signal,
  )
}

async function failureOf(sent: Promise<unknown>): Promise<WebhookError> {
  const error = await sent.then(
    () => new Error('it was answered'),
    (cause: unknown) => cause,
  )
  if (error instanceof WebhookError) return error
  throw error
}

test('the request is a POST with a length, and a user and a password of the URL become Basic authorization', async () => {
  const answer = await send(receiver.url.replace('//', '//us%40er:p%3Aw@'))
  expect(answer).toEqual({ status: 200, retryAfter: undefined })
  expect(receiver.received).toMatchObject([{ method: 'POST', path: '/hook', body: '{"ä":1}' }])
  const { headers } = receiver.received[0] ?? expect.unreachable()
  expect(headers).toEqual({
    'content-type': 'application/json',
    'webhook-id': 'msg_1',
    'content-length': '8',
    'user-agent': 'hls-receiver',
    authorization: `Basic ${btoa('us@er:p:w')}`,
    host: `127.0.0.1:${receiver.port}`,
    connection: 'close',
  })
})

describe('private networks', () => {
  const refused = { code: 'webhook-private-address' }

  test.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '0.0.0.0',
    '169.254.169.254',
  ])('are not reached by %s', async (host) => {
    const url = `http://${host}:${receiver.port}/hook`
    expect(await failureOf(send(url, { allowPrivate: false }))).toMatchObject(refused)
    expect(receiver.received).toEqual([])
  })

  test('are reached where it is allowed, also by a name', async () => {
    expect(await send(`http://localhost:${receiver.port}/hook`)).toMatchObject({ status: 200 })
    expect(receiver.received).toHaveLength(1)
  })
})

test('no redirect is followed', async () => {
  receiver.react = () => (_request, response) => response.writeHead(307, { location: receiver.url }).end()
  expect(await send(receiver.url)).toEqual({ status: 307, retryAfter: undefined })
  expect(receiver.received).toHaveLength(1)
})

test('Retry-After comes back', async () => {
  receiver.react = () => (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end()
  expect(await send(receiver.url)).toEqual({ status: 429, retryAfter: '7' })
})

test('P6: an answer without end is cut off, and its status counts', async () => {
  receiver.react = () => (_request, response) => {
    const more = () => response.write(Buffer.alloc(65_536), () => setImmediate(more))
    response.writeHead(200)
    response.on('error', () => {})
    if (response.writable) more()
  }
  const before = performance.now()
  expect(await send(receiver.url)).toEqual({ status: 200, retryAfter: undefined })
  expect(performance.now() - before).toBeLessThan(LONG_MS / 2)
})

test('P6: an answer whose body stands still costs no more than the time of the request, and its status counts', async () => {
  receiver.react = () => (_request, response) => response.writeHead(200).write('x')
  expect(await send(receiver.url, { timeoutMs: 100 })).toEqual({ status: 200, retryAfter: undefined })
})

test('P6: no answer in time is an error', async () => {
  receiver.react = () => () => {}
  expect(await failureOf(send(receiver.url, { timeoutMs: 100 }))).toMatchObject({ code: 'webhook-timeout' })
})

test('a reset, a refused connection, an unknown host and what is no HTTP are errors that tell no more than a code', async () => {
  receiver.react = () => (request) => request.socket.resetAndDestroy()
  const unreachable = (code: string) => ({ code: 'webhook-unreachable', message: `The request failed: ${code}.` })
  expect(await failureOf(send(receiver.url))).toMatchObject(unreachable('ECONNRESET'))
  receiver.react = () => (request) => request.socket.end('SSH-2.0-secret\r\n')
  expect(await failureOf(send(receiver.url))).toMatchObject(unreachable('HPE_INVALID_CONSTANT'))
  await receiver.close()
  expect(await failureOf(send(receiver.url))).toMatchObject(unreachable('ECONNREFUSED'))
  expect((await failureOf(send('http://no-such-host.invalid/'))).message).toMatch(/(ENOTFOUND|EAI_AGAIN)\.$/)
})

test('an end from outside is prompt', async () => {
  receiver.react = () => () => {}
  const abort = new AbortController()
  const sent = failureOf(send(receiver.url, {}, abort.signal))
  abort.abort()
  expect(await sent).toMatchObject({ code: 'webhook-unreachable' })
})

test('https is verified: a certificate of nobody is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const wanted = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  execFileSync('openssl', ['req', ...wanted, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  let requests = 0
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
    requests++
    response.end()
  })
  rmSync(folder, { recursive: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const message = 'The request failed: DEPTH_ZERO_SELF_SIGNED_CERT.'
  expect(await failureOf(send(url))).toMatchObject({ code: 'webhook-unreachable', message })
  expect(requests).toBe(0)
  server.close()
})
