import { Refused } from '@throughline/kernel/refused';
import { withCorrelation } from './correlation.js';
import { createLogger } from './logger.js';
import { LoggableError } from './safe-error.js';

// Synthetic. None of these may appear in a log line, whatever way it is handed in.
const CANARIES = ['CANARY', 'Zylphandra', '19450312', '123-45-6789', '555-0142', 'MSH|^~'];

const capture = () => {
  const lines: string[] = [];
  const logger = createLogger({ service: 'intake', level: 'trace', to: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
};

const driverError = (): Error =>
  Object.assign(new Error('invalid input syntax for type date: "19450312"'), {
    name: 'QueryFailedError',
    code: '22007',
    table: 'patient',
    detail: 'Key (name)=(CANARY^Zylphandra) already exists.',
    query: 'insert into patient values ($1)',
    parameters: ['CANARY^Zylphandra', '123-45-6789'],
    driverError: Object.assign(new Error('CANARY Zylphandra'), { code: '22007', detail: '555-0142' }),
  });

describe('the logger', () => {
  it('writes JSON in UTC with service, level name and correlation id', () => {
    const { logger, last } = capture();
    withCorrelation('5a2f6f0e-0000-5000-8000-000000000001', () => logger.info({ outcome: 'applied', count: 3 }, 'batch handled'));
    expect(last()).toEqual({
      level: 'info', time: expect.stringMatching(/Z$/), service: 'intake', correlationId: '5a2f6f0e-0000-5000-8000-000000000001',
      outcome: 'applied', count: 3, msg: 'batch handled',
    });
  });

  it('carries the correlation id through awaits, and each thread its own', async () => {
    const { logger, lines } = capture();
    const run = (id: string) => withCorrelation(id, async () => {
      await new Promise(setImmediate);
      logger.info('woken');
    });
    await Promise.all([run('a'), run('b')]);
    expect(lines.map((line) => (JSON.parse(line) as { correlationId: string }).correlationId).sort()).toEqual(['a', 'b']);
  });

  it('keeps name, code and frames of an error and nothing it says about a person', () => {
    const { logger, last } = capture();
    logger.error({ err: driverError() }, 'flush failed');
    const err = last()['err'] as Record<string, string>;
    expect(err).toMatchObject({ name: 'QueryFailedError', code: '22007', table: 'patient' });
    expect(err['stack']).toContain('logger.spec');
    expect(err['message']).toBeUndefined();
  });

  it('keeps messages that are written for the log', () => {
    const { logger, last } = capture();
    logger.error(new LoggableError('topic intake has 3 partitions, 12 are wanted'));
    expect(last()['err']).toMatchObject({ message: 'topic intake has 3 partitions, 12 are wanted' });
    logger.warn({ err: new Refused('not-open', 'The task is closed.') }, 'refused');
    expect(last()['err']).toMatchObject({ name: 'Refused', message: 'not-open: The task is closed.' });
    logger.warn(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }));
    expect(last()['err']).toMatchObject({ message: 'connect ECONNREFUSED 127.0.0.1:5432' });
  });

  it('leaks no canary by any road', () => {
    const { logger, lines } = capture();
    const person = { family: 'CANARY', given: 'Zylphandra', birthDate: '19450312', phone: '555-0142' };
    const cyclic: Record<string, unknown> = { outcome: 'x' };
    cyclic['reason'] = cyclic;
    logger.info(person, 'patient recorded');
    logger.info({ patient: person, body: person, event: { data: person }, value: 'MSH|^~\\&|CANARY' });
    logger.info({ reason: 'CANARY^Zylphandra is dead', outcome: { patient: person }, reasons: ['CANARY Zylphandra', person] });
    logger.info({ req: { url: '/patients?name=CANARY', headers: { authorization: '123-45-6789' } } }, 'request');
    logger.info(cyclic, 'cyclic');
    logger.info('sent to %s', 'CANARY');
    logger.info({ err: driverError(), error: driverError() });
    logger.error(driverError());
    logger.error(driverError(), 'failed');
    logger.error({ err: { name: 'CANARY', message: 'Zylphandra' } }, 'failed');
    logger.error({ err: 'CANARY' }, 'failed');
    logger.error({ err: new AggregateError([driverError()], 'CANARY') }, 'failed');
    logger.error({ err: new Error('CANARY\n    at Zylphandra 19450312', { cause: driverError() }) }, 'failed');
    try {
      JSON.parse('CANARY Zylphandra');
    } catch (err) {
      logger.error({ err }, 'unreadable');
    }
    try {
      (person as unknown as Record<string, () => void>)['CANARY']?.();
      void (undefined as unknown as Record<string, unknown>)['CANARY'];
    } catch (err) {
      logger.error({ err }, 'bug');
    }
    logger.child({ patient: person, service: 'intake', outcome: 'CANARY Zylphandra' }).info('from a child');
    logger.setBindings({ patient: person });
    logger.child({ kind: 'a' }).child({ patient: person }).info('from a grandchild');
    expect(lines).toHaveLength(17);
    expect(lines.filter((line) => CANARIES.some((canary) => line.includes(canary)))).toEqual([]);
  });
});
