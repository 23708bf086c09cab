import { createServer } from 'node:net';
import { freePort, freePorts, portIsFree } from '../src/ports.js';

test('free ports are free and all different', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(await Promise.all(ports.map((port) => portIsFree(port)))).not.toContain(false);
});

test('a port in use is not free', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await portIsFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});
