import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asReceiverError } from '../../src/core/errors.ts'
import { mutatedVersions } from '../support/playlist-arbitraries.ts'
import { Trial } from '../support/trial.ts'

const RUNS = 1_000
const LIST = 'a.m3u8'
const SEGMENTS = 3
/** Longer than a segment of most fixtures: holes are given up. */
const PAUSE_MS = 10_000

/** The code of the error that a request is answered with; undefined when it has none. */
async function failureOf(request: Promise<unknown>): Promise<string | undefined> {
  try {
    await request
    return undefined
  } catch (cause) {
    const error = asReceiverError(cause)
    if (error.status >= 500) throw new Error(`answered ${error.status} ${error.code}`, { cause })
    return error.code
  }
}

test(`whatever an encoder sends, neither it nor a player gets a failure of the receiver: ${RUNS} histories`, async () => {
  let served = 0
  const property = fc.asyncProperty(mutatedVersions, async (versions) => {
    const trial = new Trial()
    const uris = versions.flat().filter((line) => !line.startsWith('#'))
    for (const uri of uris.slice(0, SEGMENTS)) await failureOf(trial.put(uri, uri))
    for (const lines of versions) {
      await failureOf(trial.put(LIST, lines.map((line) => `${line}\n`).join('')))
      await failureOf(trial.served(LIST))
      await trial.clock.advance(PAUSE_MS)
    }
    await trial.restart()
    if ((await trial.served(LIST)) !== undefined) served++
    expect(trial.log.filter(({ level }) => level === 'error')).toEqual([])
  })
  await fc.assert(property, { numRuns: RUNS })
  expect(served).toBeGreaterThan(RUNS / 4)
})
