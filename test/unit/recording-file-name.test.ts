import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safePart } from '../../src/core/upload-path.ts'
import { safeRecordingName } from '../../src/http/routes/rest/file-name.ts'

test.each([
  ['talk', 'talk'],
  ['talk.mp4', 'talk'],
  ['talk.MP4', 'talk'],
  ['talk.webm', 'talk.webm'],
  ['a/b', 'a_b'],
  ['a//\\b', 'a_b'],
  ['a\r\nb\tc', 'a__b_c'],
  ['../../etc/passwd', '_._.._etc_passwd'],
  ['..', '_.'],
  ['.mp4', '_mp4'],
  ['a?b#c%d:e', 'a_b_c_d_e'],
  ['%2e%2e%2f', '_2e_2e_2f'],
  ['\u0000\u007f', '__'],
  ['Grüße 日本', 'Grüße 日本'],
  ['', undefined],
  ['x'.repeat(500), 'x'.repeat(120)],
  ['日'.repeat(120), '日'.repeat(53)],
  ['🎥'.repeat(120), '🎥'.repeat(40)],
  [`${'x'.repeat(130)}.mp4`, 'x'.repeat(120)],
])('%j becomes %j', (name, safe) => {
  expect(safeRecordingName(name, 'mp4')).toBe(safe)
})

test('whatever is asked for, the name is one that an upload could have, and as short as it must be', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('mp4', 'webm'), (name, format) => {
      const safe = safeRecordingName(name.replace(/\p{Surrogate}/gu, ''), format)
      if (safe === undefined) return
      expect(safePart(`${safe}.${format}`)).toBe(`${safe}.${format}`)
      expect(safe.length).toBeLessThanOrEqual(120)
      expect(new TextEncoder().encode(safe).length).toBeLessThanOrEqual(160)
    }),
  )
})
