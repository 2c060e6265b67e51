import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseWebhookSecret } from '../../src/config/webhook-secrets.ts'
import type { StreamEvent } from '../../src/core/webhooks/stream-event.ts'
import { WebhookQueue } from '../../src/core/webhooks/webhook-queue.ts'
import { nodeHost } from '../../src/node/host.ts'
import { rememberIds } from '../../src/node/ids.ts'
import { openLmdbJournal } from '../../src/node/lmdb-journal.ts'
import { webhookSender } from '../../src/node/webhook-sender.ts'
import { unread } from '../simulation/world/surroundings.ts'
import { HookReceiver, type Received } from '../support/hook-receiver.ts'
import { until } from '../support/until.ts'
import { vodReady } from '../support/webhook-trial.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')
const SECRET = `whsec_${KEY}`
const PASSWORD = 'pass-in-the-url'
const TIMEOUT_MS = 1_000

let folder: string
let receiver: HookReceiver
let lines: string[]
let life: Life

interface Life {
  readonly queue: WebhookQueue
  tell(event: StreamEvent): Promise<void>
  left(): number
  stop(): Promise<void>
}

/** A queue as the receiver has it, on the journal of the test, with pauses that are short. */
function begin(): Life {
  const lmdb = openLmdbJournal(join(folder, 'journal.mdb'), true)
  const { journal, nextId } = rememberIds(lmdb)
  const note =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      void lines.push(JSON.stringify({ level, event, ...fields, cause: String(fields['cause']) }))
  const log = { info: note('info'), warn: note('warn'), error: note('error') }
  const secret = parseWebhookSecret(SECRET) ?? expect.unreachable()
  const queue = new WebhookQueue({
    ...{ host: nodeHost(log, unread, nextId), journal, secrets: [secret], contentType: 'application/json' },
    sender: webhookSender({ timeoutMs: TIMEOUT_MS, allowPrivate: true }),
    pauses: { firstMs: 20, longestMs: 100 },
    hookFor: () => receiver.url.replace('//', `//user:${PASSWORD}@`),
  })
  queue.begin()
  return {
    queue,
    async tell(event) {
      await journal.commit(queue.writes(event))
      queue.wake()
    },
    left: () => [...journal.entries('K/')].length,
    async stop() {
      await queue.stop()
      await lmdb.close()
    },
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'webhooks-'))
  receiver = new HookReceiver()
  await receiver.open()
  lines = []
  life = begin()
})

afterEach(async () => {
  await life.stop()
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const told = ({ body }: Received) => JSON.parse(body) as { id: string; vodId: string }
const marks = (stream: string) => receiver.received.map(told).filter(({ id }) => id === stream)
const lastOf = (stream: string) => () => (marks(stream).at(-1)?.vodId === 'last' ? true : undefined)

/** The marks of a stream in the order in which each came first. */
const order = (stream: string) => [...new Set(marks(stream).map(({ vodId }) => vodId))]

test('each event is seen once or more, in order per stream, well signed, through five failures and a restart', async () => {
  const events = ['1', '2', '3', 'last']
  const isBad = (received: Received) => told(received).id === 'cam1'
  let failures = 0
  receiver.react = (received) => {
    if (!isBad(received)) return 204
    switch (++failures) {
      case 1:
        return 500
      case 2:
        return (request) => request.socket.resetAndDestroy()
      case 3:
        return () => {}
      case 4:
        return (_request, response) => response.writeHead(503, { 'retry-after': '1' }).end()
      default:
        return 200
    }
  }
  for (const mark of events) await life.tell(vodReady('cam1', mark))
  for (const mark of events) await life.tell(vodReady('cam2', mark))
  await until('the other stream is told, though the first is not', lastOf('cam2'))
  expect(order('cam1')).toEqual(['1'])

  await until('four failures', () => (lines.some((line) => line.includes('503')) ? true : undefined))
  const failed = lines.filter((line) => line.includes('webhook is sent again'))
  const codes = failed.map((line) => (JSON.parse(line) as { code: string }).code)
  expect(codes).toEqual(['webhook-status', 'webhook-unreachable', 'webhook-timeout', 'webhook-status'])
  expect((JSON.parse(failed.at(-1) ?? '') as { afterMs: number }).afterMs).toBe(1_000)

  // The fifth: nobody listens, over a stop and a new start.
  await life.stop()
  await receiver.close()
  life = begin()
  await until('a refused connection', () => (lines.at(-1)?.includes('ECONNREFUSED') ? true : undefined))
  await receiver.open()
  await until('all is told', lastOf('cam1'))
  await until('all is crossed off', () => (life.left() === 0 ? true : undefined))

  expect(order('cam1')).toEqual(events)
  expect(order('cam2')).toEqual(events)
  // None comes again once a later one has come.
  const turns = marks('cam1').map(({ vodId }) => events.indexOf(vodId))
  expect(turns).toEqual(turns.toSorted((one, other) => one - other))
  expect(turns.length).toBeGreaterThanOrEqual(4 + events.length)
  for (const { body, headers } of receiver.received) expect(new Webhook(SECRET).verify(body, headers)).toBeTruthy()
  const firstIds = receiver.received.filter((each) => told(each).vodId === '1' && isBad(each))
  expect(new Set(firstIds.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
  expect(new Set(ids).size).toBe(2 * events.length)
})

test('no key, password or path of a URL is in the log', async () => {
  receiver.react = () => (lines.length > 3 ? 200 : 500)
  await life.tell(vodReady('cam1', 'last'))
  await until('it is told', () => (lines.some((line) => line.includes('webhook sent')) ? true : undefined))
  await receiver.close()
  await life.tell(vodReady('cam1', 'last'))
  await until('a refused connection', () => (lines.at(-1)?.includes('ECONNREFUSED') ? true : undefined))
  expect(lines.join('\n')).toContain(`127.0.0.1:${receiver.port}`)
  for (const secret of [PASSWORD, KEY, '/hook']) expect(lines.join('\n')).not.toContain(secret)
})

test('a stop ends a request that hangs at once, and it is made again after the start', async () => {
  let isHanging = true
  receiver.react = () => (isHanging ? () => {} : 200)
  await life.tell(vodReady('cam1', 'last'))
  await until('the request', () => (receiver.received.length > 0 ? true : undefined))
  const before = performance.now()
  await life.stop()
  expect(performance.now() - before).toBeLessThan(TIMEOUT_MS)
  isHanging = false
  life = begin()
  await until('it is told', () => (lines.some((line) => line.includes('webhook sent')) ? true : undefined))
  await until('it is crossed off', () => (life.left() === 0 ? true : undefined))
  expect(marks('cam1')).toHaveLength(2)
})
