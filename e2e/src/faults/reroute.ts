import { Socket } from 'node:net';

/**
 * Loaded into a service with `node --import`: its connections to some ports of this machine go to others instead, where
 * the harness can cut them. Kafka's clients follow the addresses that the brokers tell them, so that settings alone do not
 * lead them through.
 */
const routes = JSON.parse(process.env['FAULT_ROUTES'] ?? '{}') as Readonly<Record<string, number>>;

interface Wanted {
  port?: number | string;
}

const original = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
const rerouted = (port: number | string | undefined): number | string | undefined => routes[String(port)] ?? port;

Socket.prototype.connect = function connect(this: Socket, ...args: unknown[]): Socket {
  const [first] = args;
  if (typeof first === 'number' || typeof first === 'string') args[0] = rerouted(first);
  // `net.connect` hands over its arguments in one array, the options first.
  else if (Array.isArray(first)) first[0] = { ...(first[0] as Wanted), port: rerouted((first[0] as Wanted).port) };
  else if (typeof first === 'object' && first !== null) args[0] = { ...first, port: rerouted((first as Wanted).port) };
  return original.apply(this, args);
} as typeof Socket.prototype.connect;
