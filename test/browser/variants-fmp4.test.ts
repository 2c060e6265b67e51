import { FRAGMENTED, FRAGMENTED_RANGES } from '../e2e/support/variants.ts'
import { testVariants } from './play-variant.ts'
import { usePlayers } from './players.ts'

testVariants(usePlayers(), [FRAGMENTED, FRAGMENTED_RANGES])
