import type { BodyContent } from '../../core/ports.ts'
import { adviceFor } from './advice.ts'
import { S3Bucket } from './bucket.ts'
import { probeConditionalCreate } from './conditional-create.ts'
import { withDeadline } from './deadline.ts'
import { withBody } from './s3-body.ts'
import { isMissing } from './s3-errors.ts'
import type { S3Runtime, S3Settings } from './s3-settings.ts'

const MIB = 1024 * 1024
/** How long one check may take, in ms. */
const CHECK_MS = 60_000
/** The least that has two parts, in bytes. */
const TWO_PARTS_BYTES = 5 * MIB + 1
const PART_BYTES = 5 * MIB
/** Puts whose time is measured, and their size in bytes: a segment of low bitrate. */
const MEASURED_PUTS = 30
const MEASURED_BYTES = 100_000
/** How far the clocks may differ before it is told, in ms; the store's is told in whole seconds. */
const MAX_SKEW_MS = 5_000
const TYPE = { contentType: 'application/octet-stream' }

/** What one check came to. */
export interface Examined {
  readonly what: string
  readonly isGood: boolean
  /** What it means, in plain words. */
  readonly text: string
}

/** Tries everything with a bucket that a receiver does there, below `prefix`, and removes it again. The first failure ends it. */
export async function* examineBucket(
  settings: S3Settings,
  runtime: S3Runtime,
  prefix: string,
  now: () => number,
): AsyncGenerator<Examined> {
  const bucket = new S3Bucket(settings, runtime)
  const key = `${prefix}/hls-receiver-doctor-${now()}.bin`
  const parts = { bucket, runtime, key, prefix, now }
  try {
    for (const [what, check] of CHECKS) {
      const examined = await examine(what, check, parts, settings)
      yield examined
      if (!examined.isGood) return
    }
  } finally {
    // What failed was told; where deleting is what fails, too.
    await bucket.delete(key, AbortSignal.timeout(CHECK_MS)).catch(() => undefined)
    bucket.close()
  }
}

interface Parts {
  readonly bucket: S3Bucket
  readonly runtime: S3Runtime
  readonly key: string
  readonly prefix: string
  now(): number
}

type Check = (parts: Parts, signal: AbortSignal) => Promise<string>

async function examine(what: string, check: Check, parts: Parts, settings: S3Settings): Promise<Examined> {
  const began = parts.now()
  try {
    const text = await withDeadline(CHECK_MS, undefined, (signal) => check(parts, signal))
    return { what, isGood: true, text: text === '' ? `${parts.now() - began} ms` : text }
  } catch (error) {
    return { what, isGood: false, text: error instanceof Wrong ? error.message : adviceFor(error, settings) }
  }
}

/** Something that the store did, and should not have done. */
class Wrong extends Error {}

const CHECKS: readonly (readonly [string, Check])[] = [
  ['list', listed],
  ['put', put],
  ['head', headed],
  ['get', got],
  ['clock', inTime],
  ['put in parts', putInParts],
  ['delete', deleted],
  ['conditional create', createdOnce],
  ['latency', quick],
]

async function listed({ bucket, prefix }: Parts, signal: AbortSignal): Promise<string> {
  await bucket.list(prefix, undefined, signal)
  return ''
}

async function put({ bucket, key }: Parts, signal: AbortSignal): Promise<string> {
  await bucket.put(key, bytesOf(MEASURED_BYTES), MEASURED_BYTES, TYPE, signal)
  return ''
}

async function headed({ bucket, key }: Parts, signal: AbortSignal): Promise<string> {
  const { size } = await bucket.head(key, signal)
  if (size !== MEASURED_BYTES) throw new Wrong(`The store says ${size} bytes of an object of ${MEASURED_BYTES}.`)
  return ''
}

async function got({ bucket, key }: Parts, signal: AbortSignal): Promise<string> {
  const range = { start: 1_000, end: 2_000 }
  const wanted = bytesOf(MEASURED_BYTES).subarray(range.start, range.end)
  const { body } = await bucket.get(key, range, signal)
  const found: number[] = []
  for await (const chunk of body) found.push(...chunk)
  const isSame = found.length === wanted.length && found.every((byte, index) => byte === wanted[index])
  if (!isSame) throw new Wrong('The store does not give back the range that was asked for.')
  return ''
}

async function inTime({ bucket, key, now }: Parts, signal: AbortSignal): Promise<string> {
  const { modifiedAt } = await bucket.head(key, signal)
  const skew = modifiedAt - now()
  if (Math.abs(skew) > MAX_SKEW_MS) {
    throw new Wrong(
      `The clocks of this machine and of the store differ by ${Math.round(skew / 1000)} s: set it by NTP.`,
    )
  }
  return `within ${MAX_SKEW_MS / 1000} s of the store's`
}

async function putInParts({ bucket, runtime, key }: Parts, signal: AbortSignal): Promise<string> {
  const large = `${key}-parts`
  await withBody(runtime, largeBody(), signal, (stream, aborting) =>
    bucket.putParts(large, stream, PART_BYTES, TYPE, aborting),
  )
  const { size } = await bucket.head(large, signal)
  await bucket.delete(large, signal)
  if (size !== TWO_PARTS_BYTES) throw new Wrong(`The store made ${size} bytes of parts of ${TWO_PARTS_BYTES}.`)
  return ''
}

async function deleted({ bucket, key }: Parts, signal: AbortSignal): Promise<string> {
  await bucket.delete(key, signal)
  const isGone = await bucket.head(key, signal).then(
    () => false,
    (error: unknown) => {
      if (isMissing(error)) return true
      throw error
    },
  )
  if (!isGone) throw new Wrong('The store still has an object that was deleted.')
  return ''
}

async function createdOnce({ bucket, key }: Parts, signal: AbortSignal): Promise<string> {
  const found = await probeConditionalCreate(bucket, `${key}-once`, signal)
  return found === 'honoured' ? found : `${found}: only one receiver may use this prefix`
}

async function quick({ bucket, key, now }: Parts, signal: AbortSignal): Promise<string> {
  const times: number[] = []
  for (let round = 0; round < MEASURED_PUTS; round++) {
    // A key of its own each: some stores take one write a second of each.
    const own = `${key}-${round}`
    const began = now()
    await bucket.put(own, bytesOf(MEASURED_BYTES), MEASURED_BYTES, TYPE, signal)
    times.push(now() - began)
    await bucket.delete(own, signal)
  }
  times.sort((one, other) => one - other)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))]
  return `100 kB put in ${at(0.5)} ms (p50), ${at(0.95)} ms (p95), ${at(0.99)} ms (p99)`
}

function bytesOf(size: number): Uint8Array {
  return new Uint8Array(size).map((_, index) => index % 251)
}

function largeBody(): BodyContent {
  return {
    size: TWO_PARTS_BYTES,
    async *stream() {
      for (let left = TWO_PARTS_BYTES; left > 0; left -= MIB) yield bytesOf(Math.min(left, MIB))
    },
  }
}
