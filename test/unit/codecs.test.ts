import { describe, expect, test } from 'vitest'
import { adtsInfo, mpegAudioInfo } from '../../src/core/codecs/audio-frames.ts'
import { h264Info } from '../../src/core/codecs/h264.ts'
import { hevcInfo } from '../../src/core/codecs/hevc.ts'
import { sampleEntries } from '../../src/core/codecs/sample-entries.ts'
import { BitWriter } from '../support/bit-writer.ts'
import { box, bytesOf, zeros } from '../support/media-bytes.ts'

/** NAL units as they stand in a byte stream, behind others. */
const inStream = (hex: string, first: string) => bytesOf(`00000001${first}f000000001${hex}00000001${first}f0`)

describe('a sequence parameter set of H.264 tells profile, level, the size that is shown, and pictures in a second', () => {
  test.each([
    ['a baseline', '6742c00cda05067e7c0440000003004000000c83c50aa8', 'avc1.42c00c', 320, 180, 25],
    ['1080 lines of 1088', '6742c028da01e0089f97011000003e90000ea600f1832a', 'avc1.42c028', 1920, 1080, 30_000 / 1_001],
    ['cropped both ways', '6764001facd940a42fe224c044000003000400000301903c60c658', 'avc1.64001f', 642, 362, 50],
    ['interlaced', '6764001eacd940b424d8088000000300800000190f8a14cb', 'avc1.64001e', 720, 576, 25],
    ['1080 interlaced lines', '67640028acd94078044fde0220000003002000000643e2c5b2c0', 'avc1.640028', 1920, 1080, 25],
    ['4:4:4', '67f4001e919b281485fc7cf808800000030080000018078b16cb', 'avc1.f4001e', 642, 362, 24],
  ])('%s', (_what, hex, codec, width, height, frameRate) => {
    expect(h264Info(inStream(hex, '09'))).toEqual({ codec, isVideo: true, size: { width, height }, frameRate })
  })

  test.each([1, 6, 12, 15])('and nothing when it is cut after %i bytes', (count) => {
    const whole = inStream('6742c00cda05067e7c0440000003004000000c83c50aa8', '09')
    expect(h264Info(whole.subarray(0, 10 + count))).toBeUndefined()
  })
})

describe('a sequence parameter set of H.265 tells the same', () => {
  const main = '420101016000000300900000030000030078a003c0801107cb965654a4c2f01680800001f480003a9804'
  const main10 = '42010102200000030090000003000003003fa005020169d5365959a4932bc05a020000030002000003003210'
  test.each([
    ['1080 lines of 1088', main, 'hvc1.1.6.L120.90', 1920, 1080, 30_000 / 1_001],
    ['ten bits', main10, 'hvc1.2.4.L63.90', 638, 358, 25],
  ])('%s', (_what, hex, codec, width, height, frameRate) => {
    expect(hevcInfo(inStream(hex, '4601'))).toEqual({ codec, isVideo: true, size: { width, height }, frameRate })
  })

  test('behind sets of reference pictures, scaling lists and uncompressed blocks', () => {
    expect(hevcInfo(inStream(hevcWithAll(), '4601'))).toEqual({
      codec: 'hvc1.A4.8.H153.b0',
      isVideo: true,
      size: { width: 630, height: 350 },
      frameRate: 50,
    })
  })
})

/** A parameter set with most of what there may be before its timing. */
function hevcWithAll(): string {
  const bits = new BitWriter()
  bits.bits(0x4201, 16).bits(0, 4).bits(1, 3).bits(1, 1)
  bits.bits(0b01_1_00100, 8).bits(0x10000000, 32).bits(0xb0, 8).bits(0, 32).bits(0, 8).bits(153, 8)
  // One sub-layer with a profile and a level of its own.
  bits.bits(0b11, 2).bits(0, 14).bits(0, 32).bits(0, 32).bits(0, 32)
  bits.golombs(0, 1, 640, 360).bits(1, 1).golombs(1, 4, 2, 3)
  bits.golombs(0, 0, 4).bits(1, 1).golombs(1, 2, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0)
  bits.bits(0b11, 2)
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (matrix === 0) bits.bits(0, 1).golombs(0)
      else {
        bits.bits(1, 1)
        if (size > 1) bits.golombs(5)
        for (let index = 0; index < Math.min(64, 4 ** (2 + size)); index++) bits.golombs(index % 3)
      }
    }
  }
  bits.bits(0b11, 2).bits(1, 1).bits(0x77, 8).golombs(0, 1).bits(1, 1)
  // Two pictures before and one behind; then a set told by that one: four flags, one of them followed by another.
  bits.golombs(2).golombs(2, 1).golombs(0).bits(1, 1).golombs(0).bits(1, 1).golombs(1).bits(0, 1)
  bits.bits(1, 1).bits(0, 1).golombs(0).bits(0b1_1_01_1, 5)
  bits.bits(1, 1).golombs(1).bits(0, 8).bits(1, 1).bits(0b01, 2)
  bits.bits(1, 1).bits(1, 1).bits(255, 8).bits(0x00010001, 32).bits(0, 1)
  bits.bits(1, 1).bits(0b1010, 4).bits(1, 1).bits(0x010101, 24).bits(1, 1).golombs(0, 0)
  bits.bits(0, 3).bits(1, 1).golombs(0, 0, 0, 0).bits(1, 1).bits(1, 32).bits(50, 32).bits(0, 8)
  return bits.escapedHex()
}

test('the first frames of a sound tell its codec, wherever they begin', () => {
  const frame = 'fff14c8001fffc'
  expect(adtsInfo(bytesOf(`12fff0${frame}0000000000000000${frame}`))?.codec).toBe('mp4a.40.2')
  expect(adtsInfo(bytesOf('fff10c8001fffc'))?.codec).toBe('mp4a.40.1')
  expect(adtsInfo(bytesOf('00'.repeat(50)))).toBeUndefined()
  expect(mpegAudioInfo(bytesOf('00fffb9064'))?.codec).toBe('mp4a.40.34')
  expect(mpegAudioInfo(bytesOf('fffda804'))?.codec).toBe('mp4a.40.33')
})

describe('a sample entry tells its codec, and the size of its pictures', () => {
  const sizes = '014000b4'
  const video = (type: string, config: string) => box(type, `${zeros(24)}${sizes}${zeros(50)}${config}`)
  const audio = (type: string, config = '') => box(type, `${zeros(28)}${config}`)
  const described = (entry: string) => new DataView(bytesOf(`0000000000000001${entry}`).buffer)
  const aac = (specific: string) =>
    box('esds', `00000000 0319000200 0411 4015 ${zeros(11)} 0502${specific}`.replaceAll(' ', ''))

  test.each([
    ['avc1', box('avcC', '0164001effe1'), 'avc1.64001e'],
    ['avc3', box('avcC', '0142c00dffe1'), 'avc3.42c00d'],
    ['hvc1', box('hvcC', '0101600000009000000000005df0'), 'hvc1.1.6.L93.90'],
    ['hev1', box('hvcC', '012220000000b000000000007bf0'), 'hev1.2.4.H123.b0'],
    ['av01', box('av1C', '81080c00'), 'av01.0.08M.08'],
    ['av01', box('av1C', '812d4c00'), 'av01.1.13M.10'],
    ['av01', box('av1C', '814de000'), 'av01.2.13H.12'],
    ['vp09', box('vpcC', '00000000021fa20202020000'), 'vp09.02.31.10'],
    ['avc1', box('free', '00'), undefined],
    ['encv', box('avcC', '0164001effe1'), undefined],
  ])('%s with %s', (type, config, codec) => {
    const size = { width: 320, height: 180 }
    expect(sampleEntries(described(video(type, config)), true)).toEqual([{ codec, isVideo: true, size }])
  })

  test.each([
    ['mp4a', aac('1190'), 'mp4a.40.2'],
    ['mp4a', aac('2b92'), 'mp4a.40.5'],
    ['mp4a', aac('f940'), 'mp4a.40.42'],
    ['mp4a', box('esds', `00000000 0380808022 000200 0480808014 6b15 ${zeros(11)}`.replaceAll(' ', '')), 'mp4a.6B'],
    ['Opus', '', 'Opus'],
    ['ac-3', '', 'ac-3'],
    ['ec-3', '', 'ec-3'],
    ['mp4a', '', undefined],
    ['enca', aac('1190'), undefined],
  ])('%s with %s: %s', (type, config, codec) => {
    expect(sampleEntries(described(audio(type, config)), false)).toEqual([{ codec, isVideo: false }])
  })
})
