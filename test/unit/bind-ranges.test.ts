import { describe, expect, test } from 'vitest'
import { mediaList, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const FILE = 'all.ts'
const END = '#EXT-X-ENDLIST'
const range = (bytes: number, from?: number) =>
  `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:${bytes}${from === undefined ? '' : `@${from}`}\n${FILE}`

describe('a range of a file that still arrives', () => {
  test('P9: is served as soon as it is here, and its bytes are the right ones', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    expect(await trial.played(LIST)).toEqual(['0123'])
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    expect(await trial.played(LIST)).toEqual(['0123'])
    await upload.send('45')
    expect(await trial.played(LIST)).toEqual(['0123'])
    await upload.send('67')
    expect(await trial.played(LIST)).toEqual(['0123', '4567'])
    await upload.send('89')
    expect(await upload.end()).toBe('created')
    expect(await trial.played(LIST)).toEqual(['0123', '4567'])
    expect(await trial.readBack(FILE)).toBe('0123456789')
  })

  test('P1, P2: stays when the upload is cut, and so does no more than what was named', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await upload.send('45')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    await upload.cut()
    expect(await trial.played(LIST)).toEqual(['0123'])
    await trial.clock.advance(2_000)
    expect(await trial.played(LIST)).toEqual(['0123'])
    expect(await trial.readBack(FILE)).toBe('0123')
  })

  test('P2: that never came, since the upload was cut, is not one of the file that the next life sends', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    const list = (...ranges: string[]) => mediaList(0, ranges).replace('DURATION:2', 'DURATION:8')
    await trial.put(LIST, list(range(4, 0)))
    await trial.put(LIST, list(range(4, 0), range(4)))
    await upload.cut()
    await trial.put(FILE, 'abcdefgh')
    await trial.clock.advance(20_000)
    expect(await trial.played(LIST)).toEqual(['0123'])
  })

  test('P1: stays when the receiver stops, and the rest may come in an upload of its own', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await upload.send('45')
    await trial.restart()
    expect(await trial.played(LIST)).toEqual(['0123'])
    await trial.put(FILE, '0123456789')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(6)], END))
    expect(await trial.played(LIST)).toEqual(['0123', '456789'])
  })

  test('is looked for in the one that has it, while an empty upload is open on the same path', async () => {
    const trial = new Trial()
    const empty = trial.begin(FILE)
    const upload = trial.begin(FILE)
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await upload.send('0123')
    expect(await trial.played(LIST)).toEqual(['0123'])
    expect(await upload.end()).toBe('created')
    expect(await empty.end()).toBe('empty')
    expect(await trial.readBack(FILE)).toBe('0123')
    expect(await trial.played(LIST)).toEqual(['0123'])
  })

  test('P3: is not one of the run before, under the same name', async () => {
    const trial = new Trial()
    await trial.put(FILE, 'aaaabbbb')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    const upload = trial.begin(FILE)
    await upload.send('cccc')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await upload.end()
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    expect(await trial.played(LIST)).toEqual(['- cccc'])
  })

  test('P3: is not one of the run before that still hangs', async () => {
    const trial = new Trial()
    const hanging = trial.begin(FILE)
    await hanging.send('aaaabbbb')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    const [upload, complete] = [trial.begin(FILE), trial.begin(FILE)]
    await complete.send('cccc')
    await complete.end()
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    expect(await trial.played(LIST)).toEqual(['- cccc'])
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    expect(await trial.played(LIST)).toEqual(['- cccc'])
    await upload.send('ccccdddd')
    expect(await trial.played(LIST)).toEqual(['- cccc', 'dddd'])
    await Promise.all([upload.end(), hanging.cut()])
    expect(await trial.played(LIST)).toEqual(['- cccc', 'dddd'])
  })

  test('P7: is not one of another stream', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE, 'other')
    await upload.send('0123')
    await trial.put(LIST, mediaList(0, [range(4, 0)]), 'own')
    expect(await trial.served(LIST)).toBeUndefined()
    await upload.end()
    expect(await trial.served(LIST)).toBeUndefined()
  })

  test('a whole entry of a file that still arrives waits for its end', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    await trial.put(LIST, mediaList(0, [FILE]))
    expect(await trial.served(LIST)).toBeUndefined()
    await upload.end()
    expect(await trial.played(LIST)).toEqual(['0123'])
  })
})

describe('a range of a whole file', () => {
  test('P2: that ends behind the file is a hole', async () => {
    const trial = new Trial()
    await trial.put(FILE, '01234567')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(5), range(4, 4)]))
    expect(await trial.played(LIST)).toEqual(['0123'])
    await trial.clock.advance(2_000)
    expect(await trial.played(LIST)).toEqual(['0123', 'GAP', '4567'])
  })

  test('is of the file that the range before it was of, when another came under its name', async () => {
    const trial = new Trial()
    await trial.put(FILE, '01234567')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await trial.put(FILE, '01234567 and more')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [range(4, 0), range(4)]))
  })

  test('P4: is of the file that is still arriving, though a copy of it came to its end sooner', async () => {
    const trial = new Trial()
    const upload = trial.begin(FILE)
    await upload.send('0123')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await trial.put(FILE, '01234567')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    expect(await trial.served(LIST)).toBe(mediaList(0, [range(4, 0)]))
    await upload.send('4567')
    expect(await trial.served(LIST)).toBe(mediaList(0, [range(4, 0), range(4)]))
  })

  test('is of a newer file when the one before it is too short', async () => {
    const trial = new Trial()
    await trial.put(FILE, '0123')
    await trial.put(LIST, mediaList(0, [range(4, 0)]))
    await trial.put(FILE, '01234567')
    await trial.put(LIST, mediaList(0, [range(4, 0), range(4)]))
    expect(await trial.played(LIST)).toEqual(['0123', '4567'])
  })
})
