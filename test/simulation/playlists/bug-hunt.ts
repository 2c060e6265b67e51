import { type PlantedBug, plant } from './plant.ts'
import { runPlaylists } from './run.ts'

/** The first of `count` seeds from `from` on whose history shows a planted bug; undefined when none does. */
export async function firstSeedWith(bug: PlantedBug, from: number, count: number): Promise<number | undefined> {
  const Planted = await plant(bug)
  for (let seed = from; seed < from + count; seed++) {
    const { violations } = await runPlaylists(seed, Planted)
    if (violations.some((violation) => bug.shows.test(violation))) return seed
  }
  return undefined
}
