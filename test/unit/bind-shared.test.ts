import { describe, expect, test } from 'vitest'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const BREAK = '#EXT-X-DISCONTINUITY'
const MAP = '#EXT-X-MAP:URI="init.mp4"'
const KEY = '#EXT-X-KEY:METHOD=AES-128,URI="k.key",IV=0x00000000000000000000000000000001'
const [a0 = '', a1 = '', a2 = '', a3 = ''] = names('a', 4)

describe('an init section', () => {
  test('P2: is awaited like a segment', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    expect(await trial.served(LIST)).toBeUndefined()
    await trial.put('init.mp4', 'init')
    expect(await trial.played(LIST)).toEqual(['init/a0.ts'])
  })

  test('P2: that does not come makes holes of the entries it holds for, and of no others', async () => {
    const trial = new Trial()
    await trial.segments([a0, a1, a2])
    await trial.put('init.mp4', 'init')
    await trial.put(LIST, mediaList(0, [MAP, a0, '#EXT-X-MAP:URI="lost.mp4"', a1, MAP, a2]))
    await trial.clock.advance(2_000)
    expect(await trial.played(LIST)).toEqual(['init/a0.ts', 'GAP', 'init/a2.ts'])
    await trial.put('lost.mp4', 'found')
    expect(await trial.played(LIST)).toEqual(['init/a0.ts', 'found/a1.ts', 'init/a2.ts'])
  })

  test('P3: of the same name that comes anew holds for new entries only; the joint gets a line of its own', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init of run 1')
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [MAP, a0, a1], '#EXT-X-ENDLIST'))
    await trial.put('init.mp4', 'init of run 2')
    await trial.segments([a2, a3])
    const appended = mediaList(0, [MAP, a0, a1, BREAK, a2, a3])
    await trial.put(LIST, appended)
    expect(await trial.played(LIST)).toEqual([
      'init of run 1/a0.ts',
      'init of run 1/a1.ts',
      '- init of run 2/a2.ts',
      'init of run 2/a3.ts',
    ])
    expect(await trial.served(LIST)).toBe(mediaList(0, [MAP, a0, a1, BREAK, MAP.replace('init', 'init_1'), a2, a3]))
    expect(await trial.readBack(LIST)).toBe(appended)
  })

  test('P3: that came anew stays the new one when the list has slid past the joint', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'one')
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [MAP, a0, a1]))
    await trial.put('init.mp4', 'two')
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [MAP, a0, a1, BREAK, a2]))
    await trial.put(LIST, mediaList(1, [MAP, a1, BREAK, a2]))
    expect(await trial.played(LIST)).toEqual(['one/a1.ts', '- two/a2.ts'])
    await trial.segments([a3])
    await trial.put(LIST, mediaList(2, [MAP, BREAK, a2, a3]))
    expect(await trial.played(LIST)).toEqual(['- two/a2.ts', 'two/a3.ts'])
  })

  test('sent again and again with the same bytes is one and the same', async () => {
    const trial = new Trial()
    for (const [index, name] of [a0, a1, a2].entries()) {
      await trial.put('init.mp4', 'init')
      await trial.segments([name])
      await trial.put(LIST, mediaList(0, [MAP, ...[a0, a1, a2].slice(0, index + 1)]))
    }
    expect(await trial.served(LIST)).toBe(mediaList(0, [MAP, a0, a1, a2]))
  })

  test('P4: a new run has its own', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'one')
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [MAP, a0, a1]))
    await trial.put('init.mp4', 'two')
    await trial.segments([a0], ' anew')
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    expect(await trial.played(LIST)).toEqual(['- two/a0.ts anew'])
  })

  test('P9: that is another one shows a new run of as many entries, before its segment comes', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'one')
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    await trial.put('init.mp4', 'two')
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    await trial.segments([a0], ' anew')
    expect(await trial.played(LIST)).toEqual(['- two/a0.ts anew'])
  })

  test('of a new run with the same bytes is there at once, if it came again', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init')
    await trial.segments([a0, a1])
    await trial.put(LIST, mediaList(0, [MAP, a0, a1]))
    await trial.put('init.mp4', 'init')
    await trial.segments([a0], ' anew')
    await trial.put(LIST, mediaList(0, [MAP, a0]))
    expect(await trial.played(LIST)).toEqual(['- init/a0.ts anew'])
  })

  test('may be a range of a file', async () => {
    const trial = new Trial()
    await trial.put('all.mp4', 'init0123')
    const entry = (range: string) => `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:${range}\nall.mp4`
    const list = mediaList(0, ['#EXT-X-MAP:URI="all.mp4",BYTERANGE="4@0"', entry('2@4'), entry('2')])
    await trial.put(LIST, list)
    expect(await trial.served(LIST)).toBe(list)
    expect(await trial.played(LIST)).toEqual(['init/01', 'init/23'])
  })

  test('stays the same range of the same file, while a copy of that file comes too', async () => {
    const trial = new Trial()
    const entry = (range: string) => `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:${range}\nall.mp4`
    const list = (...entries: string[]) => mediaList(0, ['#EXT-X-MAP:URI="all.mp4",BYTERANGE="4@0"', ...entries])
    const file = trial.begin('all.mp4')
    await file.send('init01')
    await trial.put(LIST, list(entry('2@4')))
    const all = list(entry('2@4'), entry('2@6'), entry('2@8'))
    const copy = trial.begin('all.mp4')
    await copy.send('init012345')
    await trial.put(LIST, all)
    await file.send('2345')
    await file.end()
    await copy.end()
    expect(await trial.served(LIST)).toBe(all)
  })
})

describe('a key', () => {
  test('that lies elsewhere is passed on as it is, and nothing waits for it', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    const list = mediaList(0, [KEY.replace('k.key', 'https://keys.example/k?id=1'), a0])
    await trial.put(LIST, list)
    expect(await trial.served(LIST)).toBe(list)
  })

  test('P7: is passed on without a user and password', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [KEY.replace('k.key', 'https://me:secret@keys.example/k'), a0]))
    expect(await trial.played(LIST)).toEqual(['key https://keys.example/k/a0.ts'])
  })

  test.each(['http://h/live/hls-upload/k.key', 'http://h/live/k/SECRET/hls-upload/k.key', 'up?cid=SECRET&file=k.key'])(
    'P7: with an upload URL for its URI is one that was sent here: %s',
    async (uri) => {
      const trial = new Trial()
      await trial.segments([a0])
      await trial.put('k.key', 'the key')
      await trial.put(LIST, mediaList(0, [KEY.replace('k.key', uri), a0]))
      expect(await trial.played(LIST)).toEqual(['key the key/a0.ts'])
      expect(await trial.served(LIST)).not.toMatch(/hls-upload|SECRET/)
    },
  )

  test('that never comes holds nothing up for longer than a segment would, and shows no upload URL', async () => {
    const trial = new Trial()
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [KEY.replace('k.key', 'http://h/live/k/SECRET/hls-upload/k.key'), a0]))
    expect(await trial.served(LIST)).toBeUndefined()
    await trial.clock.advance(2_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, [KEY, a0]))
  })

  test('P3: of the same name that comes anew holds for new entries only', async () => {
    const trial = new Trial()
    await trial.put('k.key', 'key 1')
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [KEY, a0]))
    await trial.put('k.key', 'key 2')
    await trial.segments([a1])
    await trial.put(LIST, mediaList(0, [KEY, a0, BREAK, a1]))
    expect(await trial.played(LIST)).toEqual(['key key 1/a0.ts', '- key key 2/a1.ts'])
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [KEY, a0, BREAK, a1, KEY, a2]))
    expect(await trial.played(LIST)).toEqual(['key key 1/a0.ts', '- key key 2/a1.ts', 'key key 2/a2.ts'])
  })

  test('P3: of the same name may come anew without a discontinuity, as when an encoder changes keys', async () => {
    const trial = new Trial()
    await trial.put('k.key', 'key 1')
    await trial.segments([a0])
    await trial.put(LIST, mediaList(0, [KEY, a0]))
    await trial.put('k.key', 'key 2')
    await trial.segments([a1, a2])
    await trial.put(LIST, mediaList(0, [KEY, a0, a1, a2]))
    expect(await trial.played(LIST)).toEqual(['key key 1/a0.ts', 'key key 2/a1.ts', 'key key 2/a2.ts'])
  })

  test('ends with METHOD=NONE, and does not end the init section', async () => {
    const trial = new Trial()
    await trial.put('k.key', 'key')
    await trial.put('init.mp4', 'init')
    await trial.segments([a0, a1, a2])
    const list = mediaList(0, [MAP, a0, KEY, a1, '#EXT-X-KEY:METHOD=NONE', a2])
    await trial.put(LIST, list)
    expect(await trial.served(LIST)).toBe(list)
    expect(await trial.played(LIST)).toEqual(['init/a0.ts', 'key key/init/a1.ts', 'init/a2.ts'])
  })

  test('P7: of another stream is none', async () => {
    const trial = new Trial()
    await trial.put('k.key', 'of another', 'other')
    await trial.put(a0, a0, 'own')
    await trial.put(LIST, mediaList(0, [KEY, a0]), 'own')
    expect(await trial.served(LIST)).toBeUndefined()
    await trial.put('k.key', 'its own', 'own')
    expect(await trial.played(LIST)).toEqual(['key its own/a0.ts'])
  })
})
