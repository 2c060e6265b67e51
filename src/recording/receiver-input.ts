import type { IncomingMessage } from 'node:http'
import { JobError } from '../core/jobs/job.ts'
import type { ReadInput } from '../core/making/order.ts'
import type { Clock } from '../core/ports.ts'
import { Patience } from './patience.ts'
import type { ReceiverClient } from './receiver-client.ts'

/**
 * Reads what the receiver serves over HTTP, and goes on where it was when the receiver has been away; the signal ends that. Throws
 * JobError.
 */
export function readFromReceiver(client: ReceiverClient, clock: Clock, signal: AbortSignal): ReadInput {
  return async function* read(app, stored, range) {
    const path = `/${encodeURIComponent(app)}/streams/${stored.split('/').map(encodeURIComponent).join('/')}`
    const patience = new Patience(clock, signal)
    let at = range?.start ?? 0
    let end = range?.end
    while (end === undefined || at < end) {
      try {
        const answer = await asked(client, signal, path, at, end)
        end ??= at + Number(answer.headers['content-length'])
        for await (const chunk of answer as AsyncIterable<Uint8Array>) {
          patience.end()
          at += chunk.length
          yield chunk
        }
        if (at !== end) throw new JobError('input-missing', 'A file of the recording is shorter.', { retryable: true })
      } catch (cause) {
        await patience.bear(cause)
      }
    }
  }
}

/** The bytes from `start`, to the end or up to and without `end`; whatever else is answered is no answer. */
async function asked(
  client: ReceiverClient,
  signal: AbortSignal,
  path: string,
  start: number,
  end?: number,
): Promise<IncomingMessage> {
  const isPart = start > 0 || end !== undefined
  const range = `bytes=${start}-${end === undefined ? '' : end - 1}`
  const answer = await client.send({ method: 'GET', path, headers: isPart ? { range } : {}, signal })
  const { statusCode: status = 0, headers } = answer
  const isWhole = /^\d+$/.test(headers['content-length'] ?? '')
  const isAsked = isPart
    ? status === 206 && headers['content-range']?.startsWith(`bytes ${start}-`) === true
    : status === 200
  if (isAsked && isWhole) return answer
  answer.on('error', () => {}).destroy()
  if (status >= 500 || status === 429) throw new Error(`the receiver answered ${status}`)
  if (status === 404 || status === 416) {
    throw new JobError('input-missing', 'A file of the recording is not there.', { retryable: true })
  }
  throw new JobError('receiver-refused', `The receiver answered ${status}.`, { retryable: true })
}
