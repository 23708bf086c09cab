import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Refused } from '@throughline/kernel/refused';
import { CareServer } from '../../src/transport/care-server.js';
import { eventsController } from '../../src/transport/events-controller.js';
import type { EventHandlers } from '../../src/transport/events-controller.js';

const serve = async (handlers: EventHandlers, types: readonly string[]) => {
  let stopped = 0;
  @Module({ controllers: [eventsController(handlers)] })
  class Toy {}
  const strategy = new CareServer({ types, open: async () => async () => void stopped++ });
  const app = await NestFactory.createMicroservice(Toy, { strategy, logger: false });
  return { strategy, app, stopped: () => stopped };
};

describe('care server', () => {
  it('hands event and Tx to the handler of the type, and the real error back', async () => {
    const got: unknown[] = [];
    const refusal = new Refused('closed', 'It is closed.');
    const { app, strategy, stopped } = await serve(
      {
        'care.a.b.v1': async (event, tx) => void got.push(event, tx),
        'care.a.c.v1': async () => {
          throw refusal;
        },
      },
      ['care.a.b.v1', 'care.a.c.v1'],
    );
    await app.listen();
    const event = { id: '1' };
    const tx = { rows: [] };
    await strategy.handle('care.a.b.v1', event, tx);
    expect(got[0]).toBe(event);
    expect(got[1]).toBe(tx);
    await expect(strategy.handle('care.a.c.v1', event, tx)).rejects.toBe(refusal);
    await expect(strategy.handle('care.none.v1', event, tx)).rejects.toThrow('No handler for care.none.v1');
    await app.close();
    expect(stopped()).toBe(1);
  });

  it('does not start while a type has no handler', async () => {
    const { app } = await serve({ 'care.a.b.v1': async () => undefined }, ['care.a.b.v1', 'care.a.c.v1']);
    await expect(app.listen()).rejects.toThrow('No handler for care.a.c.v1');
  });
});
