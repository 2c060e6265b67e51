import { NAMES_AT_ONCE } from '../limits.ts'
import type { MakeTask } from '../making/task.ts'
import { keys, splitAppKey, toText } from '../records.ts'
import type { KeepingParts } from './keep-named.ts'
import type { VodNames } from './vod-names.ts'
import type { Vods } from './vods.ts'

/** What finds files that nothing knows of. */
export interface OrphansParts extends KeepingParts {
  readonly vods: Vods
  readonly names: VodNames
  /** What is to be made, or failed, by now. */
  readonly tasks: readonly MakeTask[]
}

/**
 * Removes the files of names that neither a VoD nor a job has: the receiver, or a job, ended between keeping them and making them
 * known. Looks at the names there are when it is called, one after the other, until `signal` is aborted. The names are not given again.
 */
export async function removeOrphans(parts: OrphansParts, signal: AbortSignal): Promise<void> {
  const { host, journal, products } = parts
  const all = [...journal.entries(keys.vodNames)].map(([key]) => key)
  // What becomes of them is known then, what comes later has other names.
  const meant = new Set(
    parts.tasks.flatMap((task) => (task.kind === 'file' ? [keys.vodName(task.app, task.file)] : [])),
  )
  for (const [index, key] of all.entries()) {
    if ((index + 1) % NAMES_AT_ONCE === 0) await new Promise<void>((resolve) => host.clock.after(0, resolve))
    if (signal.aborted) return
    const { app, name: file } = splitAppKey(key)
    if (meant.has(key) || isKnown(parts, app, file)) continue
    try {
      await products.discard('vod', app, file)
      await journal.commit([{ key, value: null }])
      host.log.info('unknown file removed', { app, file })
    } catch (cause) {
      host.log.warn('file not removed', { app, file, cause })
    }
  }
}

function isKnown({ journal, vods, names }: OrphansParts, app: string, file: string): boolean {
  const vodId = journal.get(keys.vodName(app, file))
  const isOfOther = vodId === undefined || journal.get(keys.object(app, file)) !== undefined
  if (isOfOther || names.isGiven(app, file)) return true
  return vods.find(app, toText(vodId))?.file === file
}
