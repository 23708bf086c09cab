import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../src/ports.js';
import { startPostgres, type LocalPostgres } from '../src/postgres.js';

const ask = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query<Record<string, unknown>>(text).then((result) => result.rows).finally(() => client.end());
};

describe('a private PostgreSQL', () => {
  const home = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const folder = join(home, 'postgres');
  const lines: string[] = [];
  let port: number;
  let server: LocalPostgres;
  const start = (): Promise<LocalPostgres> => startPostgres({ folder, port, maxConnections: 57, database: 'throughline', progress: (line) => lines.push(line) });

  beforeAll(async () => {
    // As root the server runs as another account, which has to get in.
    chmodSync(home, 0o711);
    port = await freePort();
    server = await start();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test('listens with the settings asked for, speaks UTF-8, and tells how far it is', async () => {
    expect(await ask(server.url(), `select current_database() as db, current_setting('max_connections') as connections, lower('ÄÉ') as lower`)).toEqual([
      { db: 'throughline', connections: '57', lower: 'äé' },
    ]);
    expect(lines.some((line) => line.includes('making the data folder'))).toBe(true);
    expect(lines.at(-1)).toBe(`PostgreSQL: ready on port ${port}`);
  });

  test('asks for the password, which only its owner can read', async () => {
    expect(statSync(`${folder}.password`).mode & 0o777).toBe(0o600);
    const wrong = new URL(server.url());
    wrong.password = 'guess';
    await expect(ask(wrong.toString(), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('a second start on the same folder is a clear error', async () => {
    await expect(startPostgres({ folder, port: await freePort() })).rejects.toThrow(/already running on this folder/);
  });

  test('a taken port is a clear error', async () => {
    await expect(startPostgres({ folder: join(home, 'other'), port })).rejects.toThrow(`Port ${port} is taken`);
  });

  test('keeps what was committed over a stop and over kill -9', async () => {
    await ask(server.url(), 'create table kept (n int)');
    await server.stop();
    server = await start();
    await ask(server.url(), 'insert into kept values (1)');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    lines.length = 0;
    server = await start();
    expect(lines).toContain('PostgreSQL: recovering after an unclean end');
    expect(await ask(server.url(), 'select n from kept')).toEqual([{ n: 1 }]);
  });

  test("a stale postmaster.pid that names somebody else's process does not stop the start", async () => {
    await server.stop();
    expect(existsSync(join(folder, 'PG_VERSION'))).toBe(true);
    writeFileSync(join(folder, 'postmaster.pid'), `${process.pid}\n${folder}\n0\n${port}\n\n127.0.0.1\n`);
    server = await start();
    expect(await ask(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a server that outlived its owner is stopped by the next start', async () => {
    const run = JSON.parse(readFileSync(`${folder}.run.json`, 'utf8')) as { owner: { pid: number; mark: string } };
    writeFileSync(`${folder}.run.json`, JSON.stringify({ ...run, owner: { pid: 1, mark: 'an earlier life' } }));
    const orphan = server;
    server = await start();
    expect(server.pid).not.toBe(orphan.pid);
    await orphan.exited;
  });
});
