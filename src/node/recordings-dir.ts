import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import { ConfigError } from '../config/schema.ts'
import type { ObjectStore } from '../core/object-store.ts'
import { appLayout } from '../stores/app-layout.ts'
import { lockData } from './data-lock.ts'
import { diskStore } from './disk-store.ts'
import { syncFolder } from './files.ts'

/** Files lie in it as `APP/NAME`. */
const LAYOUT = { streams: ':app', previews: ':app/previews' }

/**
 * Opens a folder of its own for videos that are made of recordings. Throws ConfigError when another receiver has it, or where it and the
 * data folder lie within each other.
 */
export async function openRecordingsDir(path: string, dataDir: string): Promise<ObjectStore> {
  mkdirSync(path, { recursive: true })
  const root = realpathSync(path)
  const isWithin = (inner: string, outer: string) => `${inner}${sep}`.startsWith(`${outer}${sep}`)
  if (isWithin(root, dataDir) || isWithin(dataDir, root)) {
    throw new ConfigError(`RECORDINGS_DIR ${root} and DATA_DIR ${dataDir} may not lie within each other.`)
  }
  const own = join(root, '.receiver')
  const scratch = join(own, 'scratch')
  mkdirSync(scratch, { recursive: true })
  const unlock = await lockData(root, 'RECORDINGS_DIR')
  for (const name of readdirSync(scratch)) rmSync(join(scratch, name))
  for (const folder of [root, own]) await syncFolder(folder)
  const store = appLayout(diskStore(root, scratch), LAYOUT)
  return { ...store, close: () => store.close().finally(unlock) }
}
