import type { BodyContent } from '../../core/ports.ts'
import type { S3Bucket, UploadPage } from './bucket.ts'
import { probeConditionalCreate } from './conditional-create.ts'
import { withBody } from './s3-body.ts'
import { isMissing } from './s3-errors.ts'
import type { S3Runtime } from './s3-settings.ts'

const MIB = 1024 * 1024
/** The least that has two parts, in bytes. */
const TWO_PARTS_BYTES = 5 * MIB + 1
const PART_BYTES = 5 * MIB
/** Puts whose time is measured, at most, and their size in bytes: a segment of low bitrate. */
const MEASURED_PUTS = 30
const MEASURED_BYTES = 100_000
/** How long puts are measured; of a slow store there are fewer; in ms. */
const MEASURE_MS = 30_000
/** How far the clocks may differ before it is told, in ms; the store's is told in whole seconds. */
const MAX_SKEW_MS = 5_000
const TYPE = { contentType: 'application/octet-stream' }

/** What a check works with. */
export interface CheckParts {
  readonly bucket: S3Bucket
  readonly runtime: S3Runtime
  readonly prefix: string
  readonly isShared: boolean
  /** A key for this check, which is removed at the end whatever happens. */
  named(more: string): string
  now(): number
  /** Bounds the time of a request. */
  ask<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** One check: what it found, in plain words, or nothing but that it is well. */
export type Check = (parts: CheckParts) => Promise<string>

/** Something that the store did, and should not have done. */
export class Wrong extends Error {}

/** All checks by their names, in their order. */
export const CHECKS: readonly (readonly [string, Check])[] = [
  ['list', listed],
  ['put', put],
  ['head', headed],
  ['get', got],
  ['clock', inTime],
  ['put in parts', putInParts],
  ['parts left behind', swept],
  ['delete', deleted],
  ['conditional create', createdOnce],
  ['latency', quick],
]

async function listed({ bucket, prefix, ask }: CheckParts): Promise<string> {
  await ask((signal) => bucket.list(prefix, undefined, signal))
  return ''
}

async function put({ bucket, named, ask }: CheckParts): Promise<string> {
  await ask((signal) => bucket.put(named(''), bytesOf(MEASURED_BYTES), MEASURED_BYTES, TYPE, signal))
  return ''
}

async function headed({ bucket, named, ask }: CheckParts): Promise<string> {
  const { size } = await ask((signal) => bucket.head(named(''), signal))
  if (size !== MEASURED_BYTES) throw new Wrong(`The store says ${size} bytes of an object of ${MEASURED_BYTES}.`)
  return ''
}

async function got({ bucket, named, ask }: CheckParts): Promise<string> {
  const range = { start: 1_000, end: 2_000 }
  const wanted = bytesOf(MEASURED_BYTES).subarray(range.start, range.end)
  const found = await ask(async (signal) => {
    const bytes: number[] = []
    const { body } = await bucket.get(named(''), range, signal)
    for await (const chunk of body) bytes.push(...chunk)
    return bytes
  })
  const isSame = found.length === wanted.length && found.every((byte, index) => byte === wanted[index])
  if (!isSame) throw new Wrong('The store does not give back the range that was asked for.')
  return ''
}

async function inTime({ bucket, named, ask, now }: CheckParts): Promise<string> {
  const before = now()
  await ask((signal) => bucket.put(named('-clock'), bytesOf(1), 1, TYPE, signal))
  const after = now()
  const { modifiedAt } = await ask((signal) => bucket.head(named('-clock'), signal))
  // How long the put took says nothing of the clocks.
  const skew = modifiedAt < before ? modifiedAt - before : Math.max(0, modifiedAt - after)
  if (Math.abs(skew) > MAX_SKEW_MS) {
    throw new Wrong(
      `The clocks of this machine and of the store differ by ${Math.round(skew / 1000)} s: set it by NTP.`,
    )
  }
  return `within ${MAX_SKEW_MS / 1000} s of the store's`
}

async function putInParts({ bucket, runtime, named, ask }: CheckParts): Promise<string> {
  const large = named('-parts')
  await ask((signal) =>
    withBody(runtime, largeBody(), signal, (stream, aborting) =>
      bucket.putParts(large, stream, PART_BYTES, TYPE, aborting),
    ),
  )
  const { size } = await ask((signal) => bucket.head(large, signal))
  if (size !== TWO_PARTS_BYTES) throw new Wrong(`The store made ${size} bytes of parts of ${TWO_PARTS_BYTES}.`)
  return ''
}

async function swept({ bucket, named, ask }: CheckParts): Promise<string> {
  const key = named('-left')
  const uploadId = await ask((signal) => bucket.beginUpload(key, TYPE, signal))
  let isListed = false
  try {
    let after: UploadPage['next']
    do {
      const from = after
      const page = await ask((signal) => bucket.openUploads(key, from, signal))
      isListed ||= page.uploads.some((upload) => upload.uploadId === uploadId)
      after = page.next
    } while (after !== undefined)
  } finally {
    await ask((signal) => bucket.abortUpload({ key, uploadId }, signal))
  }
  if (!isListed) throw new Wrong('The store does not list an upload in parts that was begun and not ended.')
  return ''
}

async function deleted({ bucket, named, ask }: CheckParts): Promise<string> {
  await ask((signal) => bucket.delete(named(''), signal))
  const isGone = await ask((signal) => bucket.head(named(''), signal)).then(
    () => false,
    (error: unknown) => {
      if (isMissing(error)) return true
      throw error
    },
  )
  if (!isGone) throw new Wrong('The store still has an object that was deleted.')
  return ''
}

async function createdOnce({ bucket, named, ask, isShared }: CheckParts): Promise<string> {
  const found = await ask((signal) => probeConditionalCreate(bucket, named('-once'), signal))
  if (found === 'honoured') return found
  if (isShared)
    throw new Wrong(`${found}: receivers cannot share this prefix. Set S3_SHARED=false, and one prefix for each.`)
  return `${found}: only one receiver may use this prefix`
}

async function quick({ bucket, named, ask, now }: CheckParts): Promise<string> {
  const times: number[] = []
  const first = now()
  while (times.length < MEASURED_PUTS && now() - first < MEASURE_MS) {
    // A key of its own each: some stores take one write a second of each.
    const own = named(`-${times.length}`)
    const began = now()
    await ask((signal) => bucket.put(own, bytesOf(MEASURED_BYTES), MEASURED_BYTES, TYPE, signal))
    times.push(now() - began)
    await ask((signal) => bucket.delete(own, signal))
  }
  times.sort((one, other) => one - other)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))]
  return `100 kB put in ${at(0.5)} ms (p50), ${at(0.95)} ms (p95), ${at(0.99)} ms (p99), of ${times.length} puts`
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
