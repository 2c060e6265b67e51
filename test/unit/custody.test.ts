import { expect, test } from 'vitest'
import { type ArrivingBody, Custody } from '../../src/core/custody.ts'
import { ReceiverError } from '../../src/core/errors.ts'
import { memoryBodyFiles } from '../../src/stores/memory-custody.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** Takes a body of these pieces, which is cut at a piece that says so; `begun` is told of it. */
async function take(pieces: readonly string[], begun: (body: ArrivingBody) => void): Promise<void> {
  const source = {
    declaredBytes: undefined,
    async read(add: (piece: Uint8Array) => Promise<void> | undefined) {
      for (const piece of pieces) {
        if (piece === 'cut') throw new ReceiverError('body-cut')
        await add(new TextEncoder().encode(piece))
      }
    },
  }
  await new Custody(simulatedHost(new FakeClock(), 1), memoryBodyFiles()).take(source, 1_000, (body) => {
    begun(body)
    return () => 0
  })
}

test('P6: who waits for more of a body than ever comes is told when it is over, once', async () => {
  for (const end of [[], ['cut']]) {
    const told: string[] = []
    const taken = take(['0123', '4567', ...end], (body) => {
      for (const bytes of [4, 8, 9]) body.onReceived(bytes, () => told.push(`${bytes} at ${body.received}`))
    })
    await taken.catch(() => undefined)
    expect(told).toEqual(['4 at 4', '8 at 8', '9 at 8'])
  }
})

test('any number of ranges of a body may be waited for', async () => {
  let told = 0
  await take(['0', '1'], (body) => {
    for (let range = 1; range <= 200_000; range++) body.onReceived(range, () => told++)
  })
  expect(told).toBe(200_000)
})
