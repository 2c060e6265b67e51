import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import {
  type Capture,
  Checker,
  type CheckReport,
  leaks,
  replay,
  startReceiver,
  type TestReceiver,
} from '../../src/testing/index.ts'
import { ingestKeyOf, keyedTarget, playlistPaths, settingsFor } from '../support/captures.ts'
import { expectedFile } from './expected-files.ts'
import { expectedText, recordingOf, withoutIds } from './expected-text.ts'
import type { Mutation } from './mutations.ts'
import { recordedOf, sentOf } from './recorded.ts'

/** Longest time until the last playlist is as it stays, in ms: a GAP after the longest target duration, 6 s. */
const SETTLED_MS = 8_000
const STEP_MS = 50
/** What a URL has besides the ingest key. */
const TOKENS = ['abc.def', 'abc0', 'abc1']

/** Replays a capture as mutated, with the checker polling all the time, and compares what is served in the end. */
export async function replayChecked(original: Capture, mutation: Mutation, mutated: Capture): Promise<CheckReport> {
  const key = ingestKeyOf(original)
  const receiver = await startReceiver({ ...settingsFor(original), INGEST_KEYS: key })
  const secrets = [key, ...TOKENS]
  try {
    const report = await replayInto(receiver, original, mutation, mutated, secrets).finally(() =>
      receiver.stop({ keepData: true }),
    )
    expect(leaksOf(receiver, secrets)).toEqual([])
    return report
  } finally {
    rmSync(receiver.dataDir, { recursive: true, force: true })
  }
}

async function replayInto(
  receiver: TestReceiver,
  original: Capture,
  mutation: Mutation,
  mutated: Capture,
  secrets: readonly string[],
): Promise<CheckReport> {
  const recording = recordingOf(original)
  const paths = playlistPaths(original)
  const { host, port, url } = receiver
  const checker = new Checker({ url, app: 'live', recording, playlists: paths, secrets })
  checker.start()
  const { onSent } = recording
  const connections = await replay(mutated, {
    host,
    port,
    speed: 'recorded',
    targetOf: keyedTarget(original),
    close: 'patient',
    onSent,
  })
  const refused = connections.flatMap(({ statuses }) => statuses).filter((status) => status >= 500)
  const lost = mutation.lostOf?.(original)
  const ends = await Promise.all(
    paths.map(async (path) => {
      const file = readFileSync(expectedFile(original, path), 'utf8')
      const isAsRecorded = lost === undefined && mutation.isReordered === undefined
      const expected = isAsRecorded ? file : expectedText(original, path, { lost, came: mutated })
      return { path, expected, text: await settledText(receiver, path, expected) }
    }),
  )
  const report = await checker.stop()
  expect(report.violations).toEqual([])
  for (const { path, expected, text } of ends) {
    expect(text, `${path} in the end`).toBe(expected)
    if (!isMedia(text)) continue
    const recorded = await recordedOf(playlistUrl(receiver, path))
    expect(recorded, `P5: the recording of ${path}`).toEqual(sentOf(original, path, lost))
  }
  expect(refused).toEqual([])
  return report
}

/** What is served of a playlist as soon as that is what is expected, or at the latest. */
async function settledText(receiver: TestReceiver, path: string, expected: string): Promise<string> {
  const url = playlistUrl(receiver, path)
  const deadline = Date.now() + SETTLED_MS
  for (;;) {
    const answer = await fetch(url)
    const text = answer.status === 200 ? withoutIds(await answer.text()) : `answered ${answer.status}`
    if (text === expected || Date.now() > deadline) return text
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

function playlistUrl(receiver: TestReceiver, path: string): string {
  return `${receiver.url}/live/streams/${path.split('/').map(encodeURIComponent).join('/')}`
}

function isMedia(text: string): boolean {
  return text.includes('#EXTINF:')
}

/** P7: what the tree and the log give away; what the origin gives out is the checker's. */
function leaksOf(receiver: TestReceiver, secrets: readonly string[]): string[] {
  const root = join(receiver.dataDir, 'live/streams')
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.some(({ name }) => name.endsWith('.m3u8'))).toBe(true)
  const found = files.flatMap(({ parentPath, name }) => {
    const text = /\.(?:m3u8|vtt)$/.test(name) ? readFileSync(join(parentPath, name), 'utf8') : ''
    return leaks(`${name}\n${text}`, secrets).map((sign) => `P7: ${name} in the tree gives away ${sign}`)
  })
  const logged = receiver.logLines.flatMap((line) => leaks(line, secrets).map((sign) => `P7: ${sign} in ${line}`))
  return [...found, ...logged]
}
