import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'

/** Where ffmpeg is, or, in one sentence, why it is not to be had. */
export type FoundFfmpeg = { readonly path: string } | { readonly missing: string }

/** Finds ffmpeg: where `setting` says, or, where that is empty, along the `searched` folders of a PATH. */
export function findFfmpeg(setting: string, searched: string): FoundFfmpeg {
  if (setting !== '') {
    const path = resolve(setting)
    return isExecutable(path) ? { path } : { missing: `FFMPEG_PATH ${setting} is no program that can be run.` }
  }
  const folders = searched.split(delimiter).filter(isAbsolute)
  const path = folders.map((folder) => join(folder, 'ffmpeg')).find(isExecutable)
  if (path !== undefined) return { path }
  return {
    missing: 'There is no ffmpeg: no mp4, WebM or pictures are made of recordings. Install it, or set FFMPEG_PATH.',
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
