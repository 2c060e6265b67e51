import { adviceFor } from './advice.ts'
import { S3Bucket } from './bucket.ts'
import { CHECKS, type Check, type CheckParts, Wrong } from './checks.ts'
import { withDeadline } from './deadline.ts'
import type { S3Runtime, S3Settings } from './s3-settings.ts'

/** How long one request, or one upload in parts, may take, in ms. */
const REQUEST_MS = 60_000

/** What one check came to. */
export interface Examined {
  readonly what: string
  readonly isGood: boolean
  /** What it means, in plain words. */
  readonly text: string
}

/** Where a receiver means to store, and whether others do, too. */
export interface ExaminedPlace {
  readonly prefix: string
  readonly isShared: boolean
}

/** Tries everything with a bucket that a receiver does there, below the prefix, and removes it again. The first failure ends it. */
export async function* examineBucket(
  settings: S3Settings,
  runtime: S3Runtime,
  place: ExaminedPlace,
  now: () => number,
): AsyncGenerator<Examined> {
  const bucket = new S3Bucket(settings, runtime)
  const key = `${place.prefix}/hls-receiver-doctor-${now()}.bin`
  const used = new Set<string>()
  const named = (more: string) => {
    used.add(`${key}${more}`)
    return `${key}${more}`
  }
  const parts: CheckParts = {
    ...place,
    bucket,
    runtime,
    named,
    now,
    ask: (run) => withDeadline(REQUEST_MS, undefined, run),
  }
  try {
    for (const [what, check] of CHECKS) {
      const examined = await examine(what, check, parts, settings)
      yield examined
      if (!examined.isGood) return
    }
  } finally {
    // What failed was told; where deleting is what fails, too.
    const signal = AbortSignal.timeout(REQUEST_MS)
    await Promise.allSettled([...used].map((name) => bucket.delete(name, signal)))
    bucket.close()
  }
}

async function examine(what: string, check: Check, parts: CheckParts, settings: S3Settings): Promise<Examined> {
  const began = parts.now()
  try {
    const text = await check(parts)
    return { what, isGood: true, text: text === '' ? `${parts.now() - began} ms` : text }
  } catch (error) {
    return { what, isGood: false, text: error instanceof Wrong ? error.message : adviceFor(error, settings) }
  }
}
