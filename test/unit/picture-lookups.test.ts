import { expect, test } from 'vitest'
import { mayBePicture } from '../../src/core/products/product-names.ts'
import { keys, toBytes } from '../../src/core/records.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'

test('P6: the bucket is asked for pictures of streams that are known, and for no others', async () => {
  const journal = memoryJournal()
  await journal.commit([
    { key: keys.picture('live', 'cam_1'), value: toBytes('cam') },
    { key: keys.playlist('live', 'gate_480p.m3u8'), value: toBytes('{}') },
  ])
  const asked = [
    'cam_1.png',
    'gate.png',
    'gate_finished.png',
    'cam_2.png',
    'gate_7.png',
    'x.png',
    '_finished.png',
    '.png',
  ]
  expect(asked.filter((name) => mayBePicture(journal, 'live', name))).toEqual([
    'cam_1.png',
    'gate.png',
    'gate_finished.png',
  ])
  expect(mayBePicture(journal, 'other', 'cam_1.png')).toBe(false)
})
