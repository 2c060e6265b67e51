import { expect, test } from 'vitest'
import { Checker, type CheckReport } from '../../src/testing/index.ts'
import { until } from '../support/until.ts'
import { type FakeOrigin, FakeRecording, listOf, startFakeOrigin } from './fake-origin.ts'

const PLAYLIST = 's.m3u8'
/** Longer than a segment may take to the origin, on however busy a machine, in ms. */
const TOO_LONG_MS = 5_000

interface Play {
  readonly origin: FakeOrigin
  readonly recording: FakeRecording
  /** Serves a text and waits until the checker has read it, and what it names. */
  serve(path: string, text: string): Promise<void>
}

/** Lets a checker watch a play and gives back what it found. */
async function check(play: (stage: Play) => Promise<void>, playlists = [PLAYLIST]): Promise<CheckReport> {
  const origin = await startFakeOrigin()
  const recording = new FakeRecording()
  try {
    const checker = new Checker({ url: origin.url, app: 'live', recording, playlists, secrets: ['s3cret'] })
    checker.start()
    const serve = async (path: string, text: string) => {
      origin.files.set(path, text)
      await until(`${path} is checked`, () => (checker.hasRead(path, text) ? true : undefined))
    }
    await play({ origin, recording, serve })
    return await checker.stop()
  } finally {
    await origin.stop()
  }
}

/** Two segments, sent and served as they should be. */
async function honest({ origin, recording, serve }: Play): Promise<void> {
  for (const [name, names] of [
    ['a.ts', ['a.ts']],
    ['b.ts', ['a.ts', 'b.ts']],
  ] as const) {
    recording.send(name, `bytes of ${name}`)
    recording.send(PLAYLIST, listOf(1, names))
    origin.files.set(name, `bytes of ${name}`)
    await serve(PLAYLIST, listOf(1, names))
  }
}

test('an honest origin: no violation, and each (playlist, URI, range, hash) counts once', async () => {
  const report = await check(honest)
  expect(report.violations).toEqual([])
  expect(report.verified).toBe(3)
  expect(report.worstMs).toBeLessThan(500)
})

test('fewer than asked for is a failure', async () => {
  const checker = new Checker({ url: 'http://127.0.0.1:1', app: 'live', recording: new FakeRecording(), playlists: [] })
  await expect(checker.finish({ atLeast: 1 })).rejects.toThrow('only 0 of at least 1')
})

test('P2: a named segment that cannot be fetched is found', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    stage.recording.send(PLAYLIST, listOf(1, ['a.ts', 'b.ts', 'c.ts']))
    await stage.serve(PLAYLIST, listOf(1, ['a.ts', 'b.ts', 'c.ts']))
  })
  expect(report.violations.join('\n')).toMatch(/P2: entry 3: segment .*c\.ts answered 404/)
})

test('P2: bytes of another segment are found, and those of an older run', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    stage.recording.send('a.ts', 'bytes of the second a.ts')
    stage.recording.send(PLAYLIST, listOf(1, ['a.ts']))
    await stage.serve(PLAYLIST, listOf(3, ['a.ts']))
  })
  expect(report.violations.join('\n')).toMatch(/P2: segment a\.ts is not what the encoder sent: entry 3/)
})

test('P2: an entry that the encoder never named is found', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    await stage.serve(PLAYLIST, listOf(1, ['a.ts', 'b.ts', 'a.ts']))
  })
  expect(report.violations.join('\n')).toMatch(/P2: none that the encoder named: entry 3/)
})

test('P2: a variant that is not served is found', async () => {
  const multivariant = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n'
  const report = await check(({ serve }) => serve('m.m3u8', multivariant), ['m.m3u8'])
  expect(report.violations.join('\n')).toMatch(/P2: .*low\.m3u8 is named by a multivariant playlist and not served/)
})

test('P3: bytes that change behind a URI are found', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    stage.origin.files.set('a.ts', 'other bytes')
  })
  expect(report.violations.join('\n')).toMatch(/P3: the bytes behind .*a\.ts changed/)
})

test('P4: a playlist that goes back is found', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    await stage.serve(PLAYLIST, listOf(1, ['a.ts']))
  })
  expect(report.violations.join('\n')).toContain('P4: the last number went back from 2 to 1')
})

test('P4: another duration than the encoder wrote is found', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    stage.recording.send(PLAYLIST, listOf(1, ['a.ts', 'b.ts']).replace('EXTINF:2', 'EXTINF:1'))
    stage.recording.bodies.splice(0, 4)
  })
  expect(report.violations.join('\n')).toMatch(/P4: lasts 2 s, not 1 s: entry 1/)
})

test('P4: a new run without DISCONTINUITY, and a lost MAP, are found', async () => {
  const report = await check(async (stage) => {
    const map = ['#EXT-X-MAP:URI="i.ts"']
    stage.recording.send('i.ts', 'init')
    await honest(stage)
    stage.recording.send('a.ts', 'bytes of a.ts')
    stage.recording.send(PLAYLIST, listOf(1, ['a.ts'], map))
    await stage.serve(PLAYLIST, listOf(3, ['a.ts']))
  })
  expect(report.violations.join('\n')).toContain('P4: begins a run without EXT-X-DISCONTINUITY: entry 3')
  expect(report.violations.join('\n')).toContain('P4: has lost its EXT-X-MAP: entry 3')
})

test('P7: a token in a playlist is found, and a key in text', async () => {
  const report = await check(async (stage) => {
    await honest(stage)
    stage.origin.files.set('c.ts', 'WEBVTT s3cret')
    await stage.serve(PLAYLIST, listOf(1, ['a.ts', 'b.ts', 'c.ts'], ['#token=1']))
  })
  expect(report.violations.join('\n')).toMatch(/P7: .*s\.m3u8 gave out token=/)
  expect(report.violations.join('\n')).toMatch(/P7: .*c\.ts gave out s3cret/)
})

test('P9: a segment that is served late is found, and one that never is', async () => {
  const report = await check(async (stage) => {
    await stage.serve(PLAYLIST, listOf(1, []))
    const sent = Date.now() - TOO_LONG_MS
    stage.recording.send('a.ts', 'bytes of a.ts', sent)
    stage.recording.send(PLAYLIST, listOf(1, ['a.ts']), sent)
    stage.recording.send('b.ts', 'bytes of b.ts', sent)
    stage.recording.send(PLAYLIST, listOf(1, ['a.ts', 'b.ts']), sent)
    stage.origin.files.set('a.ts', 'bytes of a.ts')
    await stage.serve(PLAYLIST, listOf(1, ['a.ts']))
  })
  expect(report.violations.join('\n')).toMatch(/P9: entry 1 \(a\.ts\) was served [5-9]\d\d\d ms after it was due/)
  expect(report.violations.join('\n')).toContain('P9: entry 2 (b.ts) was served never')
})

test('P9: behind a segment that never came, one target duration is allowed', async () => {
  const behind = async ({ origin, recording, serve }: Play, waitedMs: number) => {
    await serve(PLAYLIST, listOf(1, []))
    const sent = Date.now() - waitedMs
    recording.send('b.ts', 'bytes of b.ts', sent)
    recording.send(PLAYLIST, listOf(1, ['a.ts', 'b.ts']), sent)
    origin.files.set('b.ts', 'bytes of b.ts')
    await serve(PLAYLIST, listOf(1, ['?a.ts', 'b.ts']))
  }
  const inTime = await check((stage) => behind(stage, 2_100))
  expect(inTime.violations).toEqual([])
  expect(inTime.worstBehindGapMs).toBeGreaterThanOrEqual(2_100)
  const late = await check((stage) => behind(stage, 2_000 + TOO_LONG_MS))
  expect(late.violations.join('\n')).toMatch(/P9: entry 2 \(b\.ts\) was served [5-9]\d\d\d ms/)
})
