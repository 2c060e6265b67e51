import { statfsSync } from 'node:fs'

/** Magic numbers of linux/magic.h. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlayfs'],
  [0x01021994, 'tmpfs'],
])

/** The kind of file system that a folder is on; throws for one in memory, where a sync costs nothing. */
export function fileSystemOf(folder: string): string {
  const name = NAMES.get(statfsSync(folder).type) ?? 'unknown file system'
  if (name === 'tmpfs')
    throw new Error('The folder is in memory, where a sync costs nothing: give one on a disk, --folder.')
  return name
}
