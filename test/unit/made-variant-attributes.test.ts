import { beforeEach, describe, expect, test } from 'vitest'
import { MAX_MEASURED_SEGMENTS, RENDITION_LAG_MS } from '../../src/core/limits.ts'
import { captures } from '../support/captures.ts'
import { publish, urisOf } from '../support/renditions.ts'
import { mediaList, Trial } from '../support/trial.ts'

const MASTER = 'cam_adaptive.m3u8'
const LOW = 'cam_240p500kbps.m3u8'
const HIGH = 'cam_480p1000kbps.m3u8'

let trial: Trial
beforeEach(() => {
  trial = new Trial()
})

describe('BANDWIDTH and AVERAGE-BANDWIDTH', () => {
  const rates = async () => {
    const [, peak, average] = /BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+)/.exec((await trial.served(MASTER)) ?? '') ?? []
    return [Number(peak), Number(average)]
  }

  test('are measured over the entries that are served, and BANDWIDTH never goes down while the stream goes on', async () => {
    await publish(trial, ['cam.m3u8'], { bytes: 1_000 })
    expect(await rates()).toEqual([4_000, 4_000])
    await trial.put('big.ts', 'x'.repeat(5_000))
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts', 'big.ts']))
    expect(await rates()).toEqual([20_000, 12_000])
    await trial.put('c.ts', 'x'.repeat(2_000))
    await trial.put('cam.m3u8', mediaList(2, ['c.ts']))
    expect(await rates()).toEqual([20_000, 8_000])
  })

  test('are not of what is not served yet, nor of what the encoder says is not there', async () => {
    await trial.put('a.ts', 'x'.repeat(504))
    await trial.segments(['c.ts', 'gap.ts'], 'x'.repeat(5_000))
    await trial.put('cam.m3u8', mediaList(0, ['a.ts', 'b.ts', 'c.ts']))
    expect(await rates()).toEqual([2_016, 2_016])
    await trial.put('other.m3u8', mediaList(0, ['a.ts', '#EXT-X-GAP', 'gap.ts', 'a.ts']))
    expect(await trial.served('other_adaptive.m3u8')).toContain('BANDWIDTH=2016,AVERAGE-BANDWIDTH=2016\n')
  })

  test('P6: are of the last entries of a long list only, each looked up once', async () => {
    const all = Array.from({ length: MAX_MEASURED_SEGMENTS + 20 }, (_, index) => `cam${index}.ts`)
    for (const [index, name] of all.entries()) await trial.put(name, 'x'.repeat(index < 20 ? 9_000 : 1_000 + index))
    await trial.put('cam.m3u8', mediaList(5, all))
    let looked = 0
    const get = trial.journal.get.bind(trial.journal)
    trial.journal.get = (key) => {
      if (key.startsWith('s/')) looked++
      return get(key)
    }
    expect((await rates())[0]).toBe(4 * (1_000 + all.length - 1))
    expect(looked).toBeLessThan(MAX_MEASURED_SEGMENTS + 10)
    await rates()
    expect(looked).toBeLessThan(MAX_MEASURED_SEGMENTS + 10)
  })

  test('count the bytes of a range, and leave holes out', async () => {
    await trial.put('all.ts', 'x'.repeat(9_000))
    const ranges = ['#EXT-X-BYTERANGE:1000@0', 'all.ts', '#EXT-X-BYTERANGE:3000@1000', 'all.ts']
    await trial.put(
      'cam.m3u8',
      mediaList(0, [...ranges, '#EXT-X-GAP', 'hole.ts', '#EXT-X-BYTERANGE:500@4000', 'all.ts']),
    )
    expect(await rates()).toEqual([12_000, 6_000])
  })
})

describe('what a variant has', () => {
  const ts = captures
    .find(({ name }) => name === 'mpegts-live-delete')
    ?.requests.find(({ target }) => /\.ts$/.test(target))
  const bytes = ts?.body ?? new Uint8Array(0)
  const info = /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+(.*)$/m
  const attributes = async (name = MASTER) => info.exec((await trial.served(name)) ?? '')?.[1]
  const told = /^,CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=\d+x\d+,FRAME-RATE=\d+\.\d{3}$/

  test('is read from its first segment', async () => {
    await trial.putBytes('cam0.ts', bytes)
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts']))
    expect(await attributes()).toMatch(told)
  })

  test('is read once in a run, and again in the next', async () => {
    let read = 0
    const counted = trial.files.at.bind(trial.files)
    trial.files.at = (id, size) => {
      const content = counted(id, size)
      return {
        ...content,
        stream: (...range) => {
          read++
          return content.stream(...range)
        },
      }
    }
    const large = Buffer.concat([bytes, Buffer.alloc(100_000)])
    await trial.putBytes('cam0.ts', large)
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts']))
    trial.store.head = () => Promise.reject(new Error('not needed'))
    for (let asked = 0; asked < 3; asked++) await attributes()
    const before = read
    expect(before).toBeGreaterThan(0)
    await trial.put('cam1.ts', 'no segment')
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts', 'cam1.ts']))
    expect(await attributes()).toMatch(told)
    expect(read).toBe(before)
    await trial.clock.advance(RENDITION_LAG_MS)
    await trial.put('cam0.ts', 'anew')
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts']))
    expect(await attributes()).toBe('')
  })

  test('is read again when the encoder appends to its list', async () => {
    await trial.put('cam0.ts', 'no segment')
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts']))
    expect(await attributes()).toBe('')
    await trial.readBack('cam.m3u8')
    await trial.putBytes('cam1.ts', bytes)
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts', '#EXT-X-DISCONTINUITY', 'cam1.ts']))
    expect(await attributes()).toMatch(told)
  })

  test.each([
    ['', async () => {}],
    [', when nobody has asked before', async () => trial.restart()],
  ])('stays what it was while nothing of the next run is served yet%s', async (_when, meanwhile) => {
    await trial.putBytes('x/cam0.ts', bytes)
    await trial.put('x/cam.m3u8', mediaList(0, ['cam0.ts']))
    const before = await trial.served(`x/${MASTER}`)
    expect(await attributes(`x/${MASTER}`)).toMatch(told)
    await trial.clock.advance(2 * RENDITION_LAG_MS)
    await trial.put('x/cam.m3u8', mediaList(0, ['new.ts']))
    await meanwhile()
    expect(await trial.served(`x/${MASTER}`)).toBe(before)
    await trial.put('x/new.ts', 'no segment')
    expect(await attributes(`x/${MASTER}`)).toBe('')
  })

  test('is not told of encrypted segments, even where they could be read', async () => {
    await trial.putBytes('cam0.ts', bytes)
    await trial.put('a.key', 'k'.repeat(16))
    await trial.put('cam.m3u8', mediaList(0, ['#EXT-X-KEY:METHOD=AES-128,URI="a.key"', 'cam0.ts']))
    expect(await attributes()).toBe('')
  })

  test('is left out where the segment tells nothing', async () => {
    await publish(trial, ['cam.m3u8'])
    expect(await attributes()).toBe('')
  })

  test('is not first where only another one has a picture, however little it needs', async () => {
    await publish(trial, ['cam_64kbps.m3u8'], { bytes: 200 })
    await trial.putBytes('cam0.ts', bytes)
    await trial.put('cam.m3u8', mediaList(0, ['cam0.ts']))
    expect(urisOf(await trial.served(MASTER))).toEqual(['cam.m3u8', 'cam_64kbps.m3u8'])
  })

  test('EXT-X-INDEPENDENT-SEGMENTS is there only if all have it', async () => {
    const tag = '#EXT-X-INDEPENDENT-SEGMENTS'
    for (const name of [LOW, HIGH]) {
      await trial.put(`${name}.ts`, name)
      await trial.put(name, mediaList(0, [`${name}.ts`]).replace('#EXT-X-VERSION:7', `#EXT-X-VERSION:7\n${tag}`))
    }
    expect(await trial.served(MASTER)).toContain(`#EXTM3U\n${tag}\n`)
    await publish(trial, ['cam.m3u8'])
    expect(await trial.served(MASTER)).not.toContain(tag)
  })
})
