import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ReceiverClass } from './run.ts'

/** A bug as a change of the compiled core. */
export interface PlantedBug {
  /** In words, and as the name of its folder. */
  readonly what: string
  readonly folder: string
  /** Below dist/core. */
  readonly file: string
  /** Must stand there exactly once. */
  readonly find: string
  readonly replace: string
  /** The violations by which it shows. */
  readonly shows: RegExp
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PLANTED = join(ROOT, 'node_modules/.cache/hls-receiver/planted')

/** The Receiver of a copy of the compiled core (`npm run build`) with a bug in it; fails when its place is not found. */
export async function plant({ folder, file, find, replace }: PlantedBug): Promise<ReceiverClass> {
  const target = join(PLANTED, folder)
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  await cp(join(ROOT, 'dist/core'), target, { recursive: true })
  await writeFile(join(target, 'package.json'), '{"type":"module"}\n')
  const sound = await readFile(join(target, file), 'utf8')
  const places = sound.split(find).length - 1
  if (places !== 1) throw new Error(`${folder}: its place stands ${places} times in dist/core/${file}, not once`)
  await writeFile(
    join(target, file),
    sound.replace(find, () => replace),
  )
  const planted = (await import(pathToFileURL(join(target, 'receiver.js')).href)) as { Receiver: ReceiverClass }
  return planted.Receiver
}
