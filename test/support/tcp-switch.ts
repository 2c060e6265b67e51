import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Connections to a port that another one may take the place of, as behind a load balancer. */
export interface TcpSwitch {
  readonly port: number
  /** New connections go to this port of 127.0.0.1; those to the one before are reset. */
  to(port: number): void
  /** Connections are taken, and nothing comes through, until `release`, which resets them. */
  hold(): void
  release(): void
  stop(): Promise<void>
}

/** Starts a switch on a free port of 127.0.0.1, in front of `port`. */
export async function startTcpSwitch(port: number): Promise<TcpSwitch> {
  let target = port
  let isHeld = false
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const server = createServer((incoming) => {
    keep(incoming)
    if (isHeld) {
      incoming.pause()
      return
    }
    const onward = keep(connect(target, '127.0.0.1'))
    incoming.pipe(onward).pipe(incoming)
    incoming.once('close', () => onward.destroy())
    onward.once('close', () => incoming.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    to(next) {
      target = next
      reset()
    },
    hold() {
      isHeld = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    release() {
      isHeld = false
      reset()
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        reset()
      }),
  }
}
