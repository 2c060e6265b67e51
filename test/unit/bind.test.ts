import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const [a0 = '', a1 = '', a2 = ''] = names('a', 3)

describe('P3: an entry is bound', () => {
  test('once, and stays so when its name comes again', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.segments([a0, a1], ' again')
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.played(LIST)).toEqual([a0, `${a1} again`])
  })

  test('to the newest upload under its name', async () => {
    const trial = new Trial()
    await trial.put(a0, 'first try')
    await trial.put(a0, 'second try')
    await trial.put(LIST, mediaList(0, [a0]))
    expect(await trial.played(LIST)).toEqual(['second try'])
  })

  test('to nothing that was cut, or empty', async () => {
    const trial = new Trial()
    const upload = trial.begin(a0)
    await upload.send('the first half')
    await upload.cut()
    expect(await trial.put(a0, '')).toBe('empty')
    await trial.put(LIST, mediaList(0, [a0]))
    expect(await trial.served(LIST)).toBeUndefined()
    await trial.put(a0, 'whole')
    expect(await trial.played(LIST)).toEqual(['whole'])
  })

  test('to an upload of its own run: it waits although the run before had one of that name', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.segments([a0], ' anew')
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
    await trial.segments([a1], ' anew')
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
    expect(await trial.served(LIST)).toBe(mediaList(2, ['#EXT-X-DISCONTINUITY', 'a2.ts', 'a3.ts']))
  })

  test('P2: to nothing that the run before left behind and no playlist named', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.segments([a2], ' that was never named')
    await trial.segments([a0, a1], ' anew')
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
    await trial.segments([a2], ' anew')
    expect((await trial.played(LIST)).at(-1)).toBe(`${a2} anew`)
  })

  test('to the same bytes when a run begins with those of the run before', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.put(a0, a0)).toBe('same')
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a1]))
    expect(await trial.served(LIST)).toBe(mediaList(2, ['#EXT-X-DISCONTINUITY', a0]))
    await trial.put(a1, a1)
    expect(await trial.served(LIST)).toBe(mediaList(2, ['#EXT-X-DISCONTINUITY', a0, a1]))
  })

  test('before its playlist goes on, when the playlist of a new run overtook it', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.put(LIST, mediaList(0, [a0]))
    expect(await trial.played(LIST)).toEqual([a0, a1])
    await trial.segments([a0], ' anew')
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
  })
})

describe('a name that stands several times in one list', () => {
  test('means its uploads one after the other', async () => {
    const trial = new Trial()
    await trial.put(a0, 'one')
    await trial.put(a0, 'two')
    await trial.put(LIST, mediaList(0, [a0, a0]))
    expect(await trial.played(LIST)).toEqual(['one', 'two'])
  })

  test('waits for as many uploads, and never shows one of them twice', async () => {
    const trial = new Trial()
    await trial.put(a0, 'one')
    await trial.put(LIST, mediaList(0, [a0]))
    await trial.put(LIST, mediaList(0, [a0, a0]))
    expect(await trial.played(LIST)).toEqual(['one'])
    await trial.put(a0, 'two')
    expect(await trial.played(LIST)).toEqual(['one', 'two'])
  })

  test('means the same bytes twice when they were sent twice', async () => {
    const trial = new Trial()
    await trial.put(a0, 'one')
    await trial.put(a0, 'one')
    await trial.put(LIST, mediaList(0, [a0, a0]))
    expect(await trial.played(LIST)).toEqual(['one', 'one'])
  })
})

describe('a URI means the upload', () => {
  test.each([
    ['of its path in the playlist’s folder', 'x/a.m3u8', 'x/a0.ts', 'a0.ts', 'a0.ts'],
    ['of a folder below that is named', 'x/a.m3u8', 'x/y/a0.ts', 'y/a0.ts', 'y/a0.ts'],
    ['in a folder below that is not named', 'x/a.m3u8', 'x/y/a0.ts', 'a0.ts', 'y/a0.ts'],
    ['of an upload URL', 'x/a.m3u8', 'x/a0.ts', 'https://h.example/live/hls-upload/x/a0.ts', 'a0.ts'],
    ['of an upload URL with a key', 'a.m3u8', 'a0.ts', 'http://h/live/k/SECRET/hls-upload/a0.ts', 'a0.ts'],
    ['of an upload URL behind a proxy’s folder', 'a.m3u8', 'a0.ts', '/in/live/hls-upload/a0.ts', 'a0.ts'],
    ['of its last part, from an address that is not ours', 'a.m3u8', 'a0.ts', 'http://cdn.example/v/a0.ts', 'a0.ts'],
    [
      'of its last part beside it, from an address not ours',
      'x/a.m3u8',
      'x/a0.ts',
      'http://cdn.example/a0.ts',
      'a0.ts',
    ],
    ['of its last part below, from an address not ours', 'a.m3u8', 'v/a0.ts', 'http://cdn.example/z/a0.ts', 'v/a0.ts'],
    ['that was named in a query', 'a.m3u8', 'a0.ts', 'http_upload_hls?cid=SECRET&copy=0&file=a0.ts', 'a0.ts'],
    ['of a name with escapes', 'a.m3u8', 'ü 0.ts', '%C3%BC%200.ts', '%C3%BC%200.ts'],
    ['of a name without escapes that needs some', 'a.m3u8', 'ü 0.ts', 'ü 0.ts', '%C3%BC%200.ts'],
  ])('%s', async (_what, list, name, uri, shown) => {
    const trial = new Trial()
    const text = mediaList(0, [uri])
    await trial.put(list, text)
    await trial.put(name, 'the bytes')
    expect(await trial.served(list)).toBe(mediaList(0, [shown]))
    expect(await trial.played(list)).toEqual(['the bytes'])
    expect(await trial.readBack(list)).toBe(text)
  })

  test('but none in a folder with a playlist of its own, and none of two', async () => {
    const trial = new Trial()
    await trial.put('x/other.m3u8', mediaList(0, []))
    await trial.segments(['x/a0.ts', 'y/a1.ts', 'z/a1.ts'])
    await trial.put(LIST, mediaList(0, [a0, a1]))
    await trial.clock.advance(2_000)
    expect(await trial.served(LIST)).toBeUndefined()
  })

  test('P7: of its own key’s stream, or of a key of the whole app, and none of another stream', async () => {
    const trial = new Trial()
    await trial.put(a0, 'of another', 'other')
    await trial.put(a1, 'of the app')
    await trial.put(LIST, mediaList(0, [a1, a0]), 'own')
    expect(await trial.played(LIST)).toEqual(['of the app'])
    await trial.put(a0, 'its own', 'own')
    expect(await trial.played(LIST)).toEqual(['of the app', 'its own'])
  })
})

test.each([
  ['escaped', ['%C3%BC0.ts', '%C3%BC1.ts'], ['ü0.ts', 'ü1.ts']],
  ['in a query', ['up?cid=K&file=a0.ts', 'up?cid=K&file=a1.ts'], [a0, a1]],
  ['upload URLs', ['http://h/live/hls-upload/a0.ts', 'http://h/live/hls-upload/a1.ts'], [a0, a1]],
])(
  'P9: a new run whose playlist overtook its segment is taken up when it comes: names %s',
  async (_what, uris, sent) => {
    const trial = new Trial()
    const [first = ''] = sent
    await trial.segments(sent)
    await trial.put(LIST, mediaList(0, uris))
    await trial.put(LIST, mediaList(0, uris.slice(0, 1)))
    await trial.segments([first], ' anew')
    expect(await trial.played(LIST)).toEqual([`- ${first} anew`])
  },
)

test('P2: segments of a later run under names used before never stand in for holes of the earlier one', async () => {
  const trial = new Trial()
  await trial.segments([a0, a2])
  await trial.put(LIST, mediaList(0, [a0, a1, a2], '#EXT-X-ENDLIST'))
  await trial.clock.advance(2_000)
  expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
  await trial.segments([a0, a1], ' anew')
  expect(await trial.played(LIST)).toEqual([a0, 'GAP', a2])
  await trial.put(LIST, mediaList(0, [a0]))
  await trial.put(LIST, mediaList(0, [a0, a1]))
  expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
})

test('P9: a new run is seen although its newest entry was a hole of the run before', async () => {
  const trial = new Trial()
  await trial.segments([a0, a2])
  await trial.put(LIST, mediaList(0, [a0, a1, a2], '#EXT-X-ENDLIST'))
  await trial.clock.advance(2_000)
  await trial.segments([a0, a1], ' anew')
  await trial.put(LIST, mediaList(0, [a0, a1]))
  expect(await trial.played(LIST)).toEqual([`- ${a0} anew`, `${a1} anew`])
})

test('P3: two uploads of one name at once are two objects', async () => {
  const trial = new Trial()
  const [one, two] = [trial.begin(a0), trial.begin(a0)]
  await two.send('two')
  await one.send('one')
  expect(await Promise.all([two.end(), one.end()])).toEqual(['created', 'created'])
  await trial.put(LIST, mediaList(0, [a0]))
  expect(await trial.readBack(a0)).toBe('one')
})
