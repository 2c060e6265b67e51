import { beforeEach, expect, test } from 'vitest'
import { MAX_UPLOAD_LAGS } from '../../src/core/limits.ts'
import { UploadLags } from '../../src/core/storing/upload-lags.ts'

let ratios: number[]
let lags: UploadLags

beforeEach(() => {
  ratios = []
  lags = new UploadLags({ count() {}, lag: (ratio) => void ratios.push(ratio) })
})

test('a segment counts once, whether it is stored or named first, however often it is named', () => {
  lags.stored('a', 500)
  lags.named('a', 2, false)
  lags.named('b', 2, true)
  lags.stored('b', 3_000)
  for (const key of ['a', 'b']) lags.named(key, 2, false)
  expect(ratios).toEqual([0.25, 1.5])
})

test('what never comes, or has no length, counts nothing and is forgotten', () => {
  lags.stored('a', 500)
  lags.named('a', 0, false)
  lags.named('b', Number.NaN, true)
  lags.stored('b', 1)
  lags.stored('old', 1)
  for (let index = 0; index < MAX_UPLOAD_LAGS; index++) lags.stored(String(index), 1)
  lags.named('old', 1, false)
  expect(ratios).toEqual([])
})
