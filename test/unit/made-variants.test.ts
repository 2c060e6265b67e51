import { beforeEach, describe, expect, test } from 'vitest'
import { MULTIVARIANT_WAIT_MS, RENDITION_LAG_MS } from '../../src/core/limits.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { splitLines } from '../../src/core/playlist/scan.ts'
import { publish, urisOf } from '../support/renditions.ts'
import { mediaList, Trial } from '../support/trial.ts'

const MASTER = 'cam_adaptive.m3u8'
const LOW = 'cam_240p500kbps.m3u8'
const HIGH = 'cam_480p1000kbps.m3u8'
const END = '#EXT-X-ENDLIST'

let trial: Trial
beforeEach(() => {
  trial = new Trial()
})

/** The URIs of what is served. */
async function uris(name = MASTER): Promise<string[] | undefined> {
  return urisOf(await trial.served(name))
}

/** Ends playlists whose only segment has that number. */
async function end(names: readonly string[], number = 0): Promise<void> {
  for (const name of names) await trial.put(name, mediaList(number, [name.replace('.m3u8', `${number}.ts`), END]))
}

describe('a multivariant playlist that nobody uploaded is made of', () => {
  test('the plain rendition and those of that stream, the one of the least BANDWIDTH first', async () => {
    await publish(trial, [HIGH], { bytes: 4_000 })
    await publish(trial, ['cam.m3u8'], { bytes: 8_000 })
    await publish(trial, [LOW, 'cam_360p.m3u8'], { bytes: 2_000 })
    expect(await trial.served(MASTER)).toBe(
      [
        '#EXTM3U',
        '#EXT-X-STREAM-INF:BANDWIDTH=8000,AVERAGE-BANDWIDTH=8000',
        LOW,
        '#EXT-X-STREAM-INF:BANDWIDTH=8000,AVERAGE-BANDWIDTH=8000',
        'cam_360p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=16000,AVERAGE-BANDWIDTH=16000',
        HIGH,
        '#EXT-X-STREAM-INF:BANDWIDTH=32000,AVERAGE-BANDWIDTH=32000',
        'cam.m3u8',
        '',
      ].join('\n'),
    )
  })

  test('the only one there is', async () => {
    await publish(trial, ['cam.m3u8'])
    expect(await uris()).toEqual(['cam.m3u8'])
  })

  test('what the specification allows, without a finding', async () => {
    await publish(trial, [LOW, HIGH])
    expect(readPlaylist(splitLines((await trial.served(MASTER)) ?? '')).findings).toEqual([])
  })

  test.each([
    'cam2.m3u8',
    'cam_b.m3u8',
    'cam_b_240p.m3u8',
    'camera_240p.m3u8',
    'cam-2026-11-22_12-00-00.000_240p.m3u8',
  ])('nothing of another stream: %s', async (other) => {
    await publish(trial, ['cam.m3u8', other])
    expect(await uris()).toEqual(['cam.m3u8'])
  })

  test('nothing where there is no such stream, or no such name', async () => {
    await publish(trial, ['cam.m3u8', LOW])
    for (const name of [
      'other_adaptive.m3u8',
      'cam_240p500kbps_adaptive.m3u8',
      '_adaptive.m3u8',
      'x/cam_adaptive.m3u8',
    ])
      expect(await trial.served(name)).toBeUndefined()
  })

  test('the renditions of a run whose encoder dates them', async () => {
    const run = 'cam-2026-11-22_12-00-00.000'
    await publish(trial, [`${run}_240p.m3u8`, `${run}_480p.m3u8`, 'cam-2026-11-23_12-00-00.000_480p.m3u8'])
    expect(await uris(`${run}_adaptive.m3u8`)).toEqual([`${run}_240p.m3u8`, `${run}_480p.m3u8`])
  })

  test('none but those that go on, while one does', async () => {
    await publish(trial, [LOW, 'cam_1080p.m3u8'])
    await trial.clock.advance(RENDITION_LAG_MS - 1)
    await publish(trial, [LOW], { number: 1 })
    expect(await uris()).toHaveLength(2)
    await trial.clock.advance(1)
    await publish(trial, [LOW], { number: 2 })
    expect(await uris()).toEqual([LOW])
  })

  test('all that began together, when they have ended one after the other', async () => {
    await publish(trial, [LOW, HIGH])
    for (const name of [LOW, HIGH]) {
      await trial.clock.advance(2 * RENDITION_LAG_MS)
      await end([name])
    }
    expect(await uris()).toEqual([LOW, HIGH])
  })

  test('all that have ended together, when they began one after the other', async () => {
    await publish(trial, [LOW])
    await trial.clock.advance(2 * RENDITION_LAG_MS)
    await publish(trial, [HIGH])
    await end([LOW, HIGH])
    expect(await uris()).toEqual([LOW, HIGH])
  })

  test('none of an earlier time, when all have ended', async () => {
    await publish(trial, ['cam_1080p.m3u8', LOW])
    await end(['cam_1080p.m3u8', LOW])
    await trial.clock.advance(86_400_000)
    await publish(trial, [LOW, HIGH], { number: 1 })
    await trial.clock.advance(2_000)
    await end([LOW, HIGH], 1)
    await trial.clock.advance(3_000)
    expect(await uris()).toEqual([LOW, HIGH])
    expect(urisOf(await trial.stored(MASTER))).toEqual([LOW, HIGH])
  })
})

describe('P2: a variant of a made playlist', () => {
  test('is there when its playlist is served, not when it was only uploaded', async () => {
    await publish(trial, [LOW])
    await trial.put(HIGH, mediaList(0, ['late.ts']))
    expect(await uris()).toEqual([LOW])
    await trial.put('late.ts', 'late')
    expect(await uris()).toEqual([HIGH, LOW])
  })
})

describe('a pushed playlist wins over a made one', () => {
  const pushed = `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LOW}\n`

  test('when it comes first, and when it comes later', async () => {
    await publish(trial, [LOW, HIGH])
    expect(await uris()).toEqual([LOW, HIGH])
    await trial.put(MASTER, pushed)
    expect(await trial.served(MASTER)).toBe(pushed)
    await publish(trial, ['cam.m3u8'])
    expect(await trial.served(MASTER)).toBe(pushed)
  })

  test('once it is served: until then the made one is', async () => {
    await publish(trial, [HIGH])
    await trial.put(MASTER, pushed)
    expect(await uris()).toEqual([HIGH])
    expect(urisOf(await trial.recordedText(MASTER, 'event'))).toEqual([`${HIGH}?playlist=event`])
    await publish(trial, [LOW])
    expect(await trial.served(MASTER)).toBe(pushed)
  })

  test('at the root, though the renditions lie in a sub-folder', async () => {
    await publish(trial, [`cam/${LOW}`, `cam/${HIGH}`])
    await trial.put(MASTER, `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LOW}\n#EXT-X-STREAM-INF:BANDWIDTH=2\n${HIGH}\n`)
    expect(await uris()).toEqual([`cam/${LOW}`, `cam/${HIGH}`])
    expect(await trial.served(MASTER)).toContain('BANDWIDTH=2\n')
  })

  test('at the root, before its renditions come', async () => {
    await trial.put(MASTER, `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LOW}\n#EXT-X-STREAM-INF:BANDWIDTH=2\n${HIGH}\n`)
    await publish(trial, [`cam/${LOW}`])
    await trial.clock.advance(MULTIVARIANT_WAIT_MS)
    expect(await uris()).toEqual([`cam/${LOW}`])
    await publish(trial, [`cam/${HIGH}`])
    expect(await uris()).toEqual([`cam/${LOW}`, `cam/${HIGH}`])
  })
})

test('variants that are stale are left out where stale playlists are not found, and nothing is left when all are', async () => {
  trial = new Trial({ afterMs: 30_000, action: 'gone' })
  await publish(trial, [LOW, HIGH])
  await trial.clock.advance(29_999)
  await publish(trial, [LOW], { number: 1 })
  expect(await uris()).toEqual([LOW, HIGH])
  await trial.clock.advance(1)
  expect(await trial.served(HIGH)).toBeUndefined()
  expect(await uris()).toEqual([LOW])
  await trial.clock.advance(30_000)
  expect(await uris()).toBeUndefined()
  expect(urisOf(await trial.recordedText(MASTER))).toHaveLength(2)
  await end([LOW], 1)
  expect(await uris()).toEqual([LOW])
})

describe('the recordings of its variants', () => {
  test.each(['vod', 'event'] as const)('are what ?playlist=%s leads to', async (form) => {
    await publish(trial, [LOW, HIGH])
    const text = await trial.recordedText(MASTER, form)
    expect(text?.match(/^cam.*$/gm)).toEqual([`${LOW}?playlist=${form}`, `${HIGH}?playlist=${form}`])
    expect(text).toContain('BANDWIDTH=4000')
  })

  test('are what a clip leads to', async () => {
    await publish(trial, [LOW, HIGH])
    const range = { start: trial.clock.now() - 60_000, end: trial.clock.now() + 60_000 }
    expect(urisOf(await trial.clip(MASTER, range))).toEqual([`${LOW}?start=1`, `${HIGH}?start=1`])
  })

  test('are what a clip leads to as far as they have something of that time', async () => {
    const start = trial.clock.now()
    for (let number = 0; number < 10; number++) {
      await publish(trial, [LOW], { number })
      await trial.clock.advance(2_000)
    }
    await publish(trial, [HIGH])
    expect(urisOf(await trial.clip(MASTER, { start, end: start + 6_000 }))).toEqual([`${LOW}?start=1`])
    const [run = ''] = await trial.runs(MASTER)
    const [low] = (await uris(run)) ?? []
    expect(urisOf(await trial.clip(run, { start, end: start + 6_000 }))).toEqual([`${low}?start=1`])
    const never = { start: start + 1e7, end: start + 2e7 }
    await expect(trial.receiver.origin.clip('live', MASTER, { range: never, query: '' })).rejects.toMatchObject({
      code: 'clip-empty',
    })
  })

  test('are there run by run, each under its date-time name', async () => {
    await publish(trial, [LOW, HIGH])
    await trial.clock.advance(2 * RENDITION_LAG_MS)
    for (const name of [LOW, HIGH]) {
      await trial.put(name.replace('.m3u8', '0.ts'), `anew ${name}`)
      await trial.put(name, mediaList(0, [name.replace('.m3u8', '0.ts')]))
    }
    const runs = await trial.runs(MASTER)
    expect(runs).toHaveLength(2)
    for (const run of runs) {
      const own = (name: string) => run.replace('_adaptive.m3u8', name.slice('cam'.length))
      expect(await uris(run)).toEqual([own(LOW), own(HIGH)])
      expect(await trial.played(own(LOW))).toHaveLength(1)
    }
  })
})
