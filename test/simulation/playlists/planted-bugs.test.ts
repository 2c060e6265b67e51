import { expect, test } from 'vitest'
import { firstSeedWith } from './bug-hunt.ts'
import { PLANTED_BUGS } from './planted-bugs.ts'

/** Histories within which a planted bug must show. */
const PATIENCE = 100

test.each(PLANTED_BUGS)('the simulation finds a planted bug $what', async (bug) => {
  expect(await firstSeedWith(bug, 1, PATIENCE)).toBeDefined()
})
