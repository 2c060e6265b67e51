import { createServer as createHttpServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Recording, startRecordingProxy } from '../../../src/testing/index.ts'

/** What an encoder sends, recorded beside a receiver that gets it on the encoder's own connections, byte for byte. */
export interface WireTee {
  readonly port: number
  readonly recording: Recording
  stop(): Promise<void>
}

/** Starts a tee in front of 127.0.0.1:`receiverPort`, on a free port. */
export async function startWireTee(receiverPort: number): Promise<WireTee> {
  const sink = createHttpServer((request, answer) => {
    request.resume().on('end', () => answer.writeHead(200, { 'Content-Length': 0 }).end())
  })
  const recorder = await startRecordingProxy(await listen(sink))
  const sockets = new Set<Socket>()
  const tee = createServer({ allowHalfOpen: true }, (encoder) => {
    const receiver = connect({ port: receiverPort, host: '127.0.0.1', allowHalfOpen: true })
    const copy = connect({ port: recorder.port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [encoder, receiver, copy]) sockets.add(socket)
    join(encoder, receiver, copy)
  })
  return {
    port: await listen(tee),
    recording: recorder.recording,
    async stop() {
      for (const socket of sockets) socket.destroy()
      tee.close()
      await recorder.stop()
      sink.close()
      sink.closeAllConnections()
    },
  }
}

/** Ends of streams and resets go through as they come: encoders close early, and that is part of the test. */
function join(encoder: Socket, receiver: Socket, copy: Socket): void {
  encoder.pipe(receiver).pipe(encoder)
  encoder.on('error', () => receiver.resetAndDestroy())
  receiver.on('error', () => encoder.resetAndDestroy())
  // No pipe: the recorder must never slow the encoder down.
  encoder.on('data', (bytes) => copy.write(bytes))
  encoder.on('close', () => copy.end())
  encoder.on('end', () => copy.end())
  copy.on('error', () => copy.destroy())
  copy.resume()
}

async function listen(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
