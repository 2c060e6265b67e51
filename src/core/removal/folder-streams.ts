import { mayBelongTo, parseName } from '../names.ts'
import type { Clock, Journal } from '../ports.ts'
import { keys, splitAppKey } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { slices } from './slices.ts'

/** A file of an app. */
interface FilePlace {
  readonly app: string
  readonly name: string
}

/** Files that may be of the same streams. */
export interface FilesOfStreams<File extends FilePlace> {
  readonly app: string
  /** The one whose name is the longest, with its folder: the grammar of names has others of which the files may be, too. */
  readonly stream: string
  readonly streams: Set<string>
  readonly files: File[]
}

/** Puts files together by the streams that they may be of: those that are known by their playlists, in the folder of each file. */
export async function byStreams<File extends FilePlace>(
  clock: Clock,
  journal: Journal,
  files: readonly File[],
): Promise<FilesOfStreams<File>[]> {
  const folders = new Map<string, readonly string[]>()
  const groups = new Map<string, FilesOfStreams<File>>()
  for await (const slice of slices(clock, files)) {
    for (const file of slice) {
      const { app, name } = file
      const folder = folderOf(name)
      const known = folders.get(`${app}/${folder}`) ?? (await streamsIn(clock, journal, app, folder))
      folders.set(`${app}/${folder}`, known)
      const base = baseName(name)
      const own = known.filter((stream) => mayBelongTo(base, stream)).map((stream) => folder + stream)
      // The longest comes last.
      const stream = own.at(-1) ?? folder + parseName(base).stream
      const key = `${app}/${stream}`
      const group = groups.get(key) ?? { app, stream, streams: new Set(), files: [] }
      groups.set(key, group)
      for (const each of own) group.streams.add(each)
      group.files.push(file)
    }
  }
  return [...groups.values()]
}

/** The streams that have playlists in a folder, those with shorter names first. */
async function streamsIn(clock: Clock, journal: Journal, app: string, folder: string): Promise<string[]> {
  const found = new Set<string>()
  for await (const slice of slices(clock, journal.entries(keys.playlist(app, folder)))) {
    for (const [key] of slice) {
      const { name } = splitAppKey(key)
      if (folderOf(name) === folder) found.add(parseName(baseName(name)).stream)
    }
  }
  return [...found].sort((one, other) => one.length - other.length)
}
