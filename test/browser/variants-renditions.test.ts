import { FOLDERS, ONE_FOLDER } from '../e2e/support/variants.ts'
import { testVariants } from './play-variant.ts'
import { usePlayers } from './players.ts'

testVariants(usePlayers(), [FOLDERS, ONE_FOLDER])
