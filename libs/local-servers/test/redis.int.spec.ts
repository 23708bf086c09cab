import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../src/ports.js';
import { startRedis, type LocalRedis } from '../src/redis.js';

const withRedis = async <T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(url);
  return work(redis).finally(() => redis.disconnect());
};

describe('a private Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  let port: number;
  let server: LocalRedis;
  beforeAll(async () => {
    port = await freePort();
    server = await startRedis({ folder, port });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('keeps its data in an append-only file over stop and kill -9', async () => {
    expect(await withRedis(server.url, (redis) => redis.config('GET', 'appendfsync'))).toEqual(['appendfsync', 'everysec']);
    await withRedis(server.url, (redis) => redis.set('a', '1'));
    await server.stop();
    server = await startRedis({ folder, port });
    await withRedis(server.url, (redis) => redis.set('b', '2'));
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    server = await startRedis({ folder, port });
    expect(await withRedis(server.url, (redis) => redis.mget('a', 'b'))).toEqual(['1', '2']);
  });

  test('a taken port is a clear error', async () => {
    await expect(startRedis({ folder: `${folder}-other`, port })).rejects.toThrow(`Port ${port} is taken`);
    rmSync(`${folder}-other`, { recursive: true, force: true });
  });
});
