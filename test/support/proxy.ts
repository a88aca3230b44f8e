import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a server that can fall silent, cut what it carries, or cut after certain bytes went through. */
export interface Proxy {
  readonly port: number;
  /** stops passing bytes in both directions, as a firewall that drops packets does */
  silence(on: boolean): void;
  /** cuts every connection */
  cut(): void;
  /** cuts a connection once a chunk towards the server fits, after passing it on and before anything comes back */
  cutAfter(fits: ((chunk: Buffer) => boolean) | undefined): void;
  close(): Promise<void>;
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let silent = false;
  let cutting: ((chunk: Buffer) => boolean) | undefined;
  const server = createServer((inbound) => {
    const outbound = connect(target.port, target.host);
    const pair = [inbound, outbound];
    let doomed = false;
    for (const socket of pair) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const other of pair) other.destroy();
      });
    }
    inbound.on('data', (chunk: Buffer) => {
      if (silent) return;
      outbound.write(chunk);
      if (!doomed && cutting?.(chunk)) {
        doomed = true;
        // The server has it; what it answers never arrives.
        setTimeout(() => inbound.destroy(), 30);
      }
    });
    outbound.on('data', (chunk: Buffer) => {
      if (!silent && !doomed) inbound.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    silence: (on) => {
      silent = on;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    cutAfter: (fits) => {
      cutting = fits;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
