import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU seconds (user and system) that a process, its children and all their threads have used. Read from the scheduler's
 * own count in nanoseconds: utime and stime of /proc/PID/stat are the same sum in steps of 10 ms, too coarse here.
 */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0
  for (const each of [pid, ...childrenOf(pid)]) {
    for (const task of readdirSync(`/proc/${each}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${each}/task/${task}/schedstat`, 'latin1').split(' ')[0])
    }
  }
  return nanoseconds / 1e9
}

function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`)
  const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1'))
  const children = lists.join(' ').split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...childrenOf(child)])
}
