import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { parseWebhookSecret } from '../../src/config/webhook-secrets.ts'
import { signatures } from '../../src/core/webhooks/signature.ts'
import { until } from '../support/until.ts'
import { vodReady, WebhookTrial } from '../support/webhook-trial.ts'

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const NEXT_SECRET = `whsec_${Buffer.alloc(64, 250).toString('base64')}`

function bytesOf(...secrets: string[]): Uint8Array<ArrayBuffer>[] {
  return secrets.map((secret) => parseWebhookSecret(secret) ?? expect.unreachable())
}

test('signatures are those of Standard Webhooks: its own library makes the same', async () => {
  const [id, seconds, body] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": "ä 2432232314"}']
  const expected = new Webhook(SECRET).sign(id, new Date(seconds * 1000), body)
  expect(await signatures(bytesOf(SECRET), { id, seconds, body })).toBe(expected)
})

test('with two secrets a receiver that knows one of them takes it, and one that knows another does not', async () => {
  const [id, seconds, body] = ['msg_1', Math.floor(Date.now() / 1000), '{"id":"cam1"}']
  const signature = await signatures(bytesOf(SECRET, NEXT_SECRET), { id, seconds, body })
  expect(signature.split(' ')).toHaveLength(2)
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature }
  expect(new Webhook(SECRET).verify(body, headers)).toEqual({ id: 'cam1' })
  expect(new Webhook(NEXT_SECRET).verify(body, headers)).toEqual({ id: 'cam1' })
  const other = new Webhook(`whsec_${Buffer.alloc(24, 8).toString('base64')}`)
  expect(() => other.verify(body, headers)).toThrow('No matching signature')
  expect(() => new Webhook(SECRET).verify('{"id":"cam2"}', headers)).toThrow('No matching signature')
})

test('each attempt is signed with its own time', async () => {
  const trial = new WebhookTrial({ secrets: bytesOf(SECRET) })
  trial.queue.begin()
  trial.answer = () => ({ status: trial.told.length === 1 ? 500 : 200 })
  // Web Crypto signs on a thread of its own, which the clock knows nothing of.
  const isLogged = (event: string) => () => (trial.logged(event).length > 0 ? true : undefined)
  await trial.tell(vodReady('cam1', 'a'))
  await until('the first attempt', isLogged('webhook is sent again'))
  await trial.clock.advance(1_000)
  await until('the second attempt', isLogged('webhook sent'))
  const signed = trial.told.map(({ request: { headers } }) => headers)
  expect(signed).toHaveLength(2)
  expect(new Set(signed.map((headers) => headers['webhook-signature'])).size).toBe(2)
  for (const { request } of trial.told) {
    const { 'webhook-id': id = '', 'webhook-timestamp': seconds, 'webhook-signature': signature } = request.headers
    const expected = new Webhook(SECRET).sign(id, new Date(Number(seconds) * 1000), request.body)
    expect(signature).toBe(expected)
  }
})

test('without a secret there is no signature', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  await trial.tell(vodReady('cam1', 'a'))
  expect(Object.keys(trial.told[0]?.request.headers ?? {})).toEqual(['content-type', 'webhook-id', 'webhook-timestamp'])
})
