import { createServer, type Server } from 'node:net';

const listen = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** Ports that nobody listens on, all different: held together while they are looked for, then let go. */
export const freePorts = async (count: number, host = '127.0.0.1'): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(host, 0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  return ports;
};

export const freePort = async (host?: string): Promise<number> => (await freePorts(1, host))[0]!;

export const portIsFree = async (port: number, host = '127.0.0.1'): Promise<boolean> => {
  try {
    await close(await listen(host, port));
    return true;
  } catch {
    return false;
  }
};
