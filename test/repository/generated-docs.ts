import { fileURLToPath } from 'node:url'
import { configurationReference } from '../../src/config/reference.ts'
import { errorsReference } from '../../src/http/errors-reference.ts'
import { findingsReference } from '../../src/http/findings-reference.ts'
import { webhooksReference } from '../../src/http/webhooks-reference.ts'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Pages that are made from the source: path below the root → text. */
export const GENERATED_DOCS: ReadonlyMap<string, () => string> = new Map([
  ['docs/configuration.md', configurationReference],
  ['docs/errors.md', errorsReference],
  ['docs/playlists.md', findingsReference],
  ['docs/webhooks.md', webhooksReference],
])
