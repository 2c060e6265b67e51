import { expect, test } from 'vitest'
import type { Push } from '../e2e/support/push.ts'
import { ABSOLUTE, FILE_IN_QUERY, FOREIGN_KEY, OWN_KEY, TOKEN } from '../e2e/support/variants.ts'
import { playVariant } from './play-variant.ts'
import { usePlayers } from './players.ts'

const players = usePlayers()

async function expectUploadedKey({ tap, keyServer }: Push): Promise<void> {
  const keys = tap.answers.filter(({ target }) => target === '/live/streams/stream1.key')
  expect(keys.map(({ body }) => body.length)).toContain(16)
  expect(keyServer.reads).toBe(0)
}

async function expectForeignKey({ served, keyServer }: Push): Promise<void> {
  expect(await served('stream1.m3u8')).toContain(`#EXT-X-KEY:METHOD=AES-128,URI="${keyServer.url}"`)
  expect(keyServer.reads).toBeGreaterThan(0)
}

for (const persistent of [0, 1] as const) {
  const connections = `http_persistent ${persistent}`

  test.concurrent(`AES-128 plays with the uploaded key, which viewers read beside the segments, ${connections}`, () =>
    playVariant(players, OWN_KEY, persistent, expectUploadedKey))

  test.concurrent(`AES-128 plays with a foreign key, whose URI is passed on untouched, ${connections}`, () =>
    playVariant(players, FOREIGN_KEY, persistent, expectForeignKey))

  for (const variant of [ABSOLUTE, FILE_IN_QUERY, TOKEN]) {
    test.concurrent(`P7: viewers see nothing of ${variant.name}, ${connections}`, () =>
      playVariant(players, variant, persistent))
  }
}
