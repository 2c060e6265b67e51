import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { segmentInfo } from '../../src/core/codecs/segment-info.ts'
import { ASSOCIATION, box, bytesOf, programMap, tsPacket, u32, zeros } from '../support/media-bytes.ts'

const whole = (hex: string) => ({ content: contentOf(bytesOf(hex)), range: undefined })
const tell = (name: string, hex: string, init?: string) => segmentInfo(name, whole(hex), init ? whole(init) : undefined)

describe('an MPEG-TS segment tells the streams of its program', () => {
  const SPS = '00000001 6742c00cda05067e7c0440000003004000000c83c50aa8 00000001 68ce'
  const pes = (hex: string) => `000001e0 0000 800005 2100010001 ${hex}`
  const AAC_FRAME = 'fff14c80 01fffc'
  const video = tsPacket(0x101, true, pes(SPS))
  const sound = tsPacket(0x102, true, pes(AAC_FRAME))
  const tables = (map: string) => tsPacket(0, true, ASSOCIATION) + tsPacket(0x100, true, `00${map}`)
  const AVC_AAC = programMap([0x1b, 0x101], [0x0f, 0x102])

  test('pictures first', async () => {
    const told = await tell('a.ts', tables(programMap([0x0f, 0x102], [0x1b, 0x101])) + sound + video)
    expect(told).toEqual({ codecs: ['avc1.42c00c', 'mp4a.40.2'], size: { width: 320, height: 180 }, frameRate: 25 })
  })

  test('where its map is spread over packets, and begins behind something else', async () => {
    const [one, two] = [AVC_AAC.slice(0, 24), AVC_AAC.slice(24)]
    const spread = tsPacket(0x100, true, `03ffffff${one}`) + tsPacket(0x100, false, two)
    const told = await tell('a.ts', tsPacket(0, true, ASSOCIATION) + spread + video + sound)
    expect(told.codecs).toEqual(['avc1.42c00c', 'mp4a.40.2'])
  })

  test('where the parameters are spread over packets, and others come between', async () => {
    const all = pes(SPS).replaceAll(' ', '')
    const parts = tsPacket(0x101, true, all.slice(0, 50)) + sound + tsPacket(0x101, false, all.slice(50))
    expect((await tell('a.ts', tables(AVC_AAC) + parts)).codecs).toEqual(['avc1.42c00c', 'mp4a.40.2'])
  })

  test.each([100, 3_000, 60_000])('where %i bytes of something else stand before the parameters', async (count) => {
    const filler = `000001e0 0000 800005 2100010001 00000001 06${'55'.repeat(150)}`
    const before = tsPacket(0x101, true, filler).repeat(Math.ceil(count / 150))
    const behind = tsPacket(0x101, false, '55'.repeat(184)).repeat(100)
    expect((await tell('a.ts', tables(AVC_AAC) + sound + before + video + behind)).codecs).toHaveLength(2)
  })

  test.each([
    ['timed metadata is none', [0x15, 0x103], ['avc1.42c00c', 'mp4a.40.2']],
    ['nor are cues of advertisements', [0x86, 0x103], ['avc1.42c00c', 'mp4a.40.2']],
    ['AC-3 of ATSC', [0x81, 0x103], ['avc1.42c00c', 'mp4a.40.2', 'ac-3']],
    ['E-AC-3 by its descriptor', [0x06, 0x103, '520101 7a0100'], ['avc1.42c00c', 'mp4a.40.2', 'ec-3']],
    ['subtitles by theirs', [0x06, 0x103, '5908 656e671000010001'], ['avc1.42c00c', 'mp4a.40.2']],
    ['Opus by its registration', [0x06, 0x103, '0504 4f707573'], ['avc1.42c00c', 'mp4a.40.2', 'Opus']],
  ] as const)('codecs: %s', async (_what, stream, codecs) => {
    const map = programMap([0x1b, 0x101], [0x0f, 0x102], stream)
    expect((await tell('a.ts', tables(map) + video + sound)).codecs).toEqual(codecs)
  })

  test.each([
    ['is of a type that nobody knows', programMap([0x1b, 0x101], [0x0f, 0x102], [0xd1, 0x103])],
    ['is private, and does not say what it is', programMap([0x1b, 0x101], [0x0f, 0x102], [0x06, 0x103])],
    ['has no bytes in it', programMap([0x1b, 0x101], [0x0f, 0x103])],
  ])('no codecs, but the size, where one %s: a list without it would mislead', async (_what, map) => {
    const told = await tell('a.ts', tables(map) + video + sound)
    expect(told).toEqual({ codecs: [], size: { width: 320, height: 180 }, frameRate: 25 })
  })
})

describe('packed audio tells its codec behind its ID3 tags', () => {
  const tag = `494433 0400 00 00000201 ${zeros(257)}`
  test.each([
    ['a.aac', `${tag}${tag}fff14c80 01fffc ${zeros(9)}`, ['mp4a.40.2']],
    ['a.mp3', `${tag}fffb9064 ${zeros(9)}`, ['mp4a.40.34']],
    ['a.ac3', `${tag}0b77 ${zeros(9)}`, ['ac-3']],
    ['a.ec3', `0b77 ${zeros(9)}`, ['ec-3']],
    ['a.ec3', `0b78 ${zeros(9)}`, []],
    ['a.aac', tag, []],
  ])('%s', async (name, hex, codecs) => {
    expect(await tell(name, hex)).toEqual({ codecs })
  })
})

describe('the first fragment of an fMP4 segment tells how many pictures there are in a second', () => {
  const TIMESCALE = 30_000
  const entry = box('avc1', zeros(24), '028001 68'.replace(' ', ''), zeros(50), box('avcC', '0164001effe1'))
  const track = (id: number, handler: string, description: string) =>
    box(
      'trak',
      box('tkhd', zeros(12), u32(id), zeros(60)),
      box(
        'mdia',
        box('mdhd', zeros(12), u32(TIMESCALE), zeros(8)),
        box('hdlr', zeros(8), Buffer.from(handler).toString('hex'), zeros(12)),
        box('minf', box('stbl', box('stsd', zeros(4), u32(1), description))),
      ),
    )
  const trex = (id: number, duration: number) =>
    box('mvex', box('trex', zeros(4), u32(id), u32(1), u32(duration), zeros(8)))
  const init = (duration = 0) =>
    box('ftyp', zeros(8)) +
    box('moov', track(1, 'soun', box('Opus', zeros(28))), track(2, 'vide', entry), trex(2, duration))
  const tfhd = (id: number, duration?: number) =>
    duration === undefined ? box('tfhd', u32(0), u32(id)) : box('tfhd', u32(8), u32(id), u32(duration))
  const trun = (...durations: readonly number[]) =>
    box('trun', u32(0x100), u32(durations.length), ...durations.map(u32))
  const counted = (count: number) => box('trun', u32(0), u32(count))
  const moof = (...boxes: readonly string[]) => box('moof', box('mfhd', zeros(8)), ...boxes)

  test.each([
    ['written for each', moof(box('traf', tfhd(2), trun(1_001, 1_001, 1_001))), 0, 30_000 / 1_001],
    ['rounded by one', moof(box('traf', tfhd(2), trun(500, 501, 500, 501))), 0, 30_000 / 500.5],
    ['the same for all of a fragment', moof(box('traf', tfhd(2, 1_200), counted(50))), 1, 25],
    ['the same for all', moof(box('traf', tfhd(2), counted(50))), 1_200, 25],
    ['behind the sound', moof(box('traf', tfhd(1, 960), counted(5)), box('traf', tfhd(2, 1_200), counted(50))), 0, 25],
    ['not as long as each other', moof(box('traf', tfhd(2), trun(1_000, 2_000, 1_000))), 0, undefined],
    ['not there', moof(box('traf', tfhd(1, 960), counted(5))), 1_200, undefined],
    ['of no length', moof(box('traf', tfhd(2), counted(5))), 0, undefined],
    ['as many as nobody shows', moof(box('traf', tfhd(2, 1), counted(5))), 0, undefined],
  ])('by their durations: %s', async (_what, segment, byDefault, frameRate) => {
    const told = await tell('a.m4s', box('styp', zeros(8)) + segment + box('mdat', zeros(5)), init(byDefault))
    const size = { width: 640, height: 360 }
    expect(told).toEqual({ codecs: ['avc1.64001e', 'Opus'], size, ...(frameRate === undefined ? {} : { frameRate }) })
  })

  test('metadata is no codec, and an encrypted track leaves none', async () => {
    const withTrack = (handler: string, type: string) =>
      box('moov', track(2, 'vide', entry), track(3, handler, box(type, zeros(28))))
    expect((await tell('a.m4s', '', withTrack('meta', 'urim'))).codecs).toEqual(['avc1.64001e'])
    expect((await tell('a.m4s', '', withTrack('soun', 'enca'))).codecs).toEqual([])
  })

  test('a range of a file is read, and nothing else of it', async () => {
    const fragment = moof(box('traf', tfhd(2, 1_200), counted(50)))
    const bytes = bytesOf(init() + fragment)
    const length = init().length / 2
    const content = contentOf(bytes)
    const part = (start: number, end: number) => ({ content, range: { start, end } })
    const told = (segment: ReturnType<typeof part>) => segmentInfo('a.mp4', segment, part(0, length))
    expect((await told(part(length, bytes.length))).frameRate).toBe(25)
    expect((await told(part(length, length + 8))).frameRate).toBeUndefined()
    expect((await told(part(bytes.length + 5, bytes.length + 9))).codecs).toEqual(['avc1.64001e', 'Opus'])
  })
})
