import { LoadGenerator } from './load-generator.js';
import type { Cut, FromLoad, Order, ResultOf } from './load-protocol.js';

/** The load generator's process: takes orders over the channel of whoever started it, and leaves when that closes. */
const tell = (message: FromLoad): void => void (process.connected && process.send?.(message));

let generator: LoadGenerator | undefined;
const started = (): LoadGenerator => {
  if (!generator) throw new Error('There is nothing to send to yet');
  return generator;
};

const obey = async (order: Order): Promise<ResultOf[Order['do']]> => {
  switch (order.do) {
    case 'begin':
      generator = new LoadGenerator(order.settings);
      await generator.begin();
      setInterval(() => tell({ progress: started().progress }), 500).unref();
      return null;
    case 'adt':
      return started().adt(order.connections, order.warmSeconds, order.seconds);
    case 'offer':
      return started().offer(order.rate, order.seconds, order.skipSeconds);
    case 'push':
      return started().push(order);
    case 'drain':
      return started().drain(order.seconds);
    case 'end':
      await started().end();
      return null;
  }
};

process.on('message', (order: Order | Cut) => {
  if ('cut' in order) return started().cut();
  obey(order).then(
    (result) => tell({ result }),
    (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
// The terminal's Ctrl-C reaches everyone; the driver decides.
process.on('SIGINT', () => undefined);
